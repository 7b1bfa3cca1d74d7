import { uniform, uniformArray } from 'three/tsl';
import { Vector3, Vector4 } from 'three/webgpu';
import { limits } from '../algorithm/settings';

/** The uniforms of the loom's shader. */
export class LoomUniforms {
  // Named as the shader's arguments.
  readonly n = uniform(2, 'uint');
  readonly rounds = uniform(1, 'uint');
  readonly head = uniform(0, 'uint');
  readonly front = uniform(0, 'uint');
  /** Where the order begins in the placement. */
  readonly orderStart = uniform(0, 'uint');
  readonly segments = uniform(8, 'uint');
  /** The shown stretch: `span` tokens from `start` on above, `span` sorted positions from `first` on below. */
  readonly start = uniform(0, 'uint');
  readonly first = uniform(0, 'uint');
  readonly span = uniform(2, 'uint');
  /** Bins of each order if flows are drawn, else 0. */
  readonly bins = uniform(0, 'uint');
  /** Tokens in a flow from which on its thread has full density. */
  readonly densest = uniform(1, 'float');
  readonly chunk = uniform(4, 'uint');
  readonly chunks = uniform(1, 'int');
  readonly lookBack = uniform(1, 'int');
  readonly lookAhead = uniform(0, 'int');
  readonly ownBucketOnly = uniform(0, 'uint');
  readonly causal = uniform(0, 'uint');
  readonly wraps = uniform(0, 'uint');
  /** Items drawn: tokens or flows of the round in front, tokens or cells of each other round, and slots of a window. */
  readonly drawn = uniform(2, 'uint');
  readonly drawnFar = uniform(2, 'uint');
  readonly window = uniform(8, 'uint');
  readonly items = uniform(0, 'uint');
  readonly selected = uniform(-1, 'int');
  readonly rowHeight = uniform(1, 'float');
  readonly pixel = uniform(0.002, 'float');
  readonly fade = uniform(0.001, 'float');
  readonly thread = uniform(0.4, 'float');
  readonly ink = uniform(new Vector3());
  readonly accent = uniform(new Vector3());
  readonly flowColour = uniform(new Vector3());
  readonly ownChunk = uniformArray<'int'>(new Array(limits.rounds).fill(0), 'int');
  readonly ownBucket = uniformArray<'int'>(new Array(limits.rounds).fill(0), 'int');

  // The play. Where bars are, by rounds from the one in front on: the selected token's sorted position, its round's share, and the sum before.
  readonly barPlace = uniformArray<'float'>(new Array(limits.rounds).fill(0), 'float');
  readonly barShare = uniformArray<'float'>(new Array(limits.rounds).fill(0), 'float');
  readonly barBefore = uniformArray<'float'>(new Array(limits.rounds).fill(0), 'float');
  readonly unhashed = uniform(new Vector3());
  /** How far tokens, hash, sort and walls are; then the own chunk, chunks around it, arrived rounds and the join of rounds. */
  readonly prepared = uniform(new Vector4(1, 1, 1, 1));
  readonly attended = uniform(new Vector4(1, 1, limits.rounds, 1));
}
