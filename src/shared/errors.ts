/** Input from outside that is invalid. The message is one sentence that names the value, what is wrong with it and what is allowed. */
export class InputError extends Error {
  override name = 'InputError';
}

/** Quotes foreign text for a sentence: at most `most` characters, with invisible and direction-changing characters escaped. */
export function quote(text: string, most = 60): string {
  const letters = [...text.slice(0, 2 * most)];
  const short = letters.length > most || text.length > 2 * most ? `${letters.slice(0, most - 3).join('')}...` : text;
  return JSON.stringify(short).replace(/[\p{C}\u2028\u2029]/gu, (letter) => {
    const code = (letter.codePointAt(0) as number).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}

/** A shape for a sentence, such as 2×64×16; 1 for a single number. */
export const formatShape = (shape: readonly number[]): string =>
  (shape.length > 8 ? [...shape.slice(0, 8), '…'] : shape).join('×') || '1';

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
