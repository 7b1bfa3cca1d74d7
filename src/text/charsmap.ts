/** The compiled normalization rules of a SentencePiece model: a double-array trie of UTF-8 texts, and what replaces each. */

import { InputError } from '../shared/errors';
import { textOf } from './utf8';

/** Most bytes that replace one text. In the rules that come with SentencePiece it is 33. */
const longestReplacement = 64;

const broken = (): InputError => new InputError('The precompiled_charsmap of the tokenizer is broken.');

export class Charsmap {
  private readonly units: Uint32Array;
  private readonly replacements: Uint8Array;

  /** Reads the trie's length in bytes, the trie, and the replacements, each ended by a zero. @throws InputError if it is broken. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = bytes.length > 4 ? view.getUint32(0, true) : 0;
    if (length === 0 || length % 4 !== 0 || length > bytes.length - 4) throw broken();
    this.units = Uint32Array.from({ length: length / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
    this.replacements = bytes.subarray(4 + length);
  }

  /**
   * The texts of the rules that `bytes` begins with from `at`, as pairs of their end and of their replacement's place, the shortest first.
   * The layout of a unit is that of Darts-clone: value in bits 0 to 30 of a leaf, else label in bits 0 to 7 and 31, leaf flag in bit 8,
   * scale of the offset in bit 9, offset above.
   */
  private *matches(bytes: Uint8Array, at: number): Generator<[end: number, place: number]> {
    const unitAt = (index: number): number => {
      if (index >= this.units.length) throw broken();
      return this.units[index];
    };
    const offset = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
    let node = offset(unitAt(0));
    for (let i = at; i < bytes.length; i++) {
      node = (node ^ bytes[i]) >>> 0;
      const unit = unitAt(node);
      if ((unit & 0x800000ff) >>> 0 !== bytes[i]) return;
      node = (node ^ offset(unit)) >>> 0;
      if (unit & 0x100) yield [i + 1, unitAt(node) & 0x7fffffff];
    }
  }

  private replacementAt(place: number): string {
    const replacement = this.replacements.subarray(place, place + longestReplacement + 1);
    const end = replacement.indexOf(0);
    if (end < 0) throw broken();
    return textOf(replacement.subarray(0, end));
  }

  /** The longest rule for the text from `at` of `bytes`: its end, and what replaces it. */
  longest(bytes: Uint8Array, at: number): { end: number; replacement: string } | undefined {
    let found: [number, number] | undefined;
    for (const match of this.matches(bytes, at)) found = match;
    return found && { end: found[0], replacement: this.replacementAt(found[1]) };
  }

  /** What replaces the shortest rule that a text begins with. */
  shortest(text: string): string | undefined {
    for (const [, place] of this.matches(new TextEncoder().encode(text), 0)) return this.replacementAt(place);
    return undefined;
  }
}
