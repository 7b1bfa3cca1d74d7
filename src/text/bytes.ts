/** UTF-8 bytes as tokens, as in the Reformer for enwik8: id 0 pads, id 1 is free, and byte b has the id b + 2. */

import { InputError } from '../shared/errors';
import type { Tokenizer } from './tokenizer';
import { textOf } from './utf8';

const first = 2;

export const byteTokenizer: Tokenizer = {
  size: 256 + first,
  encode: (text) => Int32Array.from(new TextEncoder().encode(text), (byte) => byte + first),
  decode: (ids) => textOf(Uint8Array.from(Array.from(ids).flatMap((id) => [...byteTokenizer.piece(id)]))),
  piece(id) {
    if (!Number.isInteger(id) || id < 0 || id >= 256 + first) {
      throw new InputError(`There is no token ${id}; the ids go from 0 to ${255 + first}.`);
    }
    return id < first ? new Uint8Array(0) : Uint8Array.of(id - first);
  },
};
