import { type AdamSettings, adamFactors } from '../algorithm/adam';
import { type ModelSettings, parameterShapes, sizeOf } from '../algorithm/model-settings';
import { bindingBytes, type Context, type Dispatch } from '../gpu/runtime/context';
import { InputError } from '../shared/errors';
import { random } from '../shared/random';
import '../gpu/runtime/training-kernels';

/** Where a parameter lies: `offset` numbers into its segment's buffers. */
export interface Parameter {
  name: string;
  shape: number[];
  count: number;
  segment: number;
  offset: number;
}

/** Numbers of every segment. */
export interface Snapshot {
  weights: ArrayBuffer[];
  moments: ArrayBuffer[];
}

/** Numbers of a buffer that one workgroup of an elementwise kernel takes. */
const share = 4096;
/** Numbers of the largest bias. */
const biasRoom = 2 ** 20;

/**
 * All parameters of a model on the GPU, one behind the other in segments that can be bound whole; with their gradients and Adam's moments
 * where they are to be trained.
 */
export class Weights {
  readonly parameters = new Map<string, Parameter>();
  private readonly lengths: number[] = [];

  /** @throws InputError if one parameter alone is too large for a binding. */
  constructor(
    readonly context: Context,
    readonly settings: ModelSettings,
    readonly trained: boolean,
  ) {
    const most = bindingBytes / (trained ? 8 : 4);
    for (const [name, shape] of parameterShapes(settings)) {
      const count = sizeOf(shape);
      if (count + biasRoom > most)
        throw new InputError(`${name} has ${count} numbers; at most ${most - biasRoom} can be computed with.`);
      // A bias stays with its weight: kernels bind the two as one.
      const fits = name.endsWith('.bias') || (this.lengths.at(-1) ?? most) + count + biasRoom <= most;
      if (!fits) this.lengths.push(0);
      const segment = this.lengths.length - 1;
      this.parameters.set(name, { name, shape, count, segment, offset: this.lengths[segment] });
      // Kernels read four numbers at a time.
      this.lengths[segment] += 4 * Math.ceil(count / 4);
    }
    this.lengths.forEach((_, segment) => {
      this.weights(segment);
      if (trained) for (const kind of ['gradients', 'moments'] as const) this.buffer(kind, segment);
    });
  }

  /** @throws Error if the model has no such parameter. */
  get(name: string): Parameter {
    const found = this.parameters.get(name);
    if (!found) throw new Error(`there is no parameter ${name}`);
    return found;
  }

  weights(segment: number): GPUBuffer {
    return this.buffer('weights', segment);
  }

  gradients(segment: number): GPUBuffer {
    return this.buffer('gradients', segment);
  }

  /** Values by name, all or some. */
  upload(values: Map<string, ArrayLike<number>>): void {
    for (const [name, data] of values) {
      const { segment, offset, count } = this.get(name);
      if (data.length !== count) throw new Error(`${name} has ${count} numbers, not ${data.length}`);
      const numbers = Float32Array.from(data);
      this.context.write(this.weights(segment), 4 * offset, numbers);
    }
  }

  /** Normal weights of variance 1/inputs, embeddings of deviation `embedding`; norms are ones, biases zeros; moments are forgotten. */
  reset(seed: number, embedding = 0.1): void {
    const values = new Map<string, Float32Array>();
    let k = 0;
    for (const { name, shape, count } of this.parameters.values()) {
      const draw = random(seed, 20, k++);
      const isNorm = name.includes('layer_norm');
      const deviation = name.includes('embeddings') ? embedding : 1 / Math.sqrt(shape.at(-1) as number);
      const value = () =>
        shape.length === 1 ? (isNorm && name.endsWith('weight') ? 1 : 0) : deviation * draw.normal();
      values.set(name, Float32Array.from({ length: count }, value));
    }
    this.upload(values);
    if (!this.trained) return;
    this.context.submit((encoder) => {
      for (const segment of this.lengths.keys()) encoder.clearBuffer(this.buffer('moments', segment));
    });
  }

  /** Numbers of every parameter, or of their gradients, by name. */
  async read(kind: 'weights' | 'gradients' = 'weights'): Promise<Map<string, Float32Array>> {
    const segments = await Promise.all(
      this.lengths.map((length, segment) => this.context.readBuffer(this.buffer(kind, segment), 4 * length)),
    );
    return new Map(
      [...this.parameters.values()].map(({ name, segment, offset, count }) => [
        name,
        new Float32Array(segments[segment], 4 * offset, count),
      ]),
    );
  }

  /** Weights and moments, through memory that is kept for it, so that it can be done after every step. */
  async snapshot(): Promise<Snapshot> {
    const { context } = this;
    const copies = (['weights', 'moments'] as const).map((kind) =>
      this.lengths.map((_, segment) => {
        const buffer = this.buffer(kind, segment);
        const copy = context.staging(`copy of ${buffer.label}`, buffer.size);
        context.submit((encoder) => encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size));
        return copy;
      }),
    );
    const read = async (copy: GPUBuffer) => {
      await context.map(copy);
      const bytes = copy.getMappedRange().slice(0);
      copy.unmap();
      return bytes;
    };
    const [weights, moments] = await Promise.all(copies.map((ofKind) => Promise.all(ofKind.map(read))));
    return { weights, moments };
  }

  restore({ weights, moments }: Snapshot): void {
    this.lengths.forEach((_, segment) => {
      this.context.write(this.buffer('weights', segment), 0, weights[segment]);
      this.context.write(this.buffer('moments', segment), 0, moments[segment]);
    });
  }

  /** Sets all gradients to zero. */
  clearDispatches(): Dispatch[] {
    return this.lengths.map((length, segment) => clear('backward', this.gradients(segment), length));
  }

  /** One step of Adam; its factors are those of `step`, see `stepBlock`. */
  adamDispatches({ beta1, beta2 }: AdamSettings, step: GPUBuffer): Dispatch[] {
    const parts = this.lengths.map((length) => Math.ceil(length / share));
    const total = parts.reduce((a, b) => a + b, 0);
    const sums = this.context.buffer('square sums', 4 * total);
    let first = 0;
    const norms = this.lengths.map((length, segment): Dispatch => {
      const block = new Uint32Array([length, first, 0, 0]).buffer;
      first += parts[segment];
      const resources = [this.gradients(segment), sums];
      return {
        step: 'update',
        kernel: 'square-sums',
        block,
        resources,
        groups: [parts[segment], 1, 1],
        cost: 2 * length,
      };
    });
    const updates = this.lengths.map((length, segment): Dispatch => {
      const block = new ArrayBuffer(16);
      new Uint32Array(block).set([length, total]);
      new Float32Array(block).set([beta1, beta2], 2);
      return {
        step: 'update',
        kernel: 'adam',
        block,
        resources: [this.gradients(segment), sums, step, this.weights(segment), this.buffer('moments', segment)],
        groups: [parts[segment], 1, 1],
        cost: 16 * length,
      };
    });
    return [...norms, ...updates];
  }

  private buffer(kind: 'weights' | 'gradients' | 'moments', segment: number): GPUBuffer {
    return this.context.buffer(`${kind} ${segment}`, (kind === 'moments' ? 8 : 4) * this.lengths[segment]);
  }
}

/** Sets the first numbers of a buffer to zero. */
export const clear = (step: string, buffer: GPUBuffer, count: number): Dispatch => ({
  step,
  kernel: 'clear',
  block: new Uint32Array([count, 0, 0, 0]).buffer,
  resources: [buffer],
  groups: [Math.ceil(count / share), 1, 1],
  cost: count,
});

/** What differs from step to step, as the kernels read it; steps count from 0. `asked` targets are the mean's denominator. */
export function stepBlock(settings: AdamSettings, index: number, asked: number): ArrayBuffer {
  const block = new ArrayBuffer(32);
  const { rate, epsilon } = adamFactors(settings, index + 1);
  new Uint32Array(block).set([index, asked]);
  new Float32Array(block).set([rate, epsilon, settings.clip], 2);
  return block;
}
