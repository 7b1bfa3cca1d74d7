import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { readSafetensors } from '../../src/formats/safetensors';
import { firstText } from '../../src/shared/first-text';
import { showPiece } from '../../src/text/utf8';
import { readTextModel } from '../../src/training/text-model';
import { readText } from '../../src/training/text-reading';

const asset = (name: string) => readFileSync(new URL(`../../src/assets/${name}`, import.meta.url));
const guide = readTextModel(asset('guide.safetensors'));

test('the vectors of the first text are those that the plain engine computes with the guide', () => {
  const { tensors, metadata } = readSafetensors(asset('first-text.safetensors'));
  const ids = guide.tokenizer.encode(firstText.text);
  expect(ids).toHaveLength(firstText.tokens);
  expect(metadata.get('text')).toBe(firstText.text);
  expect(metadata.get('layer')).toBe(String(firstText.layer));
  const names = Array.from(ids, (id) => showPiece(guide.tokenizer.piece(id)));
  expect(JSON.parse(metadata.get('names') ?? '')).toEqual(names);
  const { logits, layers } = readText(guide, ids);
  const expected = layers.get(firstText.layer - 1);
  expect(tensors.get('qk')?.shape).toEqual([4, firstText.tokens, 32]);
  expect(relativeError(tensors.get('qk')?.data ?? [], expected?.qk ?? [])).toBeLessThan(1e-4);
  expect(relativeError(tensors.get('v')?.data ?? [], expected?.v ?? [])).toBeLessThan(1e-4);
  const last = logits.subarray(logits.length - guide.sizes.vocabulary);
  expect(relativeError(tensors.get('logits')?.data ?? [], last)).toBeLessThan(1e-4);
});
