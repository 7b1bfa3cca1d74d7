import { rotations } from '../../src/algorithm/hash';
import { axialPositions, type ModelSettings, parameterShapes, sizeOf } from '../../src/algorithm/model-settings';
import { presets } from '../../src/algorithm/settings';
import { random } from '../../src/shared/random';

/** A small model with layers of every kind. */
export const smallModel: ModelSettings = {
  vocabulary: 11,
  width: 12,
  heads: 2,
  headSize: 6,
  feedForward: 10,
  activation: 'gelu',
  layers: ['lsh', 'local', 'full', 'lsh'],
  positions: axialPositions([4, 8], [5, 7]),
  epsilon: 1e-6,
  lsh: { ...presets.paper, rounds: 2, factors: [6], chunk: 5, lookBack: 1, lookAhead: 0, causal: true },
  local: { chunk: 4, lookBack: 1, lookAhead: 1 },
  fullWhenShort: false,
  residual: 'reversible',
  slices: 1,
};

/** Parameters of order 1, ids, targets with gaps, and directions, all from a seed. */
export function modelCase(settings: ModelSettings, batch: number, n: number, seed: number) {
  const draw = random(seed, 77);
  const parameters = new Map<string, Float32Array>();
  for (const [name, shape] of parameterShapes(settings)) {
    const center = /norm\.weight$/.test(name) ? 1 : 0;
    parameters.set(
      name,
      Float32Array.from({ length: sizeOf(shape) }, () => center + draw.normal() / Math.sqrt(shape.at(-1) ?? 1)),
    );
  }
  const ids = Int32Array.from({ length: batch * n }, () => draw.integer(settings.vocabulary));
  const targets = ids.map((_, at) => (at % 3 === 0 ? -1 : draw.integer(settings.vocabulary)));
  const directions = rotations({ heads: settings.heads, n, d: settings.headSize }, settings.lsh, seed);
  return { parameters, input: { batch, n, ids, rotations: directions }, targets };
}

/** Parameters in float64, for the CPU's Reformer. */
export const inDouble = (parameters: Map<string, ArrayLike<number>>): Map<string, Float64Array> =>
  new Map([...parameters].map(([name, data]) => [name, Float64Array.from(data)]));
