// `npm run fuzz` reads 100,000 hostile files, links and configs, seeded from the clock. `npm run fuzz -- 500000 7` reads 500,000 with seed
// 7. It also fails if fewer cases ran than requested.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './environment.mjs';

const [cases = '100000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
console.log(`${cases} cases, seed ${seed}`);
const tests = spawn(process.execPath, [join(root, 'scripts/test.mjs'), 'core', 'tests/hostile'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, FUZZ_CASES: cases, FUZZ_SEED: seed },
});
let ran = 0;
createInterface({ input: tests.stdout }).on('line', (line) => {
  console.log(line);
  ran += Number(/(\d+) hostile cases, seed/.exec(line)?.[1] ?? 0);
});
const status = await new Promise((ended) => tests.on('close', ended));
const isEnough = ran >= Number(cases);
console.log(`${ran} of ${cases} cases ran${isEnough ? '' : ': too few'}`);
process.exitCode = isEnough ? (status ?? 1) : 1;
