import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { accepted, properties } from './property';

const folder = fileURLToPath(new URL('.', import.meta.url));

test('`properties` counts the properties in this folder', () => {
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts') && name !== 'count.test.ts')
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const calls = texts.flatMap((text) => text.match(/^\s*property\(/gm) ?? []);
  expect(calls.length).toBe(properties);
});

test('accepted throws when a prototype gains a method or a method of it is replaced', () => {
  const numbers = Number.prototype as unknown as Record<string, unknown>;
  const { toFixed } = Number.prototype;
  for (const name of ['polluted', 'toFixed']) {
    const put = () => {
      numbers[name] = () => '';
    };
    expect(() => accepted(put)).toThrow('the prototypes are as before');
    delete numbers.polluted;
    Object.assign(numbers, { toFixed });
    Object.defineProperty(numbers, 'toFixed', { enumerable: false });
    accepted(() => undefined);
  }
});
