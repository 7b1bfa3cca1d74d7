/** Names of random syllables, so that a model cannot learn them by heart. */
import type { Random } from '../../shared/random';

const onsets = 'b br d dr f fl g gr h j k kr l m n p pl r s st t tr v w z th sh'.split(' ');
const vowels = 'a e i o u'.split(' ');
const codas = ['', 'n', 'r', 'l', 's', 'm', 'k', 't', 'd', 'x'];
const townEnds = 'ford moor wick bay burn gate field cliff'.split(' ');
/** Parts of names that a reader could find offensive. */
const refused =
  /nazi|rape|kun|fuk|shit|slut|penis|dik|kok|tit|sex|fag|homo|pube|who|nigr|negr|jud|jew|pis|vagi|suk|gas/;
const heldOutShare = 8;

const pick = <T>(from: readonly T[], draw: Random): T => from[draw.integer(from.length)];

/** FNV-1a (Fowler, Noll, Vo) of the letters, 32 bits, unsigned. */
function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** True for one name in eight: training never sees these names. */
export const isHeldOutName = (name: string): boolean => fingerprint(name) % heldOutShare === 0;

const isIsogram = (text: string): boolean => new Set(text).size === text.length;

const pairs = (text: string): string[] =>
  Array.from({ length: text.length - 1 }, (_, i) => text.toLowerCase().slice(i, i + 2));

/** True if the names share two adjacent letters, so that a copy could jump from one to the other. */
const overlaps = (a: string, b: string): boolean => {
  const known = new Set(pairs(a));
  return pairs(b).some((pair) => known.has(pair));
};

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);

function person(draw: Random): string {
  const syllables = draw.integer(10) < 7 ? 2 : 3;
  let text = '';
  for (let i = 0; i < syllables; i++) text += pick(onsets, draw) + pick(vowels, draw);
  return text + pick(codas, draw);
}

const place = (draw: Random): string => pick(onsets, draw) + pick(vowels, draw) + pick(codas.slice(1), draw);

/**
 * A new name of a person or of a town outside the guide's. No letter of its random part occurs twice, and it shares no pair of adjacent letters
 * with the names in `used`.
 */
export function makeName(kind: 'person' | 'town', draw: Random, heldOut: boolean, used: readonly string[]): string {
  for (;;) {
    const stem = kind === 'person' ? person(draw) : place(draw);
    const text = capital(kind === 'person' ? stem : stem + pick(townEnds, draw));
    if (stem.length < (kind === 'person' ? 4 : 3) || stem.length > 8) continue;
    if (!isIsogram(stem) || refused.test(text.toLowerCase())) continue;
    if (isHeldOutName(text) === heldOut && !used.some((name) => overlaps(name, text))) return text;
  }
}
