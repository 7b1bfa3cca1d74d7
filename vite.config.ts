import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import {
  driverVariables,
  findSystem,
  QUICK_FLAGS,
  QUIET_FLAGS,
  secondTests,
  WEBGPU_FLAGS,
} from './scripts/environment.mjs';
import { contentSecurityPolicy, leanShaders, offline, pageWords, singleFile } from './scripts/page-plugins.ts';
import { document as documentWords } from './src/language/document.ts';

const system = findSystem();
/** True if two drivers are installed and no environment variable chooses one. */
const isOther =
  system.vulkanFirst !== system.vulkanSecond && !process.env.VK_ICD_FILENAMES && !process.env.VK_DRIVER_FILES;

// One group at a time, and in each group one file at a time, because software drivers use every core.
const inSequence = (groupOrder: number) => ({ fileParallelism: false, maxWorkers: 1, sequence: { groupOrder } });

// WebGPU in Node runs in its own process, because Dawn reads its driver from the environment. All files share it, with one device and its kernels.
const nodeProject = (
  name: string,
  tests: readonly string[],
  driver: string | undefined,
  groupOrder: number,
  env: Record<string, string> = {},
): TestProjectConfiguration => ({
  test: {
    name,
    environment: 'node',
    include: tests.map((path) => `tests/${path}{,/**/*}.test.ts`),
    setupFiles: ['tests/support/setup-node.ts'],
    pool: 'forks',
    isolate: false,
    env: { ...driverVariables(driver), ...env },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...inSequence(groupOrder),
  },
});

const pageProject = (
  name: string,
  folder: string,
  browser: 'chromium' | 'firefox',
  groupOrder: number,
): TestProjectConfiguration => ({
  test: {
    name,
    environment: 'node',
    include: [`tests/${folder}/**/*.test.ts`],
    globalSetup: ['tests/page/serve.ts', ...(browser === 'firefox' ? ['tests/page/profile.ts'] : [])],
    provide: { browser },
    isolate: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // The default is a second, within which a busy machine may not draw a frame.
    expect: { poll: { timeout: 150_000, interval: 20 } },
    ...inSequence(groupOrder),
  },
});

/** `vite build --mode single` makes one file of the whole page. */
export default defineConfig(({ mode }) => ({
  plugins: [
    pageWords(documentWords),
    leanShaders(),
    ...(mode === 'single' ? [singleFile()] : [contentSecurityPolicy(), offline()]),
  ],
  // Relative addresses: the built page works from any folder of any server.
  base: './',
  resolve: {
    // three.js from its modules, so that the build leaves out what the page does not use.
    alias: [
      { find: /^three\/webgpu$/, replacement: 'three/src/Three.WebGPU.js' },
      { find: /^three\/tsl$/, replacement: 'three/src/Three.TSL.js' },
      { find: /^three$/, replacement: 'three/src/Three.WebGPU.js' },
    ],
  },
  build: {
    target: 'es2022',
    // three.js alone is larger than the default limit.
    chunkSizeWarningLimit: 2000,
  },
  test: {
    projects: [
      {
        test: {
          name: 'core',
          environment: 'node',
          include: ['tests/{algorithm,formats,shared,state,stage,text,ui,lecture,lab,project,hostile}/**/*.test.ts'],
          // By default vitest leaves a core free.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      nodeProject('gpu-node', ['gpu'], system.vulkanFirst, 1, isOther ? { DRIVER: '^(?!.*llvmpipe)' } : {}),
      nodeProject('gpu-second', secondTests, system.vulkanSecond, 2, { LARGEST_HEAD: '32', DRIVER: 'llvmpipe' }),
      {
        test: {
          name: 'gpu-chromium',
          include: ['tests/gpu/**/*.test.ts'],
          // These ask Node which files ran.
          exclude: ['tests/gpu/**/*.node.test.ts'],
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            // Not 'localhost', because a bare container may not resolve it.
            api: { host: '127.0.0.1' },
            provider: playwright({
              launchOptions: {
                executablePath: system.chromium ?? '/usr/bin/chromium',
                args: [...WEBGPU_FLAGS, ...QUICK_FLAGS, ...QUIET_FLAGS],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
          ...inSequence(3),
        },
      },
      pageProject('page-chromium', 'page', 'chromium', 4),
      pageProject('smoke-firefox', 'smoke', 'firefox', 5),
      pageProject('page-firefox', 'page', 'firefox', 6),
      pageProject('pictures-chromium', 'pictures', 'chromium', 7),
      pageProject('pictures-firefox', 'pictures', 'firefox', 8),
      pageProject('budget', 'budget', 'chromium', 9),
      // Takes an hour, so no other command runs it.
      pageProject('soak', 'soak', 'chromium', 10),
    ],
  },
}));
