/** What turns text into token ids and back. */
export interface Tokenizer {
  /** Number of ids, V: each id is from 0 to V − 1. */
  readonly size: number;
  /** The ids of a text, [tokens]. Lone surrogates are read as U+FFFD. */
  encode(text: string): Int32Array;
  /** The text of some ids. Bytes that are no UTF-8 become U+FFFD. @throws InputError naming an id that is not from 0 to V − 1. */
  decode(ids: ArrayLike<number>): string;
  /** The UTF-8 bytes that an id stands for; they may be a part of a character. @throws InputError as `decode`. */
  piece(id: number): Uint8Array;
}
