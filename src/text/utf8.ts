/** UTF-8 that arrives in pieces: a token may hold a part of a character. */

/** TextDecoder with this option keeps a byte order mark. */
const keepMark = { ignoreBOM: true };

/** The text of some bytes. Those that are no UTF-8 become U+FFFD. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', keepMark).decode(bytes);

/** A byte outside any character, for display: ⟨E2⟩. */
const showByte = (byte: number): string => `⟨${byte.toString(16).toUpperCase().padStart(2, '0')}⟩`;

/**
 * Bytes of the character that begins at `at`: 0 if none does, and −1 if one does but its last bytes are missing.
 * Source: the table of well-formed sequences of the Unicode Standard (3-7).
 */
function characterLength(bytes: ArrayLike<number>, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let i = 1; i < length; i++) {
    if (at + i >= bytes.length) return -1;
    const low = i > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (bytes[at + i] < low || bytes[at + i] > high) return 0;
  }
  return length;
}

/** A character that has no picture of its own: a control, or a separator other than the blank. */
const isInvisible = /^[\p{Cc}\p{Zl}\p{Zp}]$/u;

/**
 * A piece for display: line feed as ⏎, and each byte of a control character or of an incomplete or broken character as ⟨E2⟩.
 */
export function showPiece(bytes: Uint8Array): string {
  let shown = '';
  for (let at = 0; at < bytes.length; ) {
    const length = Math.max(0, characterLength(bytes, at));
    const character = textOf(bytes.subarray(at, at + length));
    if (length > 0 && !isInvisible.test(character)) shown += character;
    else if (bytes[at] === 0x0a) shown += '⏎';
    else shown += Array.from(bytes.subarray(at, at + Math.max(1, length)), showByte).join('');
    at += Math.max(1, length);
  }
  return shown;
}

/**
 * Reads the bytes of tokens one token at a time. A character is given out once it is complete, and a byte that belongs to no character
 * as ⟨E2⟩. All that `push` and `end` return, joined, depends on the bytes only, not on how they were divided.
 */
export class PieceReader {
  private rest: number[] = [];

  /** Adds bytes and returns the text that is complete. */
  push(bytes: ArrayLike<number>): string {
    const all = [...this.rest, ...Array.from(bytes)];
    let text = '';
    let at = 0;
    while (at < all.length) {
      const length = characterLength(all, at);
      if (length < 0) break;
      text += length > 0 ? textOf(Uint8Array.from(all.slice(at, at + length))) : showByte(all[at]);
      at += Math.max(1, length);
    }
    this.rest = all.slice(at);
    return text;
  }

  /** The bytes that still wait for the end of their character, each as ⟨E2⟩. The reader can then be used again. */
  end(): string {
    const shown = this.rest.map(showByte).join('');
    this.rest = [];
    return shown;
  }
}
