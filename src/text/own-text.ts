/** A person's own text, made ready for training. */
import { InputError } from '../shared/errors';
import { ByteBpe } from './byte-bpe';

/** Largest text in bytes of UTF-8. */
export const ownTextLimit = 64 * 2 ** 20;

/** Pieces are learned from the start of a text, of at most so many characters. */
const mostForPieces = 400_000;

/** Bytes as single pieces, and no learned ones. */
const bytesOnly = 256;

export interface OwnText {
  /** See `ByteBpe.toJson`. */
  tokenizer: string;
  /** Tokens of the first nine tenths, from which a model learns. */
  learned: Int32Array;
  /** Tokens of the last tenth, by which it is measured. */
  rest: Int32Array;
  /** Bytes of UTF-8 of one token in the last tenth, on average. */
  bytesPerToken: number;
  /** Names the text in the file of a model that was trained on it. */
  name: string;
}

/**
 * Cuts a text into pieces, at most `vocabulary` different ones. With `tokenizer` they are those of an earlier training.
 * @throws InputError if the text is too short or too long
 */
export function prepareText(text: string, vocabulary: number, tokenizer?: string): OwnText {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > ownTextLimit) {
    throw new InputError(
      `The text has ${(bytes.length / 2 ** 20).toFixed(0)} MiB; the limit is ${ownTextLimit / 2 ** 20} MiB.`,
    );
  }
  if (text.trim() === '') throw new InputError('The text is empty; it needs letters.');
  const start = text.slice(0, Math.floor(0.9 * text.length));
  const end = text.slice(start.length);
  const pieces =
    tokenizer !== undefined
      ? ByteBpe.fromJson(tokenizer)
      : vocabulary <= bytesOnly
        ? ByteBpe.from([])
        : ByteBpe.train(start.slice(0, mostForPieces), vocabulary);
  const [learned, rest] = [pieces.encode(start), pieces.encode(end)];
  if (learned.length < 2 || rest.length < 2) {
    throw new InputError('The text is too short; both its first nine tenths and its last need at least 2 tokens.');
  }
  return {
    tokenizer: pieces.toJson(),
    learned,
    rest,
    bytesPerToken: new TextEncoder().encode(end).length / rest.length,
    name: `own text of ${bytes.length} bytes, ${fingerprint(bytes)}`,
  };
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits, as 8 hexadecimal digits. */
function fingerprint(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
