import { rotations } from '../algorithm/hash';
import type { Vectors } from '../algorithm/inputs';
import type { Shape } from '../algorithm/settings';
import type { TokenReadout } from '../algorithm/token-report';
import { turnDirections } from '../algorithm/turned-directions';
import type { Engine, Job, MatrixView, Stretch } from '../engine/engine';
import type { VectorFile } from '../formats/vector-file';
import { allQueries, matrixSize } from '../gpu/gpu-engine';
import { InputError } from '../shared/errors';
import { memo } from '../shared/memo';
import { controls, keys, type State } from '../state/schema';
import { settingsOf, shapeOf, shownHead, shownRound } from '../state/state';
import { vectorMaker } from './vectors';

/** Vectors of a person's file, or of a text. Those of each file and each text have another number; 0: none. */
export interface UserVectors {
  file: VectorFile | undefined;
  number: number;
}

/** True for an input whose vectors are not made from the state alone. */
export const isGiven = (input: State['input']): input is 'own' | 'text' => input === 'own' || input === 'text';

const jobKeys = keys.filter((key) => ['attention', 'convention', 'input'].includes(controls[key].group));

/** A key that is equal for states with equal results of the engine. `file` is the number of the person's file. */
export const jobKey = (state: State, file: number): string =>
  JSON.stringify([isGiven(state.input) ? file : 0, ...jobKeys.map((key) => state[key])]);

/**
 * The engine's job for a state. It checks the settings before it makes large arrays.
 * @throws InputError if the engine cannot compute the settings; the signal's reason.
 */
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

const makeSeeded = vectorMaker();

/** The vectors of a file. The same file gives the same object, so the engine uploads it once. */
const vectorsOfFile = memo(
  (file: VectorFile, _shape: Shape) => file,
  ({ qk, v, names }, shape): Vectors => ({
    shape,
    qk,
    v: v ?? qk,
    ...(names && { label: (token: number) => `“${names[token]}”` }),
  }),
);

async function vectorsOf(
  state: State,
  shape: Shape,
  file: VectorFile | undefined,
  signal: AbortSignal,
): Promise<Vectors> {
  const { input: kind, seed, noise, length, symbols } = state;
  if (!isGiven(kind)) return makeSeeded({ kind, shape, seed, noise, length, symbols }, signal);
  if (!file) throw new InputError('There is no file of vectors; drop one on the page.');
  return vectorsOfFile(file, shape);
}

/** The first of `count` positions around `center`, all within 0 … n − 1. */
const firstAround = (center: number, count: number, n: number): number =>
  Math.max(0, Math.min(n - count, center - Math.floor(count / 2)));

/** The part of the loom that is shown: all of it, or the tokens around the selected one in both orders. */
export function stretchOf(state: State, { token, rounds }: TokenReadout): Stretch {
  const { n } = state;
  const span = Math.min(n, state.span || n);
  const { rank } = rounds[shownRound(state)];
  return { start: firstAround(token, span, n), first: firstAround(rank, span, n), span };
}

/**
 * The square of the matrix that is shown: all pairs, or those around the selected token. Where pairs are too many, each cell counts the pairs
 * of `each` × `each` tokens that met.
 */
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
  // Each row takes one full attention of its query, so a long sequence gets few rows.
  const count = Math.min(n, span || n, n <= allQueries ? matrixSize : 128);
  const start = firstAround(sorted ? readout.rounds[round].rank : readout.token, count, n);
  return { ...common, start, count, each: 1 };
}
