import { type AdamSettings, adamFactors } from '../algorithm/adam';
import { type ModelSettings, parameterShapes, sizeOf } from '../algorithm/model-settings';
import { bindingBytes, type Context, type Dispatch } from '../gpu/runtime/context';
import { InputError } from '../shared/errors';
import { random } from '../shared/random';
import '../gpu/runtime/training-kernels';
import { trainingUniforms } from '../gpu/runtime/training-uniforms';
import { packUniform } from '../gpu/runtime/uniforms';

/** The address of a parameter: `offset` numbers into the buffers of its segment. */
export interface Parameter {
  name: string;
  shape: number[];
  count: number;
  segment: number;
  offset: number;
}

/** Weights and moments of every segment, as bytes. */
export interface Snapshot {
  weights: ArrayBuffer[];
  moments: ArrayBuffer[];
}

/** Numbers that one workgroup of an elementwise kernel takes. */
const groupLength = 4096;
/** Space at the end of a segment for a bias, in numbers. */
const biasRoom = 2 ** 20;

/**
 * All parameters of a model on the GPU, packed into segments that each fit one binding. If `trained`, their gradients and Adam's moments
 * too.
 */
export class Weights {
  readonly parameters = new Map<string, Parameter>();
  private readonly lengths: number[] = [];

  /** @throws InputError if a parameter is too large for a binding. */
  constructor(
    readonly context: Context,
    readonly settings: ModelSettings,
    readonly trained: boolean,
  ) {
    const most = bindingBytes / (trained ? 8 : 4);
    for (const [name, shape] of parameterShapes(settings)) {
      const count = sizeOf(shape);
      if (count + biasRoom > most)
        throw new InputError(`${name} has ${count} numbers, but a parameter may have at most ${most - biasRoom}.`);
      // A bias stays in the segment of its weight, because kernels bind the two at once.
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
    const parameter = this.parameters.get(name);
    if (!parameter) throw new Error(`the model has no parameter ${name}`);
    return parameter;
  }

  /** The weights of a segment. */
  weights(segment: number): GPUBuffer {
    return this.buffer('weights', segment);
  }

  /** The gradients of a segment. */
  gradients(segment: number): GPUBuffer {
    return this.buffer('gradients', segment);
  }

  /** Uploads the values of all parameters or of some, or their moments of Adam, [count, 2], by name. */
  upload(values: Map<string, ArrayLike<number>>, kind: 'weights' | 'moments' = 'weights'): void {
    const each = kind === 'moments' ? 2 : 1;
    for (const [name, data] of values) {
      const { segment, offset, count } = this.get(name);
      if (data.length !== each * count) throw new Error(`${name} has ${each * count} ${kind}, not ${data.length}`);
      this.context.write(this.buffer(kind, segment), 4 * each * offset, Float32Array.from(data));
    }
  }

  /**
   * Draws new values: weights are normal with variance 1/inputs, embeddings with deviation `embedding`; norms are 1, biases and moments
   * 0.
   */
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

  /** Reads every parameter, its gradient, or its two moments of Adam, [count, 2], by name. */
  async read(kind: 'weights' | 'gradients' | 'moments' = 'weights'): Promise<Map<string, Float32Array>> {
    const each = kind === 'moments' ? 2 : 1;
    const segments = await Promise.all(
      this.lengths.map((length, segment) => this.context.readBuffer(this.buffer(kind, segment), 4 * each * length)),
    );
    return new Map(
      [...this.parameters.values()].map(({ name, segment, offset, count }) => [
        name,
        new Float32Array(segments[segment], 4 * each * offset, each * count),
      ]),
    );
  }

  /** Reads weights and moments, through staging buffers that are kept, so that a snapshot after every step allocates nothing. */
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
    const [weights, moments] = await Promise.all(copies.map((segments) => Promise.all(segments.map(read))));
    return { weights, moments };
  }

  /** Uploads the weights and moments of a snapshot. */
  restore({ weights, moments }: Snapshot): void {
    this.lengths.forEach((_, segment) => {
      this.context.write(this.buffer('weights', segment), 0, weights[segment]);
      this.context.write(this.buffer('moments', segment), 0, moments[segment]);
    });
  }

  /** The dispatches that set all gradients to zero. */
  clearDispatches(): Dispatch[] {
    return this.lengths.map((length, segment) => clear('backward', this.gradients(segment), length));
  }

  /** The dispatches of one step of Adam. The buffer `step` holds its factors, see `stepBlock`. */
  adamDispatches({ beta1, beta2 }: AdamSettings, step: GPUBuffer): Dispatch[] {
    const parts = this.lengths.map((length) => Math.ceil(length / groupLength));
    const total = parts.reduce((a, b) => a + b, 0);
    const sums = this.context.buffer('square sums', 4 * total);
    let first = 0;
    const norms = this.lengths.map((length, segment): Dispatch => {
      const block = packUniform(trainingUniforms.SquareSums, { count: length, first });
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
      return {
        step: 'update',
        kernel: 'adam',
        block: packUniform(trainingUniforms.Adam, { count: length, parts: total, beta1, beta2 }),
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

/** The dispatch that sets the first `count` numbers of a buffer to zero. */
export const clear = (step: string, buffer: GPUBuffer, count: number): Dispatch => ({
  step,
  kernel: 'clear',
  block: packUniform(trainingUniforms.Clear, { count }),
  resources: [buffer],
  groups: [Math.ceil(count / groupLength), 1, 1],
  cost: count,
});

/** The block of a step that kernels read: its index from 0, and the factors of Adam. */
export function stepBlock(settings: AdamSettings, index: number): ArrayBuffer {
  return packUniform(trainingUniforms.Step, { index, ...adamFactors(settings, index + 1), clip: settings.clip });
}
