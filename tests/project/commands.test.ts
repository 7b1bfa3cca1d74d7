import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const run = (...words: string[]) => {
  const { VITEST, ...env } = process.env;
  const { stdout, status } = spawnSync(process.execPath, ['scripts/test.mjs', ...words], { env, encoding: 'utf8' });
  return { status, lines: stdout.trim().split('\n') };
};

it('npm test runs the named files of the named parts and prints how many tests passed', () => {
  const { status, lines } = run('core', 'tests/algorithm/turned');
  expect(status).toBe(0);
  expect(lines.at(-1)).toMatch(/^[1-9]\d* passed, 0 failed, 0 skipped$/);
});

it('npm test fails when no file has the given name', () => {
  const { status, lines } = run('core', 'tests/algorithm/nowhere');
  expect(status).toBe(1);
  expect(lines.at(-1)).toBe('0 passed, 0 failed, 0 skipped');
});
