import { type Mat4, vec3 } from 'wgpu-matrix';
import { stage as words } from '../language/stage';
import type { Label } from './labels';
import { loomHalfWidth } from './loom-geometry';
import { matrixHalf } from './matrix';
import type { Picture } from './picture';
import { placeOfToken, progressAt } from './progress';

const number = (value: number): string => value.toLocaleString('en');

/** The loom's size in the world, and how it draws long stretches. */
export interface LoomLook {
  /** Height of its upper row. */
  row: number;
  /** Depth of its last round. */
  back: number;
  flowBins: number;
  /** Most tokens that are drawn as threads of their own. */
  drawnTokens: number;
  /** The matrix stands to the right of it. */
  isBeside: boolean;
}

/** Where the selected token's moving cell is in the loom, from its left edge and from above, 0 to 1; undefined if it is not shown. */
export function loomPlaceOf({ readout, round, stretch, settings, state }: Picture) {
  const own = readout?.rounds[round];
  if (!readout || !own) return undefined;
  const { start, first, span } = stretch;
  const progress = progressAt(state.phase, settings.rounds);
  return placeOfToken(progress, { upper: readout.token - start, lower: own.rank - first, span });
}

/** Labels above and below the loom. */
export function loomLabels(
  { settings, shape, round, readout, stretch, names, state }: Picture,
  { row, back, flowBins: bins, drawnTokens, isBeside }: LoomLook,
): Label[] {
  const labels: Label[] = [];
  const until = isBeside ? ([loomHalfWidth + 0.1, 0, 0] as const) : 'edge';
  const { start, first: firstShown, span } = stretch;
  const isDense = span > drawnTokens;
  const isPart = span < shape.n;
  const all = number(shape.n);
  const tokens = isPart ? words.loom.stretch(number(start), number(start + span - 1), all) : all;
  const original = isDense
    ? words.loom.originalInBins(tokens, number(Math.round(span / bins)))
    : words.loom.original(tokens);
  // A token in front of the others reaches higher than a bin.
  const down = isDense ? -20 : names ? -44 : -23;
  labels.push({ text: original, at: [-loomHalfWidth, row, back], down, anchor: 'start', part: 'original', until });
  const sorted = isPart
    ? words.loom.sortedStretch(round + 1, settings.rounds, number(firstShown), number(firstShown + span - 1))
    : words.loom.sorted(round + 1, settings.rounds);
  const { sort, own } = progressAt(state.phase, settings.rounds);
  if (sort > 0)
    labels.push({ text: sorted, at: [-loomHalfWidth, -row, 0], down: 46, anchor: 'start', part: 'sorted', until });
  const position = readout?.rounds[round];
  if (position && own > 0.5) {
    const { chunk } = position;
    const { lookBack, lookAhead, wrap } = settings;
    const first = chunk * settings.chunk;
    const last = Math.min(first + settings.chunk, shape.n);
    const anchor = first + last - 2 * firstShown > span ? 'end' : 'start';
    const text = words.loom.chunk(chunk, wrap ? lookBack : Math.min(lookBack, chunk), lookAhead);
    const x =
      2 * loomHalfWidth * (Math.min(1, Math.max(0, ((anchor === 'end' ? last : first) - firstShown) / span)) - 0.5);
    labels.push({ text, at: [x, -row, 0], down: 26, anchor, kind: 'accent', part: 'window', stays: true });
  }
  return labels;
}

/** Most pieces of a text that are named, besides the selected one. */
const mostNames = 5;

/** Least weight of a piece that is named. */
const leastWeight = 0.03;

/** Least distance of two names in tokens, as a share of the loom's width. */
const leastGap = 0.075;

/** Names the selected piece of a text, the heaviest ones that it saw, and the heaviest that it missed, in the text's order. */
export function pieceLabels({ names, readout, stretch, state, settings }: Picture, row: number): Label[] {
  if (!names || !readout) return [];
  const { start, span } = stretch;
  const seen = readout.seen.map(({ key, weight }) => ({ key, weight, kind: 'piece' as const }));
  const missed = readout.missed.map(({ key, full }) => ({ key, weight: full, kind: 'lost' as const }));
  const heaviest = [...seen, ...missed]
    .filter(({ weight }) => weight >= leastWeight)
    .sort((a, b) => b.weight - a.weight);
  const selected = { key: readout.token, kind: 'accent' as const };
  const named: { key: number; kind: 'accent' | 'piece' | 'lost' }[] = [selected];
  // While the algorithm plays, no other piece has a name before it is seen.
  const isSeen = progressAt(state.phase, settings.rounds).around === 1;
  for (const entry of isSeen ? heaviest : []) {
    const isFree = named.every(({ key }) => Math.abs(key - entry.key) >= leastGap * span);
    if (isFree && named.length <= mostNames) named.push(entry);
  }
  return named
    .filter(({ key }) => key >= start && key < start + span)
    .map(({ key, kind }) => ({
      text: (names[key] ?? '').trim(),
      at: [2 * loomHalfWidth * ((key + 0.5 - start) / span - 0.5), row, 0],
      // Above the rounds behind.
      down: -36,
      anchor: 'middle',
      kind,
    }));
}

/** Labels above and below the matrix; `placement` puts it into the world. */
export function matrixLabels({ state, settings, shape, round, matrix }: Picture, placement: Mat4): Label[] {
  const corner = (y: number): [number, number, number] => {
    const [px, py, pz] = vec3.transformMat4([-matrixHalf, y * matrixHalf, 0], placement);
    return [px, py, pz];
  };
  const { start, count, each, sortedBy } = matrix;
  const isSorted = state.matrixOrder === 'sorted';
  const isOneRound = state.matrixRounds === 'one' || (each > 1 && sortedBy !== undefined);
  const allRounds = settings.rounds > 1 ? words.matrix.allRounds : words.matrix.oneRound;
  const pairs = isOneRound ? words.matrix.round(round + 1) : allRounds;
  const order = isSorted ? words.matrix.sorted(round + 1) : words.matrix.original;
  const axesOfStretch = isSorted ? words.matrix.axesOfPositions : words.matrix.axesOfTokens;
  const axes = count * each < shape.n ? axesOfStretch(number(start), number(start + count - 1)) : words.matrix.axes;
  return [
    {
      text: words.matrix.title(pairs, order),
      at: corner(1),
      down: -12,
      anchor: 'start',
      part: 'matrix',
      stays: true,
      until: 'edge',
    },
    { text: axes, at: corner(-1), down: 14, anchor: 'start', stays: true, until: 'edge' },
  ];
}
