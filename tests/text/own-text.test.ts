import { expect, test } from 'vitest';
import { ByteBpe } from '../../src/text/byte-bpe';
import { textOfDialogues } from '../../src/text/dialogue-file';
import { prepareText } from '../../src/text/own-text';

const sentence = 'The sea is wide, the sea is deep 🙂, and the sea is cold. ';

test('a text is cut into pieces that give it back, and its last tenth is kept apart', () => {
  const text = sentence.repeat(50);
  for (const vocabulary of [256, 320]) {
    const { tokenizer, learned, rest, bytesPerToken, name } = prepareText(text, vocabulary);
    const pieces = ByteBpe.fromJson(tokenizer);
    expect(pieces.size).toBeLessThanOrEqual(vocabulary);
    const [start, end] = [pieces.decode(learned), pieces.decode(rest)];
    expect(start + end).toBe(text);
    expect(start).toHaveLength(Math.floor(0.9 * text.length));
    expect(bytesPerToken).toBeCloseTo(new TextEncoder().encode(end).length / rest.length, 10);
    if (vocabulary === 256) expect(bytesPerToken).toBe(1);
    else expect(bytesPerToken).toBeGreaterThan(2);
    // The same pieces again, for a training that goes on.
    expect(prepareText(text, vocabulary, tokenizer)).toEqual({ tokenizer, learned, rest, bytesPerToken, name });
  }
});

test('another text has another name', () => {
  const text = sentence.repeat(5);
  expect(prepareText(text, 256).name).not.toBe(prepareText(text.replace('deep', 'blue'), 256).name);
});

test.each([
  ['', 'The text is empty; it needs letters.'],
  [' \n\t ', 'The text is empty; it needs letters.'],
  ['ab', 'The text is too short; both its first nine tenths and its last need at least 2 tokens.'],
])('the text %j is refused in one sentence', (text, sentence) => {
  expect(() => prepareText(text, 256)).toThrow(sentence);
});

test('a text of 100 kB is cut into pieces', () => {
  const text = Array.from({ length: 1800 }, (_, k) => sentence.replace('sea', `sea${k}`)).join('');
  expect(text.length).toBeGreaterThan(100_000);
  const { learned } = prepareText(text, 512);
  expect(learned.length).toBeGreaterThan(10_000);
});

test('dialogues of MultiWOZ become lines, with an empty line between dialogues', () => {
  const turns = [
    { speaker: 'USER', utterance: 'I need a train.' },
    { speaker: 'SYSTEM', utterance: 'Where to?' },
  ];
  const text = 'Person 1: I need a train.\nPerson 2: Where to?\n';
  expect(textOfDialogues(JSON.stringify([{ turns }, { turns: [] }, { turns }]), 'no')).toBe(`${text}\n${text}`);
  expect(textOfDialogues(JSON.stringify({ dialogues: [{ turns: [{ utterance: 'Hi' }] }] }), 'no')).toBe('Hi\n');
  for (const json of ['', '{', '{}', '[]', '[{"turns": 5}]', '[{"turns": [{"utterance": 5}]}]', 'null']) {
    expect(() => textOfDialogues(json, 'There are none.'), json).toThrow('There are none.');
  }
});
