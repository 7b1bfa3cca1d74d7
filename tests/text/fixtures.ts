/** Tokenizers of other implementations, and what those do with texts. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fieldsOf } from '../../src/text/protobuf';

const folder = new URL('../fixtures/text/', import.meta.url);
export const readFixture = (name: string): Uint8Array => readFileSync(new URL(name, folder));

/** A text with its ids and what they are decoded to; without a text, ids drawn at random. */
export type Case = [text: string | null, ids: number[], decoded: string];

export const casesOf = (name: string): Case[] =>
  JSON.parse(new TextDecoder().decode(readFixture(`${name}.cases.json`)));

/** A model with the normalization rules of most published models. */
export const nfkcModel = (): Uint8Array => gunzipSync(readFixture('bpe-nfkc.model.gz'));

/** The rules of that model, in base64. */
export function nfkcRules(): string {
  const [, specification] = [...fieldsOf(nfkcModel(), 'model')].find(([number]) => number === 3) as [
    number,
    Uint8Array,
  ];
  const [, rules] = [...fieldsOf(specification, 'specification')].find(([number]) => number === 2) as [
    number,
    Uint8Array,
  ];
  return Buffer.from(rules).toString('base64');
}

/** A tokenizer.json as an object, to change it. */
export function jsonFixture(name: string) {
  const json = JSON.parse(new TextDecoder().decode(readFixture(`${name}.tokenizer.json`)));
  if (name === 'bpe-nfkc') json.normalizer.normalizers[0].precompiled_charsmap = nfkcRules();
  return json;
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const jsonBytes = (value: unknown): Uint8Array => utf8(JSON.stringify(value));
