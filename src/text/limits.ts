/** Limits for published tokenizers, so that a broken or hostile file takes neither much memory nor much time. */

import { InputError, quote } from '../shared/errors';

/** Most bytes of a file. The largest that are in use have about 17 MB; those of Reformers have less than 1. */
export const mostBytes = 24 * 2 ** 20;

/** Most ids of a vocabulary. */
export const mostIds = 2 ** 18;

/** Most UTF-16 units of a piece, and of all pieces together. */
export const longestPiece = 256;
const mostUnits = 2 ** 21;

/**
 * Checks the pieces of a vocabulary by their ids.
 * @throws InputError if an id has no piece, or naming a piece that is empty, too long, no Unicode text, or there twice.
 */
export function checkPieces(name: string, pieces: readonly (string | undefined)[]): void {
  if (pieces.length === 0) throw new InputError(`${name} has no pieces.`);
  if (pieces.length > mostIds) throw new InputError(`${name} has ${pieces.length} pieces; the limit is ${mostIds}.`);
  const ids = new Map<string, number>();
  let units = 0;
  for (let id = 0; id < pieces.length; id++) {
    const piece = pieces[id];
    if (piece === undefined) throw new InputError(`${name} has no piece with the id ${id}.`);
    if (piece === '' || /\p{Cs}/u.test(piece)) {
      throw new InputError(`${name} has the piece ${quote(piece)} with the id ${id}; it must be some Unicode text.`);
    }
    if (piece.length > longestPiece) {
      throw new InputError(`${name} has a piece of ${piece.length} characters; the limit is ${longestPiece}.`);
    }
    const other = ids.get(piece);
    if (other !== undefined)
      throw new InputError(`${name} has the piece ${quote(piece)} at the ids ${other} and ${id}.`);
    ids.set(piece, id);
    units += piece.length;
  }
  if (units > mostUnits) throw new InputError(`${name} has pieces of ${units} characters; the limit is ${mostUnits}.`);
}
