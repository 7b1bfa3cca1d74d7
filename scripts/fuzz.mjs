// `npm run fuzz` reads 100,000 hostile files, links and configs, with a seed of this moment; `npm run fuzz -- 500000 7` more, with seed 7.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './environment.mjs';

const [cases = '100000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
console.log(`${cases} cases, seed ${seed}`);
const { status } = spawnSync(process.execPath, [join(root, 'scripts/test.mjs'), 'core', 'tests/hostile'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_CASES: cases, FUZZ_SEED: seed },
});
process.exitCode = status ?? 1;
