import { rotations } from '../algorithm/hash';
import type { Vectors } from '../algorithm/inputs';
import type { Shape } from '../algorithm/settings';
import type { TokenReadout } from '../algorithm/token-report';
import { turnDirections } from '../algorithm/turned-directions';
import type { Engine, Job, MatrixView, Stretch } from '../engine/engine';
import type { VectorFile } from '../formats/vector-file';
import { allQueries, matrixSize } from '../gpu/gpu-engine';
import { InputError } from '../shared/errors';
import { controls, keys, type State } from '../state/schema';
import { settingsOf, shapeOf, shownHead, shownRound } from '../state/state';
import { VectorMaker } from './vectors';

/** A person's own vectors, and a number that tells one file from another; 0 without. */
export interface UserVectors {
  file: VectorFile | undefined;
  number: number;
}

const jobKeys = keys.filter((key) => ['attention', 'convention', 'input'].includes(controls[key].group));

/** Equal for states of which the engine computes the same. `file` numbers the person's files. */
export const jobKey = (state: State, file: number): string =>
  JSON.stringify([state.input === 'own' ? file : 0, ...jobKeys.map((key) => state[key])]);

/** @throws InputError if the engine cannot compute it; before anything large is made. */
export async function makeJob(
  state: State,
  engine: Engine,
  file: VectorFile | undefined,
  signal: AbortSignal,
): Promise<Job> {
  const settings = settingsOf(state);
  const shape = shapeOf(state);
  engine.check(shape, settings);
  const vectors = await vectorsOf(state, shape, file, signal);
  return { vectors, settings, rotations: turnDirections(rotations(shape, settings, state.seed), shape, state.turn) };
}

const maker = new VectorMaker();

/** The vectors of the last file that was asked for: the same object as long as it is the same file. */
let ofFile: { file: VectorFile; vectors: Vectors } | undefined;

async function vectorsOf(
  state: State,
  shape: Shape,
  file: VectorFile | undefined,
  signal: AbortSignal,
): Promise<Vectors> {
  const { input: kind, seed, noise, length, symbols } = state;
  if (kind !== 'own') return maker.make({ kind, shape, seed, noise, length, symbols }, signal);
  if (!file) throw new InputError('There is no file of vectors; drop one on the page.');
  if (ofFile?.file !== file) ofFile = { file, vectors: { shape, qk: file.qk, v: file.v ?? file.qk } };
  return ofFile.vectors;
}

/** The first of `count` places around `center`, all within 0 … n − 1. */
const firstAround = (center: number, count: number, n: number): number =>
  Math.max(0, Math.min(n - count, center - Math.floor(count / 2)));

/** The part of the loom that is shown: all, or what lies around the selected token, above and below. */
export function stretchOf({ n, span: asked, ...state }: State, { token, rounds }: TokenReadout): Stretch {
  const span = Math.min(n, asked || n);
  const { rank } = rounds[shownRound({ ...state, n, span: asked })];
  return { start: firstAround(token, span, n), first: firstAround(rank, span, n), span };
}

/** The square of pairs that is shown: all, or the part around the selected token; of very many, how many met in each of few cells. */
export function matrixView(state: State, readout: TokenReadout): MatrixView {
  const { n, span } = state;
  const round = shownRound(state);
  const sorted = state.matrixOrder === 'sorted';
  const common = {
    head: shownHead(state),
    sortedBy: sorted ? round : undefined,
    onlyRound: state.matrixRounds === 'one' ? round : undefined,
  };
  if (n > allQueries && (span === 0 || span > matrixSize)) {
    const each = Math.ceil(n / matrixSize);
    return { ...common, start: 0, count: Math.ceil(n / each), each };
  }
  // Each row needs its own full attention: where keys are many, rows are few.
  const count = Math.min(n, span || n, n <= allQueries ? matrixSize : 128);
  const start = firstAround(sorted ? readout.rounds[round].rank : readout.token, count, n);
  return { ...common, start, count, each: 1 };
}
