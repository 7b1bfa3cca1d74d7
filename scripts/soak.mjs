// `npm run soak` changes the page's controls at random for an hour, at 4096 tokens in Chromium, and prints heap, tensor bytes and frame
// time after each tenth of the time. `npm run soak -- 5 7` runs for five minutes with seed 7.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, ensureSystem, root } from './environment.mjs';

ensurePackages();
ensureSystem();
const [minutes = '60', seed = '1'] = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project=soak'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SOAK_MINUTES: minutes, SOAK_SEED: seed },
  },
);
process.exitCode = status ?? 1;
