/** Bytes as characters that can be seen, as GPT-2 writes them: printable characters of Latin-1 stand for themselves. */

const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

const characters: string[] = [];
let others = 0;
for (let byte = 0; byte < 256; byte++) characters.push(String.fromCharCode(isPrintable(byte) ? byte : 256 + others++));
const bytes = new Map(characters.map((character, byte) => [character, byte]));

/** The UTF-8 bytes of a text, each as its character. */
export const byteText = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => characters[byte]).join('');

/** The bytes of such a text; the UTF-8 bytes of one with other characters. */
export function bytesOfText(text: string): Uint8Array {
  const found = Array.from(text, (character) => bytes.get(character));
  return found.includes(undefined) ? new TextEncoder().encode(text) : Uint8Array.from(found as number[]);
}
