import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors';
import { readVectorFile } from '../../src/formats/vector-file';
import { yardsticksOf } from '../../src/text/yardsticks';
import { readTextModel, textSizes } from '../../src/training/text-model';
import { interruptedLab, lab, root } from './lab';

const folder = mkdtempSync(join(tmpdir(), 'reformer-text-'));
const at = (name: string) => join(folder, name);
const text = 'Call me what you like. The sea is wide, the sea is deep, and the sea is cold. '.repeat(60);
const train = (...rest: string[]) =>
  lab(
    'train',
    'text',
    '--data',
    at('sea.txt'),
    '--model',
    'XS',
    '--batch',
    '2',
    '--steps',
    '4',
    '--warm-up',
    '2',
    ...rest,
  );

const readableSizes = { ...textSizes.XS };
/** Losses of the training of `model.safetensors`. */
let wholeLosses: number[];

beforeAll(async () => {
  writeFileSync(at('sea.txt'), text);
  writeFileSync(at('short.txt'), 'Hello');
  writeFileSync(at('empty.txt'), '');
  const { code, stdout, stderr } = await train('--save', at('model.safetensors'), '--json');
  expect([code, stderr]).toEqual([0, '']);
  wholeLosses = JSON.parse(stdout).losses;
}, 600_000);

describe('lab train text', () => {
  test('that stops and goes on has the losses of one without a break', async () => {
    const whole = readTextModel(readFileSync(at('model.safetensors')));
    expect((await train('--until', '2', '--save', at('half.safetensors'))).code).toBe(0);
    const half = readTextModel(readFileSync(at('half.safetensors')));
    expect(half.training.step).toBe(2);
    const resumed = await lab('train', 'text', '--resume', at('half.safetensors'), '--save', at('rest.safetensors'));
    expect(resumed.code, resumed.stderr).toBe(0);
    const { steps, losses, heldOutNatsPerByte } = JSON.parse(resumed.stdout.trim().split('\n').at(-1) ?? '');
    expect(steps).toBe(4);
    expect(wholeLosses).toHaveLength(4);
    expect(losses).toEqual(wholeLosses.slice(2));
    expect(heldOutNatsPerByte).toBeGreaterThan(0.5);
    expect(heldOutNatsPerByte).toBeLessThan(Math.log(256) + 1);
    const rest = readTextModel(readFileSync(at('rest.safetensors')));
    expect(rest.training).toEqual(whole.training);
    expect(rest.values).toEqual(whole.values);
    expect(rest.moments).toEqual(whole.moments);
  }, 600_000);
});

test('lab train text saves after Ctrl-C', async () => {
  const options = ['--data', at('sea.txt'), '--model', 'XS', '--batch', '1', '--save', at('stopped.safetensors')];
  const { code, stdout } = await interruptedLab('stderr', /^step 10:/m, 'train', 'text', ...options);
  expect(code).toBe(0);
  const { training, moments } = readTextModel(readFileSync(at('stopped.safetensors')));
  expect(training.step).toBeGreaterThanOrEqual(10);
  expect(training.step).toBeLessThan(training.steps);
  expect(JSON.parse(stdout).steps).toBe(training.step);
  expect(moments).toBeDefined();
}, 600_000);

test('lab train text learns from the book, which only the lab reads', async () => {
  const options = ['--model', 'XS', '--batch', '1', '--steps', '1', '--save', at('book.safetensors'), '--json'];
  const { code, stdout, stderr } = await lab('train', 'text', '--data', 'book', ...options);
  expect([code, stderr]).toEqual([0, '']);
  expect(readTextModel(readFileSync(at('book.safetensors'))).training.data).toBe('book');
  expect(JSON.parse(stdout).heldOutNatsPerByte).toBeLessThan(8);
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ts$/.test(name),
  );
  const readers = sources.filter((name) => readFileSync(join(root, 'src', name), 'utf8').includes('@stdlib/'));
  expect(readers).toEqual([join('lab', 'book.ts')]);
}, 600_000);

test.each([
  ['sizes', { ...readableSizes, pairs: 2 ** 20 }, 'layers is 2097152'],
  ['sizes', { ...readableSizes, heads: 0 }, 'no valid heads'],
  ['training', { data: 'guide' }, 'seed is undefined'],
  ['tokenizer', undefined, 'The file has no "tokenizer" in its metadata.'],
])('a model file with other %s is refused by name: %#', (key, value, message) => {
  const { tensors, metadata } = readSafetensors(readFileSync(at('model.safetensors')));
  if (value === undefined) metadata.delete(key);
  else metadata.set(key, JSON.stringify(value));
  expect(() => readTextModel(writeSafetensors(tensors, metadata))).toThrow(message);
});

describe('lab generate', () => {
  const generate = (...rest: string[]) => lab('generate', '--model', at('model.safetensors'), ...rest);

  test('prints the same text for the same seed, and the ids of that text as JSON', async () => {
    const options = ['--prompt', 'the sea', '--tokens', '12', '--seed', '7'];
    const [first, second, json, other] = [
      await generate(...options),
      await generate(...options),
      await generate(...options, '--json'),
      await generate(...options.slice(0, 4), '--seed', '8'),
    ];
    expect(first.code, first.stderr).toBe(0);
    expect(second.stdout).toBe(first.stdout);
    const { ids, text: told } = JSON.parse(json.stdout);
    expect(ids).toHaveLength(12);
    expect(`${told}\n`).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
  }, 600_000);

  test('takes the likeliest tokens at temperature 0, whatever the seed', async () => {
    const options = ['--prompt', 'the sea', '--tokens', '8', '--temperature', '0'];
    const [first, second] = [await generate(...options, '--seed', '1'), await generate(...options, '--seed', '2')];
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout.length).toBeGreaterThan(4);
    expect(second.stdout).toBe(first.stdout);
  }, 600_000);

  test('prints the text so far after Ctrl-C', async () => {
    const options = ['generate', '--model', at('model.safetensors'), '--prompt', 'the sea', '--seed', '7'];
    const { code, stdout, stderr } = await interruptedLab('stdout', /./, ...options, '--tokens', '100000');
    expect(code).toBe(130);
    expect(stderr).toContain('Interrupted by Ctrl-C.');
    const whole = (await lab(...options, '--tokens', '4')).stdout.trimEnd();
    const some = stdout.trimEnd();
    const shorter = Math.min(whole.length, some.length);
    expect(shorter).toBeGreaterThan(0);
    expect(some.slice(0, shorter)).toBe(whole.slice(0, shorter));
  }, 600_000);

  test.each([
    [['--prompt', 'a'.repeat(257)], '--prompt has 257 tokens, but the model reads at most 256.'],
    [['--prompt', 'a', '--start', '3'], 'start is 3, but a text model of this lab begins at position 0'],
    [['--prompt', 'a', '--json=1'], 'json is "1"; it must be one of true, false.'],
    [['--prompt', 'a', '--tokens', '0'], 'tokens is 0; it must be a whole number from 1'],
    [['--prompt', 'a', '--temperature', '-1'], 'temperature is -1; it must be from 0 to 100.'],
    [['--prompt', 'a', '--rounds', '0'], 'rounds is 0; it must be full or a whole number from 1 to 16.'],
    [['--prompt', ''], 'the text must have at least one character'],
    [[], '--prompt TEXT is needed'],
  ])('refuses options in one sentence: %#', async (options, message) => {
    const { code, stdout, stderr } = await generate(...options);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('lab perplexity prints the loss of a text in nats a token and a byte, and pack changes it little', async () => {
  const run = async (model: string) => {
    const { code, stdout, stderr } = await lab(
      'perplexity',
      '--model',
      at(model),
      at('sea.txt'),
      '--part',
      'last10',
      '--json',
    );
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  expect((await lab('pack', at('model.safetensors'), at('packed.safetensors'))).code).toBe(0);
  const [full, packed] = [await run('model.safetensors'), await run('packed.safetensors')];
  const bytes = text.length - Math.floor(0.9 * text.length);
  // The first token has no token before it, and so no loss.
  expect(bytes - full.bytes).toBeGreaterThan(0);
  expect(full.natsPerToken * full.tokens).toBeCloseTo(full.natsPerByte * full.bytes, 8);
  expect(Math.abs(packed.natsPerByte - full.natsPerByte)).toBeLessThan(0.02);
  const [learned, rest] = [text.slice(0, Math.floor(0.9 * text.length)), text.slice(Math.floor(0.9 * text.length))];
  const inBytes = (part: string) => new TextEncoder().encode(part);
  expect(full.yardsticks).toEqual(yardsticksOf(inBytes(learned), inBytes(rest)));
  const size = (name: string) => readFileSync(at(name)).length;
  expect(size('packed.safetensors')).toBeLessThan(size('model.safetensors') / 10);
}, 600_000);

test.each([
  [['train', 'text', '--data', 'guide'], 'train text needs --save FILE.'],
  [['train', 'text', '--data', '/nowhere.txt', '--save', at('no.safetensors')], '/nowhere.txt cannot be read'],
  [['train', 'text', '--resume', at('sea.txt'), '--save', at('no.safetensors')], 'safetensors'],
  [['chat', '--suite', '0', '--model', at('model.safetensors')], 'suite is 0'],
  [
    ['train', 'text', '--resume', at('model.safetensors'), '--rate', '0.1', '--save', at('no.safetensors')],
    '--rate cannot be changed with --resume',
  ],
  [['train', 'text', '--data', at('sea.txt'), '--steps', '0', '--save', at('no.safetensors')], 'steps is 0'],
  [['train', 'text', '--data', at('sea.txt'), '--rate', '-1', '--save', at('no.safetensors')], 'rate is -1'],
  [['train', 'text', '--data', at('sea.txt'), '--until', '9999', '--save', at('no.safetensors')], 'until is 9999'],
  [['train', 'text', '--data', at('short.txt'), '--model', 'XS', '--save', at('no.safetensors')], 'is too short'],
  [['chat'], '--model FILE is needed.'],
  [['perplexity', '--model', at('model.safetensors')], 'perplexity needs a model and one file of text.'],
  [['perplexity', '--model', at('model.safetensors'), at('empty.txt')], 'has 0 tokens; a loss needs at least 2.'],
  [
    ['perplexity', '--model', at('model.safetensors'), at('sea.txt'), '--part', 'half'],
    'part is "half"; it must be one of',
  ],
  [['pack', at('sea.txt'), at('no.safetensors')], 'safetensors'],
])('lab %j is refused in one sentence and writes nothing', async (argv, message) => {
  const { code, stdout, stderr } = await lab(...argv);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(existsSync(at('no.safetensors'))).toBe(false);
});

describe('lab read', () => {
  test('writes the vectors of a text that the page can open', async () => {
    const options = ['--model', at('model.safetensors'), at('short.txt'), at('vectors.safetensors')];
    const { code, stderr } = await lab('read', ...options);
    expect(code, stderr).toBe(0);
    const { n, heads, d } = readVectorFile('vectors.safetensors', readFileSync(at('vectors.safetensors')));
    expect([heads, n, d]).toEqual([4, 'Hello'.length, 16]);
    const refused = await lab('read', ...options, '--layer', '1');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toBe('layer is 1; the layers that hash are 2.\n');
  }, 120_000);
});
