import { type Mat4, vec3 } from 'wgpu-matrix';
import type { Settings } from '../algorithm/settings';
import type { Label } from './labels';
import { loomHalfWidth } from './loom';
import { matrixHalf } from './matrix';
import type { Picture } from './picture';

/** The loom as it stands: height of its upper row, depth of its last round, and how it draws long stretches. */
export interface LoomLook {
  row: number;
  back: number;
  flowBins: number;
  drawnTokens: number;
  /** Something stands to the right of it. */
  isBeside: boolean;
}

/** Words above and below the loom. */
export function loomWords(
  { settings, shape, round, readout, stretch }: Picture,
  { row, back, flowBins: bins, drawnTokens, isBeside }: LoomLook,
): Label[] {
  const labels: Label[] = [];
  const until = isBeside ? ([loomHalfWidth + 0.1, 0, 0] as const) : 'edge';
  const { start, first: firstShown, span } = stretch;
  const n = shape.n.toLocaleString('en');
  const isDense = span > drawnTokens;
  const inBins = isDense ? ` in bins of ${Math.round(span / bins).toLocaleString('en')}` : '';
  const part = span < shape.n ? `${start.toLocaleString('en')} … ${(start + span - 1).toLocaleString('en')} of ` : '';
  const original = `${part}${n} tokens${inBins}, original order${isDense ? '; denser threads take more' : ''}`;
  // A token in front of the others reaches higher than a bin.
  const down = isDense ? -20 : -23;
  labels.push({ text: original, at: [-loomHalfWidth, row, back], down, anchor: 'start', part: 'original', until });
  const places =
    span < shape.n
      ? ` (positions ${firstShown.toLocaleString('en')} … ${(firstShown + span - 1).toLocaleString('en')})`
      : '';
  const sorted = `sorted by bucket, round ${round + 1} of ${settings.rounds}${places}`;
  labels.push({ text: sorted, at: [-loomHalfWidth, -row, 0], down: 46, anchor: 'start', part: 'sorted', until });
  const place = readout?.rounds[round];
  if (place) {
    const first = place.chunk * settings.chunk;
    const last = Math.min(first + settings.chunk, shape.n);
    const anchor = first + last - 2 * firstShown > span ? 'end' : 'start';
    const text = `chunk ${place.chunk}${seenChunks(settings, place.chunk)}`;
    const x =
      2 * loomHalfWidth * (Math.min(1, Math.max(0, ((anchor === 'end' ? last : first) - firstShown) / span)) - 0.5);
    labels.push({ text, at: [x, -row, 0], down: 26, anchor, kind: 'accent', part: 'window', stays: true });
  }
  return labels;
}

/** Words above and below the matrix, which stands in the world by `place`. */
export function matrixWords({ state, settings, shape, round, matrix }: Picture, place: Mat4): Label[] {
  const corner = (y: number): [number, number, number] => {
    const [px, py, pz] = vec3.transformMat4([-matrixHalf, y * matrixHalf, 0], place);
    return [px, py, pz];
  };
  const { start, count, each } = matrix;
  const what = state.matrixRounds === 'one' ? `round ${round + 1}` : settings.rounds > 1 ? 'all rounds' : 'one round';
  const order = state.matrixOrder === 'sorted' ? `sorted as in round ${round + 1}` : 'original order';
  const shown = each > 1 && matrix.sortedBy !== undefined ? `round ${round + 1}` : what;
  const range = `${start.toLocaleString('en')} … ${(start + count - 1).toLocaleString('en')}`;
  const of = state.matrixOrder === 'sorted' ? 'sorted positions' : 'tokens';
  const part = count * each < shape.n ? `   (${of} ${range})` : '';
  return [
    {
      text: `who sees whom: ${shown}, ${order}`,
      at: corner(1),
      down: -12,
      anchor: 'start',
      part: 'matrix',
      stays: true,
      until: 'edge',
    },
    { text: `↓ queries   → keys${part}`, at: corner(-1), down: 14, anchor: 'start', stays: true, until: 'edge' },
  ];
}

function seenChunks(settings: Settings, chunk: number): string {
  const { lookBack, lookAhead, wrap } = settings;
  const before = wrap ? lookBack : Math.min(lookBack, chunk);
  const parts = [before > 0 ? `looks back ${before}` : '', lookAhead > 0 ? `ahead ${lookAhead}` : ''].filter(Boolean);
  return parts.length ? `, ${parts.join(', ')}` : '';
}
