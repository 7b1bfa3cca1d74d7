/** The tokenizer of a published model, from the files in its folder. */

import { InputError, quote } from '../shared/errors';
import { byteTokenizer } from './bytes';
import { readSentencePiece } from './sentencepiece';
import type { Tokenizer } from './tokenizer';
import { readTokenizerJson } from './tokenizer-json';

/** The files that may describe a tokenizer, the first that is there before the others. */
export const tokenizerFiles = ['tokenizer.json', 'spiece.model'] as const;

/** Files of tokenizers that are not read. */
const otherFiles = ['vocab.json', 'merges.txt', 'vocab.txt', 'tokenizer.model', 'sentencepiece.bpe.model'];

/** Files of weights that are not read. A folder that has one of them gets a sentence of its own. */
export const otherWeights = [
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
  'tf_model.h5',
  'flax_model.msgpack',
  'adapter_model.safetensors',
];

/** A tokenizer, and the file that it was read from; `bytes` if the model reads bytes and has no file. */
export interface PublishedTokenizer {
  tokenizer: Tokenizer;
  source: (typeof tokenizerFiles)[number] | 'bytes';
}

/**
 * What a folder lacks of a published model, for a sentence: config.json, its weights, or its tokenizer. `names`: all files of the folder.
 * `vocabulary`: the `vocab_size` of its config.json, if it has one. Empty if there is a file of each kind, whether it can be read or not.
 */
export function missingFiles(names: readonly string[], vocabulary?: number): string[] {
  const has = (...some: string[]) => some.some((name) => names.includes(name));
  return [
    ...(has('config.json') ? [] : ['config.json']),
    ...(has('model.safetensors', 'model.safetensors.index.json', ...otherWeights) ? [] : ['model.safetensors']),
    ...(has(...tokenizerFiles, ...otherFiles) || vocabulary === byteTokenizer.size
      ? []
      : [tokenizerFiles.join(' or ')]),
  ];
}

/**
 * The tokenizer that transformers would use. A model with 258 ids and without a file of a tokenizer reads bytes, as the Reformer for enwik8.
 * `names`: all files of the folder. `vocabulary`: the `vocab_size` of its config.json, if it has one.
 * @throws InputError naming the file that is missing, broken or not supported.
 */
export async function publishedTokenizer(
  names: readonly string[],
  read: (name: string) => Promise<Uint8Array>,
  vocabulary?: number,
): Promise<PublishedTokenizer> {
  if (names.includes('tokenizer.json')) {
    return { tokenizer: readTokenizerJson(await read('tokenizer.json')), source: 'tokenizer.json' };
  }
  if (names.includes('spiece.model')) {
    return { tokenizer: readSentencePiece(await read('spiece.model')), source: 'spiece.model' };
  }
  const other = otherFiles.find((name) => names.includes(name));
  if (other !== undefined) {
    throw new InputError(`The folder has ${quote(other)}, but tokenizer.json or spiece.model is needed.`);
  }
  if (vocabulary === byteTokenizer.size) return { tokenizer: byteTokenizer, source: 'bytes' };
  throw new InputError('The folder has no tokenizer: tokenizer.json or spiece.model is needed.');
}
