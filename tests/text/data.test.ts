import { expect, test } from 'vitest';
import { ByteBpe } from '../../src/text/byte-bpe';
import { dialogueTokens, guideBatch, textBatch, visitorWeight } from '../../src/text/data';
import { dialogue } from '../../src/text/guide/dialogue';
import { formatDialogue } from '../../src/text/guide/format';
import { scoringWindows } from '../../src/training/text-loss';

const tokenizer = ByteBpe.train(Array.from({ length: 200 }, (_, k) => formatDialogue(dialogue(k))).join(''), 400);

test('windows of a text have the next token as target, and step and seed decide where they begin', () => {
  const text = Int32Array.from({ length: 100 }, (_, k) => 3 * k);
  const { ids, targets } = textBatch(text, { batch: 3, n: 10 }, 1, 2);
  for (let at = 0; at < 30; at++) {
    if (ids[at] < 297) expect(targets[at]).toBe(ids[at] + 3);
    if (at % 10) expect(ids[at]).toBe(ids[at - 1] + 3);
  }
  expect(textBatch(text, { batch: 3, n: 10 }, 1, 2).ids).toEqual(ids);
  expect(textBatch(text, { batch: 3, n: 10 }, 1, 3).ids).not.toEqual(ids);
});

test('a text that is shorter than a window has no targets behind its end', () => {
  const { targets } = textBatch(Int32Array.of(5, 6, 7), { batch: 1, n: 8 }, 1, 0);
  expect([...targets]).toEqual([6, 7, -1, -1, -1, -1, -1, -1]);
  expect(() => textBatch(Int32Array.of(5), { batch: 1, n: 8 }, 1, 0)).toThrow('The text has 1 tokens');
});

test('the tokens of a dialogue are those of its text, and the marked ones are what the guide wrote', () => {
  const { ids, isGuide } = dialogueTokens(tokenizer, 7);
  const text = formatDialogue(dialogue(7));
  expect(tokenizer.decode(ids)).toBe(text);
  const guide = tokenizer.decode(ids.filter((_, k) => isGuide[k]));
  const lines = text.split('\n').filter((line) => line.startsWith('Guide:'));
  expect(guide).toBe(`${lines.map((line) => `${line.slice(6)}\n`).join('')}\u0004`);
});

test('a batch of dialogues holds whole ones, with weights of guide and visitor and no target between two', () => {
  const { ids, targets, weights } = guideBatch(tokenizer, { batch: 4, n: 512 }, 1, 0);
  for (let b = 0; b < 4; b++) {
    const sequence = ids.subarray(b * 512, (b + 1) * 512);
    let end = 511;
    while (sequence[end] === 0) end--;
    const text = tokenizer.decode(sequence.subarray(0, end + 1));
    for (const part of text.split('\u0004').slice(0, -1)) expect(part.startsWith('Visitor: ')).toBe(true);
    for (let i = 0; i < 511; i++) {
      const at = b * 512 + i;
      if (targets[at] < 0) expect(weights[at]).toBe(0);
      else expect(targets[at]).toBe(ids[at + 1]);
      if (targets[at] >= 0) expect([1, Math.fround(visitorWeight)]).toContain(weights[at]);
    }
  }
});

test('scoring windows give each token of a text but the first one target, with at least half a window before it', () => {
  for (const length of [2, 16, 17, 40, 100]) {
    const ids = Int32Array.from({ length }, (_, k) => k + 1);
    const scored: number[] = [];
    for (const { ids: window, targets } of scoringWindows(ids, 16)) {
      for (const [i, target] of targets.entries()) {
        if (target < 0) continue;
        expect(target).toBe(window[i] + 1);
        if (target > 16) expect(i).toBeGreaterThanOrEqual(7);
        scored.push(target);
      }
    }
    expect(scored).toEqual(Array.from({ length: length - 1 }, (_, k) => k + 2));
  }
});
