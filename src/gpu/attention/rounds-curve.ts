import type { CurvePoint } from '../../algorithm/fidelity';
import { type Shape, windowLength } from '../../algorithm/settings';
import type { WorkOptions } from '../../engine/engine';
import type { Dispatch } from '../runtime/context';
import { dispatchRanges } from '../runtime/dispatch-ranges';
import { flag } from '../runtime/uniforms';
import type { FullAttention } from './full-attention';
import type { LshAttention } from './lsh-attention';
import { lostMassOf } from './missed-pairs';

/** Constants of the kernel, which needs at least one thread for each vec4 of a vector. */
export const curveConstants = (lsh: LshAttention) => ({ ...lsh.windowConstants, ...lsh.threads(32, lsh.vec4s) });

/**
 * Error, captured and lost mass for 1 … R rounds, over the queries of `full`: all, or those of `sampleTokens`. Needs `run` of both.
 *
 * If each pair counts in the first slot that holds it, the running softmax is the one over the union of pairs seen so far, so one pass
 * over the rounds gives every point. With divided duplicates this softmax is the output itself. In a ring the first rounds do not see
 * what they see among all R, so each point is computed anew.
 */
export async function roundsCurveOf(
  lsh: LshAttention,
  full: FullAttention,
  options: WorkOptions = {},
): Promise<CurvePoint[]> {
  const { tokens } = full;
  const { context, settings, shape } = lsh;
  const { rounds, wrap, duplicates } = settings;
  const reportHalf = (from: number) => (done: number) => options.onProgress?.(from + done / 2);
  const lost = await lostMassOf(lsh, full, { ...options, onProgress: reportHalf(0) });
  const count = tokens.length;
  const pass = (kind: 'first' | 'counted') => {
    const { heads, d } = shape;
    const state = context.tensor(`curve ${kind}`, 'f32', [heads, count, 4 * lsh.vec4s + 4]);
    const sums = context.tensor(`curve sums ${kind}`, 'f32', [rounds, heads, count, 4]);
    return { kind, state, sums, cost: heads * windowLength(settings) * (4 * d + 64) };
  };
  const union = pass('first');
  const passes = duplicates === 'counted' ? [union, pass('counted')] : [union];
  const dispatches: Dispatch[] = [];
  for (let r = 1; r <= rounds; r++) {
    const from = wrap ? 0 : r - 1;
    for (const { kind, state, sums, cost } of passes) {
      for (let round = from; round < r; round++) {
        for (const { first, blocks } of dispatchRanges(count, cost, context.queue.dispatchCost)) {
          dispatches.push({
            step: 'curve',
            kernel: 'curve',
            constants: curveConstants(lsh),
            storage: lsh.storage,
            block: lsh.params({
              round,
              rounds: r,
              start: first,
              count,
              flags: (round === 0 ? flag.restart : 0) | (kind === 'first' ? flag.first : 0),
              duplicates: 'counted',
            }),
            resources: [
              ...[lsh.qk, lsh.v].flatMap((tensor) => lsh.bind(tensor)),
              ...[lsh.placement, full.out, state, sums].map((tensor) => tensor.buffer),
            ],
            groups: [blocks, shape.heads, 1],
            cost: blocks * cost,
          });
        }
      }
    }
  }
  await context.queue.run(await context.prepare('curve', dispatches), {
    ...options,
    timed: false,
    onProgress: reportHalf(0.5),
  });
  const [fullLse, ofUnion, ofOut] = await Promise.all(
    [full.lse, union.sums, (passes.at(-1) ?? union).sums].map((tensor) => context.read(tensor)),
  );
  const size = 4 * shape.heads * count;
  return lost.map((causes, r) => {
    const sums = [ofUnion, ofOut].map((all) => all.subarray(r * size, (r + 1) * size));
    return { rounds: r + 1, ...point(sums[0], sums[1], fullLse, tokens, shape), lost: causes };
  });
}

/** Error and captured mass from the sums of every query; see shaders/attention/curve.wgsl. */
function point(
  ofUnion: ArrayLike<number>,
  ofOut: ArrayLike<number>,
  fullLse: ArrayLike<number>,
  tokens: Uint32Array,
  { heads, n }: Shape,
): { error: number; captured: number } {
  let squaredDistance = 0;
  let squaredSize = 0;
  let captured = 0;
  for (let row = 0; row < heads * tokens.length; row++) {
    squaredDistance += ofOut[4 * row];
    squaredSize += ofOut[4 * row + 1];
    const token = Math.floor(row / tokens.length) * n + tokens[row % tokens.length];
    captured += Math.exp(ofUnion[4 * row + 2] - fullLse[token]);
  }
  return {
    error: squaredDistance === 0 ? 0 : Math.sqrt(squaredDistance / squaredSize),
    captured: captured / (heads * tokens.length),
  };
}
