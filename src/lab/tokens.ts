/** `lab tokens`: the tokens of a text. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, quote } from '../shared/errors';
import { ByteBpe } from '../text/byte-bpe';
import { publishedTokenizer } from '../text/published';
import { readSentencePiece } from '../text/sentencepiece';
import type { Tokenizer } from '../text/tokenizer';
import { readTokenizerJson } from '../text/tokenizer-json';
import { showPiece } from '../text/utf8';
import { isFolder, readInput, readTensorFile } from './files';
import { parseCommandLine } from './options';

export const tokensUsage = `tokens --model FOLDER|FILE TEXT [--json]
  Prints the ids of a text and their pieces. FOLDER holds the tokenizer.json or spiece.model of a published model, or a config.json with
  vocab_size 258 for a model that reads bytes. FILE is one of these tokenizers, or a text model of this lab.`;

/** A tokenizer, and what it was read from. */
export interface ModelTokenizer {
  tokenizer: Tokenizer;
  /** `tokenizer.json`, `spiece.model`, `bytes`, or `byte-bpe` for the pieces of a text model. */
  source: string;
}

/** Reads the tokenizer of a folder or file. @throws InputError naming what is missing, broken or not supported. */
export async function readTokenizer(path: string): Promise<ModelTokenizer> {
  if (await isFolder(path)) {
    const names = await readdir(path);
    const vocabulary = names.includes('config.json') ? await vocabularyOf(join(path, 'config.json')) : undefined;
    return publishedTokenizer(names, (name) => readInput(join(path, name)), vocabulary);
  }
  if (path.endsWith('.json')) return { tokenizer: readTokenizerJson(await readInput(path)), source: 'tokenizer.json' };
  if (path.endsWith('.model')) return { tokenizer: readSentencePiece(await readInput(path)), source: 'spiece.model' };
  const json = (await readTensorFile(path)).metadata.get('tokenizer');
  if (json === undefined) {
    throw new InputError(`${path} has no "tokenizer" in its metadata; a text model of this lab is needed.`);
  }
  return { tokenizer: ByteBpe.fromJson(json), source: 'byte-bpe' };
}

/** The `vocab_size` of a config.json; undefined if it has none. */
export async function vocabularyOf(path: string): Promise<number | undefined> {
  let size: unknown;
  try {
    size = JSON.parse(new TextDecoder().decode(await readInput(path))).vocab_size;
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(`${path} is not a JSON object.`);
  }
  return typeof size === 'number' ? size : undefined;
}

/** Runs `tokens`. @throws InputError for invalid options. */
export async function tokens(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['model', 'json']);
  const path = flags.get('model');
  if (path === undefined || path === 'true') throw new InputError('--model FOLDER or --model FILE is needed.');
  const [text, other] = files;
  if (text === undefined || text === '') {
    throw new InputError('A text with at least one character is needed: tokens --model FOLDER|FILE TEXT.');
  }
  if (other !== undefined) {
    throw new InputError(`tokens takes one text; the second is ${quote(other)}. Quote a text that has blanks.`);
  }
  const { tokenizer, source } = await readTokenizer(path);
  const ids = Array.from(tokenizer.encode(text));
  const pieces = ids.map((id) => showPiece(tokenizer.piece(id)));
  if (flags.get('json') === 'true') {
    const decoded = tokenizer.decode(ids);
    console.log(JSON.stringify({ tokenizer: source, vocabulary: tokenizer.size, ids, pieces, text: decoded }));
    return;
  }
  const width = String(tokenizer.size - 1).length;
  for (const [i, id] of ids.entries()) console.log(`${String(id).padStart(width)}  ${pieces[i].replaceAll(' ', '␣')}`);
  const bytes = new TextEncoder().encode(text).length;
  console.log(`${ids.length} tokens of ${tokenizer.size}, ${bytes} bytes (${source})`);
}
