import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors';
import { ByteBpe } from '../../src/text/byte-bpe';
import { lab, root } from './lab';

const folder = mkdtempSync(join(tmpdir(), 'reformer-tokens-'));
const at = (...names: string[]) => join(folder, ...names);
const fixture = (name: string) => join(root, 'tests/fixtures/text', name);
const bpe = ByteBpe.train('the whale, the whale, the ship', 270);
const tensors = new Map([['weights', { shape: [1], data: Float32Array.of(1) }]]);

beforeAll(() => {
  for (const name of ['json', 'spiece', 'both', 'bytes', 'gpt', 'none', 'config']) mkdirSync(at(name));
  for (const name of ['json', 'both']) copyFileSync(fixture('never.tokenizer.json'), at(name, 'tokenizer.json'));
  for (const name of ['spiece', 'both']) copyFileSync(fixture('unigram-rules.model'), at(name, 'spiece.model'));
  writeFileSync(at('bytes', 'config.json'), '{"vocab_size": 258}');
  writeFileSync(at('config', 'config.json'), '[');
  writeFileSync(at('gpt', 'vocab.json'), '{}');
  writeFileSync(at('model.safetensors'), writeSafetensors(tensors, new Map([['tokenizer', bpe.toJson()]])));
  writeFileSync(at('weights.safetensors'), writeSafetensors(tensors));
  writeFileSync(at('broken.json'), '{"model":');
  writeFileSync(at('broken.model'), 'zzz');
});
afterAll(() => rmSync(folder, { recursive: true }));

const json = async (...args: string[]) => JSON.parse((await lab('tokens', ...args, '--json')).stdout);

test('prints ids and pieces of a text model, one a line', async () => {
  const { code, stdout } = await lab('tokens', '--model', at('model.safetensors'), 'the\n🐋');
  expect(code).toBe(0);
  const ids = [...bpe.encode('the\n🐋')];
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(0, -1).map((line) => Number.parseInt(line, 10))).toEqual(ids);
  expect(lines.slice(-5)).toEqual([
    '240  ⟨F0⟩',
    '159  ⟨9F⟩',
    '144  ⟨90⟩',
    '139  ⟨8B⟩',
    `${ids.length} tokens of ${bpe.size}, 8 bytes (byte-bpe)`,
  ]);
});

test.each([
  ['json', 'tokenizer.json', 320],
  ['spiece', 'spiece.model', 320],
  ['both', 'tokenizer.json', 320],
  ['bytes', 'bytes', 258],
])('reads the folder %s by its %s', async (name, tokenizer, vocabulary) => {
  const found = await json('--model', at(name), 'The whale');
  expect(found).toMatchObject({ tokenizer, vocabulary, text: 'The whale' });
  expect(found.pieces.join('').trim()).toBe('The whale');
  expect(found.ids.length).toBe(found.pieces.length);
});

test('bytes have their value plus two as ids', async () => {
  expect((await json('--model', at('bytes'), 'Aé')).ids).toEqual([67, 197, 171]);
});

describe('one sentence and exit code 2 for', () => {
  test.each<[string, string[], RegExp]>([
    ['no model', ['text'], /^--model FOLDER or --model FILE is needed\.$/],
    ['no text', ['--model', at('json')], /^A text with at least one character is needed/],
    ['an empty text', ['--model', at('json'), ''], /^A text with at least one character is needed/],
    ['two texts', ['--model', at('json'), 'The', 'whale'], /^tokens takes one text; the second is "whale"/],
    ['another option', ['--model', at('json'), 'a', '--rounds', '2'], /^There is no option --rounds/],
    ['no file', ['--model', at('nothing'), 'a'], /cannot be read: ENOENT\.$/],
    ['a folder without a tokenizer', ['--model', at('none'), 'a'], /^The folder has no tokenizer/],
    ['a folder of GPT-2', ['--model', at('gpt'), 'a'], /^The folder has "vocab.json", but/],
    ['a broken config.json', ['--model', at('config'), 'a'], /config\.json is not a JSON object\.$/],
    ['weights without pieces', ['--model', at('weights.safetensors'), 'a'], /has no "tokenizer" in its metadata/],
    ['a broken tokenizer.json', ['--model', at('broken.json'), 'a'], /^tokenizer\.json is not JSON\.$/],
    ['a broken spiece.model', ['--model', at('broken.model'), 'a'], /^spiece\.model is broken/],
    ['a model of words', ['--model', fixture('words.model'), 'a'], /^spiece\.model is a model of words/],
  ])('%s', async (_, args, words) => {
    const { code, stdout, stderr } = await lab('tokens', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd()).toMatch(words);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
