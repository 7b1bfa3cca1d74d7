import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { driverVariables, findSystem, QUIET_FLAGS, WEBGPU_FLAGS } from './scripts/environment.mjs';

const system = findSystem();

// One group after the other, and in each one file after the other: software drivers use every core there is.
const inSequence = (groupOrder: number) => ({ fileParallelism: false, maxWorkers: 1, sequence: { groupOrder } });

// WebGPU in Node: a process for each file, as Dawn reads its driver from the environment, and may crash a process.
const nodeProject = (
  name: string,
  folder: string,
  driver: string | undefined,
  groupOrder: number,
): TestProjectConfiguration => ({
  test: {
    name,
    environment: 'node',
    include: [`tests/${folder}/**/*.test.ts`],
    setupFiles: ['tests/setup-node.ts'],
    pool: 'forks',
    isolate: true,
    env: driverVariables(driver),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...inSequence(groupOrder),
  },
});

const pageProject = (browser: 'chromium' | 'firefox', groupOrder: number): TestProjectConfiguration => ({
  test: {
    name: `page-${browser}`,
    environment: 'node',
    include: ['tests/page/**/*.test.ts'],
    globalSetup: ['tests/page/serve.ts'],
    provide: { browser },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    ...inSequence(groupOrder),
  },
});

/** What the built page may load and run: its own files only, and neither inline scripts and styles nor code made of text. */
const contentPolicy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  // lil-gui's icons.
  'font-src': 'data:',
  // Weights.
  'connect-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      injectTo: 'head-prepend',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content: Object.entries(contentPolicy)
          .map((entry) => entry.join(' '))
          .join('; '),
      },
    },
  ],
};

export default defineConfig({
  plugins: [contentSecurityPolicy],
  // Relative addresses: the built page works from any folder of any server.
  base: './',
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
          include: ['tests/{core,state,stage,lab,hostile}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      nodeProject('gpu-node', 'gpu', system.vulkanNode, 1),
      nodeProject('gpu-half', 'half', system.vulkanHalf, 2),
      {
        test: {
          name: 'gpu-chromium',
          include: ['tests/gpu/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            // Not 'localhost', which a bare container may not know.
            api: { host: '127.0.0.1' },
            provider: playwright({
              launchOptions: {
                executablePath: system.chromium ?? '/usr/bin/chromium',
                args: [...WEBGPU_FLAGS, ...QUIET_FLAGS],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
          ...inSequence(3),
        },
      },
      pageProject('chromium', 4),
      pageProject('firefox', 5),
    ],
  },
});
