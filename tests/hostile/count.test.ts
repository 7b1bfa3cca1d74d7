import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { accepted, properties } from './property';

const folder = fileURLToPath(new URL('.', import.meta.url));

test('the cases are shared among as many properties as there are', () => {
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts') && name !== 'count.test.ts')
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const calls = texts.flatMap((text) => text.match(/^\s*property\(/gm) ?? []);
  expect(calls.length).toBe(properties);
});

test('a method put onto a prototype, or in the place of another, would be found', () => {
  const numbers = Number.prototype as unknown as Record<string, unknown>;
  const { toFixed } = Number.prototype;
  for (const name of ['polluted', 'toFixed']) {
    const put = () => {
      numbers[name] = () => '';
    };
    expect(() => accepted(put)).toThrow();
    delete numbers.polluted;
    Object.assign(numbers, { toFixed });
    Object.defineProperty(numbers, 'toFixed', { enumerable: false });
    accepted(() => undefined);
  }
});
