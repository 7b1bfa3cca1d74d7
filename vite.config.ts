import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { driverVariables, findSystem, QUIET_FLAGS, WEBGPU_FLAGS } from './scripts/environment.mjs';

const system = findSystem();

// One group after the other, and in each one file after the other: software drivers use every core there is.
const inSequence = (groupOrder: number) => ({ fileParallelism: false, maxWorkers: 1, sequence: { groupOrder } });

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

export default defineConfig({
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
          include: ['tests/{core,state,lab}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'gpu-node',
          environment: 'node',
          include: ['tests/gpu/**/*.test.ts'],
          setupFiles: ['tests/setup-node.ts'],
          // A process for each file: Dawn reads its driver from the environment, and may crash a process.
          pool: 'forks',
          isolate: true,
          env: driverVariables(system.vulkanNode),
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...inSequence(1),
        },
      },
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
          ...inSequence(2),
        },
      },
      pageProject('chromium', 3),
      pageProject('firefox', 4),
    ],
  },
});
