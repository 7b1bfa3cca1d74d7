import type { Engine, Job, MatrixView } from './core/engine';
import { InputError } from './core/errors';
import { rotations } from './core/hash';
import { duplication, sphere, twins, type Vectors } from './core/inputs';
import type { TokenReadout } from './core/readout';
import type { Shape } from './core/settings';
import type { VectorFile } from './core/vectorfile';
import { allQueries, matrixSize } from './gpu/engine';
import { controls, keys, type State } from './state/schema';
import { settingsOf, shapeOf, shownHead, shownRound } from './state/state';

const jobKeys = keys.filter((key) => controls[key].group !== 'view');

/** Equal for states of which the engine computes the same. `file` numbers the person's files. */
export const jobKey = (state: State, file: number): string =>
  JSON.stringify([state.input === 'own' ? file : 0, ...jobKeys.map((key) => state[key])]);

/** @throws InputError if the engine cannot compute it; before anything large is made. */
export function makeJob(state: State, engine: Engine, file: VectorFile | undefined): Job {
  const settings = settingsOf(state);
  const shape = shapeOf(state);
  engine.check(shape, settings);
  return { vectors: makeVectors(state, shape, file), settings, rotations: rotations(shape, settings, state.seed) };
}

function makeVectors(state: State, shape: Shape, file: VectorFile | undefined): Vectors {
  const { seed, noise, length, symbols } = state;
  const options = { seed, noise, length };
  switch (state.input) {
    case 'twins':
      return twins(shape, options);
    case 'sphere':
      return sphere(shape, options);
    case 'duplication':
      return duplication(shape, { ...options, symbols });
    default:
      if (!file) throw new InputError('There is no file of vectors; drop one on the page.');
      return { shape, qk: file.qk, v: file.v ?? file.qk };
  }
}

/** The square of pairs that is shown: all, or the part around the selected token. */
export function matrixView(state: State, readout: TokenReadout): MatrixView {
  const round = shownRound(state);
  const sorted = state.matrixOrder === 'sorted';
  // Each row needs its own full attention: where keys are many, rows are few.
  const count = Math.min(state.n, state.n <= allQueries ? matrixSize : 128);
  const center = sorted ? readout.rounds[round].rank : readout.token;
  const start = Math.max(0, Math.min(state.n - count, center - Math.floor(count / 2)));
  return {
    head: shownHead(state),
    start,
    count,
    sortedBy: sorted ? round : undefined,
    onlyRound: state.matrixRounds === 'one' ? round : undefined,
  };
}
