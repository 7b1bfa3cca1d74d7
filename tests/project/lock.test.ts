import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const { dependencies, devDependencies } = read('package.json') as Record<string, Record<string, string>>;
const { packages } = read('package-lock.json') as { packages: Record<string, Record<string, unknown>> };

test('package.json has exact versions, and the lock file has the same', () => {
  for (const version of Object.values({ ...dependencies, ...devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
  }
  expect(packages['']).toMatchObject({ dependencies, devDependencies });
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(packages[`node_modules/${name}`].version, name).toBe(version);
  }
});

test('every package in the lock file has a registry address or none, and a hash of its content', () => {
  const locked = Object.entries(packages).filter(([path]) => path !== '');
  expect(locked.length).toBeGreaterThan(20);
  // npm omits the addresses of its registry when omit-lockfile-registry-resolved is set.
  for (const [path, { resolved = 'https://', integrity }] of locked) {
    expect(resolved, path).toMatch(/^https:\/\//);
    expect(integrity, path).toMatch(/^sha512-/);
  }
});
