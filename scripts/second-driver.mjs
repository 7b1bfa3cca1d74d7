// `npm run second-driver` runs all GPU tests in Node on a second Vulkan driver, lavapipe.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './environment.mjs';

const { status } = spawnSync(
  process.execPath,
  [join(root, 'scripts/test.mjs'), 'gpu-second', ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SECOND_DRIVER: 'all' },
  },
);
process.exitCode = status ?? 1;
