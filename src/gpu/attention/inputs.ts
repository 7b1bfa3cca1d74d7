import type { AttentionInput } from '../../algorithm/lsh';
import { checkSettings, type Settings, type Shape } from '../../algorithm/settings';
import { toHalf } from '../../formats/half';
import { InputError } from '../../shared/errors';
import { bindingBytes, bytesOf, type Context, type GpuTensor, type Resource } from '../runtime/context';
import type { VectorStorage } from '../runtime/kernel-text';
import { type KernelChoice, kernelChoice } from './kernel-choice';
import { type DispatchParams, packParams } from './params';

export interface InputOptions {
  /**
   * How qk, v and a gradient of out are stored. 16 bits take half the memory and its traffic, where the device has them; sums, results and
   * all arithmetic stay in 32.
   */
  storage?: 'f32' | 'f16';
  /** Most bytes of one binding; larger tensors of vectors are bound as two halves. For tests. */
  bindingBytes?: number;
  /** Sequences that are attended to side by side, as heads: those of each hash with the directions of the first's. */
  sequences?: number;
  /** Names of tensors that are not shared with other attentions of the context. */
  name?: (tensor: string) => string;
  /** Whether queries are worked on in blocks even where tokens are few. For tests. */
  blocks?: boolean;
}

/**
 * The query-keys and values of one attention in GPU memory, [h, n, d] each, and what every kernel that reads them needs: constants, bindings and
 * uniform blocks. Tensors keep their buffers from one instance to the next as long as their sizes stay the same.
 */
export class AttentionInputs {
  readonly qk: GpuTensor;
  readonly v: GpuTensor;
  /** How tensors of vectors are stored; where they are bound as two halves, `halfRows` vectors lie in the first. */
  readonly storage: VectorStorage;
  readonly halfRows: number;
  /** Sequences side by side. */
  readonly sequences: number;
  /** The kernels that compute this attention. */
  readonly choice: KernelChoice;
  protected readonly nameOf: (tensor: string) => string;

  /** @throws InputError if a size or setting is out of range, or if the device cannot store 16-bit floats that the options want. */
  constructor(
    readonly context: Context,
    readonly shape: Shape,
    readonly settings: Settings,
    {
      storage = 'f32',
      bindingBytes: most = bindingBytes,
      sequences = 1,
      name = (tensor) => tensor,
      blocks = false,
    }: InputOptions = {},
  ) {
    checkSettings(shape, settings, sequences);
    const { heads, n } = shape;
    this.sequences = sequences;
    this.nameOf = name;
    const f16 = storage === 'f16';
    if (f16 && !context.f16) throw new InputError(`${context.name} cannot store 16-bit floats.`);
    this.storage = { halves: 16 * heads * n * this.vec4s > most, f16 };
    // A binding may begin at any multiple of 256 bytes.
    this.halfRows = 32 * Math.ceil((heads * n) / 64);
    this.choice = kernelChoice(n, { sequences, halves: this.storage.halves, blocks });
    this.qk = this.vectorTensor('qk', true);
    this.v = this.vectorTensor('v', true);
  }

  /** vec4s in a vector. */
  get vec4s(): number {
    return Math.ceil(this.shape.d / 4);
  }

  /** Constants of the kernels that hold whole vectors. */
  get constants(): { D4: number } {
    return { D4: this.vec4s };
  }

  /** And of those that go through windows. */
  get windowConstants(): { D4: number; RING: boolean } {
    return { D4: this.vec4s, RING: this.settings.wrap };
  }

  /**
   * Threads of a workgroup of one query, which wait for each other. A software device makes a coroutine of every four, and that costs more
   * than what they do.
   */
  threads(onGpu: number, atLeast = 4): { THREADS: number } {
    return { THREADS: this.context.software ? 4 * Math.ceil(atLeast / 4) : onGpu };
  }

  /**
   * Of the kernels that work on blocks of queries: what fits 16 KiB of workgroup memory. A software device gains nothing from large
   * blocks, and takes longer to compile them: it writes out the clearing of workgroup memory.
   */
  get blockConstants(): { D4: number; THREADS: number; TILE: number } {
    const D4 = this.vec4s;
    if (this.context.software) return D4 > 16 ? { D4, THREADS: 4, TILE: 4 } : { D4, THREADS: 8, TILE: 8 };
    return D4 > 16 ? { D4, THREADS: 16, TILE: 8 } : { D4, THREADS: 32, TILE: 16 };
  }

  /** Of the kernels that work on tiles of other vectors. */
  get tileConstants(): { D4: number; TILE: number } {
    const D4 = this.vec4s;
    return { D4, TILE: this.context.software ? 4 : D4 > 16 ? 8 : 16 };
  }

  /** A tensor [h, n, d] whose vectors fill whole vec4s; what is `given` may be stored in 16 bits. */
  vectorTensor(name: string, given = false): GpuTensor {
    const { heads, n, d } = this.shape;
    return this.context.tensor(
      this.nameOf(name),
      given && this.storage.f16 ? 'f16' : 'f32',
      [heads, n, d],
      [heads, n, 4 * this.vec4s],
      2,
    );
  }

  /** The two bindings of a tensor [h, n, d]: it is whole in the first, or each holds a half. */
  bind({ buffer, elements, type }: GpuTensor): [Resource, Resource] {
    if (!this.storage.halves) return [buffer, undefined];
    const size = bytesOf[type] * 4 * this.vec4s * this.halfRows;
    return [
      { buffer, size },
      { buffer, offset: size, size: bytesOf[type] * elements - size },
    ];
  }

  uploadVectors({ qk, v }: Pick<AttentionInput, 'qk' | 'v'>): void {
    this.write(this.qk, qk);
    this.write(this.v, v);
  }

  /** Fills a tensor [h, n, d]. In pieces: a browser copies what it is given before it sends it on. */
  write({ buffer, type }: GpuTensor, rows: ArrayLike<number>): void {
    const floats = padded(rows, this.shape.d);
    const numbers = type === 'f16' ? toHalf(floats) : floats;
    const most = 2 ** 23;
    for (let first = 0; first < numbers.length; first += most) {
      const count = Math.min(most, numbers.length - first);
      this.context.write(buffer, bytesOf[type] * first, numbers, first, count);
    }
  }

  params(dispatch: DispatchParams): ArrayBuffer {
    return packParams(this.shape, this.settings, { halfRows: this.halfRows, ...dispatch });
  }
}

/** Rows of d numbers as float32 rows of whole vec4s. */
export function padded(rows: ArrayLike<number>, d: number): Float32Array<ArrayBuffer> {
  if (d % 4 === 0) return rows instanceof Float32Array ? (rows as Float32Array<ArrayBuffer>) : Float32Array.from(rows);
  const width = 4 * Math.ceil(d / 4);
  const count = rows.length / d;
  const out = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < d; k++) out[row * width + k] = rows[row * d + k];
  }
  return out;
}

/** The inverse of `padded`. */
export function unpadded(rows: ArrayLike<number>, d: number): Float32Array {
  const width = 4 * Math.ceil(d / 4);
  const out = new Float32Array((rows.length / width) * d);
  for (let i = 0; i < out.length; i++) out[i] = rows[Math.floor(i / d) * width + (i % d)];
  return out;
}
