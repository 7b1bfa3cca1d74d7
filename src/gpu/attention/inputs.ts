import type { AttentionInput } from '../../algorithm/lsh';
import { checkSettings, type Settings, type Shape } from '../../algorithm/settings';
import { toHalf } from '../../formats/half';
import { InputError } from '../../shared/errors';
import { bindingBytes, bytesOf, type Context, type GpuTensor, type Resource } from '../runtime/context';
import type { VectorStorage } from '../runtime/kernel-text';
import { type KernelChoice, kernelChoice, shortSequence } from './kernel-choice';
import { type DispatchParams, packParams } from './params';

/** Numbers of one piece of an upload. */
const pieceLength = 2 ** 23;

export interface InputOptions {
  /**
   * How the inputs (qk, v, a gradient of out) are stored. 16-bit floats halve their memory and traffic, on devices that have them. All
   * arithmetic and all results are in 32-bit floats. Default: f32.
   */
  storage?: 'f32' | 'f16';
  /** Most bytes of one binding; larger tensors of vectors are bound as two halves. Default: `bindingBytes`. Tests set less. */
  bindingBytes?: number;
  /** Number of sequences side by side: h is then sequences · heads, and every sequence hashes with the same directions. Default: 1. */
  sequences?: number;
  /** Maps the name of a tensor to the name of its buffer. Attentions of one context share the buffers whose names are equal. */
  name?: (tensor: string) => string;
  /**
   * Number of tokens of each sequence that are no pads, [sequences]. Pads sort behind all buckets. Needs at most 512 tokens a sequence.
   * Default: no token is a pad.
   */
  lengths?: GPUBuffer | undefined;
  /** True uses the block kernels for few tokens too. Default: false. Tests set it. */
  blocks?: boolean;
}

/**
 * The query-keys and values of one attention in GPU memory, [h, n, d] each, with the constants, bindings and uniform blocks of the
 * kernels that read them. The rows of a tensor of vectors are padded to whole vec4s, [h, n, 4·D4]. A new instance on the same context
 * takes over the buffers of the last one if names and sizes are equal.
 */
export class AttentionInputs {
  /** Query-keys, [h, n, d]. */
  readonly qk: GpuTensor;
  /** Values, [h, n, d]. */
  readonly v: GpuTensor;
  /** How the tensors of vectors are stored. */
  readonly storage: VectorStorage;
  /** Vectors in the first binding of a tensor that is bound as two halves. */
  readonly halfRows: number;
  /** Number of sequences side by side. */
  readonly sequences: number;
  protected readonly lengths: GPUBuffer | undefined;
  /** The kernels that compute this attention. */
  readonly choice: KernelChoice;
  protected readonly nameOf: (tensor: string) => string;

  /** @throws InputError if a size or setting is out of range, or if `storage` is f16 and the device has no 16-bit floats. */
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
      lengths,
    }: InputOptions = {},
  ) {
    checkSettings(shape, settings, sequences);
    const { heads, n } = shape;
    this.sequences = sequences;
    this.nameOf = name;
    const f16 = storage === 'f16';
    if (f16 && !context.f16) throw new InputError(`${context.name} cannot store 16-bit floats; use storage "f32".`);
    this.storage = { halves: 16 * heads * n * this.vec4s > most, f16 };
    // WebGPU requires bindings to start at multiples of 256 bytes. 32 vectors take such a multiple, even of 16-bit floats.
    this.halfRows = 32 * Math.ceil((heads * n) / 64);
    this.choice = kernelChoice(n, { sequences, halves: this.storage.halves, blocks, padded: lengths !== undefined });
    this.lengths = lengths;
    if (lengths && this.choice.way !== 'batch')
      throw new InputError(`${n} tokens are too many for sequences with pads; use at most ${shortSequence}.`);
    this.qk = this.vectorTensor('qk', true);
    this.v = this.vectorTensor('v', true);
  }

  /** Number of vec4s in a vector, ⌈d/4⌉. */
  get vec4s(): number {
    return Math.ceil(this.shape.d / 4);
  }

  /** Constants of kernels that hold whole vectors. */
  get constants(): { D4: number } {
    return { D4: this.vec4s };
  }

  /** Constants of kernels that go through windows. */
  get windowConstants(): { D4: number; RING: boolean } {
    return { D4: this.vec4s, RING: this.settings.wrap };
  }

  /**
   * The size of a workgroup that computes one query, for kernels with barriers: `onGpu`, but on a software adapter `atLeast` rounded up
   * to a multiple of 4. Such an adapter runs every four threads as a coroutine, which costs more than the work of the threads.
   */
  threads(onGpu: number, atLeast = 4): { THREADS: number } {
    return { THREADS: this.context.software ? 4 * Math.ceil(atLeast / 4) : onGpu };
  }

  /**
   * Constants of kernels that work on blocks of queries: THREADS queries in a block and TILE keys in a tile fit 16 KiB of workgroup
   * memory. A software adapter gains nothing from large blocks, and compiles them slowly, because it unrolls the clearing of workgroup
   * memory.
   */
  get blockConstants(): { D4: number; THREADS: number; TILE: number } {
    const D4 = this.vec4s;
    if (this.context.software) return D4 > 16 ? { D4, THREADS: 4, TILE: 4 } : { D4, THREADS: 8, TILE: 8 };
    return D4 > 16 ? { D4, THREADS: 16, TILE: 8 } : { D4, THREADS: 32, TILE: 16 };
  }

  /** Constants of kernels that compare one token a thread with tiles of TILE others. */
  get tileConstants(): { D4: number; TILE: number } {
    const D4 = this.vec4s;
    return { D4, TILE: this.context.software ? 4 : D4 > 16 ? 8 : 16 };
  }

  /** A tensor of vectors, [h, n, d]. With `isInput` it is stored as `storage` says, otherwise in 32-bit floats. */
  vectorTensor(name: string, isInput = false): GpuTensor {
    const { heads, n, d } = this.shape;
    return this.context.tensor(
      this.nameOf(name),
      isInput && this.storage.f16 ? 'f16' : 'f32',
      [heads, n, d],
      [heads, n, 4 * this.vec4s],
      2,
    );
  }

  /** The two bindings of a tensor of vectors, [h, n, d]: the whole tensor and nothing, or its two halves. */
  bind({ buffer, elements, type }: GpuTensor): [Resource, Resource] {
    if (!this.storage.halves) return [buffer, undefined];
    const size = bytesOf[type] * 4 * this.vec4s * this.halfRows;
    return [
      { buffer, size },
      { buffer, offset: size, size: bytesOf[type] * elements - size },
    ];
  }

  /** Uploads query-keys and values, [h, n, d] each. */
  uploadVectors({ qk, v }: Pick<AttentionInput, 'qk' | 'v'>): void {
    this.write(this.qk, qk);
    this.write(this.v, v);
  }

  /** Uploads the rows of a tensor of vectors, [h, n, d], in pieces, because a browser copies each piece before it sends it. */
  write({ buffer, type }: GpuTensor, rows: ArrayLike<number>): void {
    const floats = padded(rows, this.shape.d);
    const numbers = type === 'f16' ? toHalf(floats) : floats;
    for (let first = 0; first < numbers.length; first += pieceLength) {
      const count = Math.min(pieceLength, numbers.length - first);
      this.context.write(buffer, bytesOf[type] * first, numbers, first, count);
    }
  }

  /** The uniform block of one dispatch. */
  params(dispatch: DispatchParams): ArrayBuffer {
    return packParams(this.shape, this.settings, { halfRows: this.halfRows, ...dispatch });
  }
}

/** Rows of d numbers, [rows, d], as float32 rows padded with zeros to whole vec4s, [rows, 4·⌈d/4⌉]. */
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

/** Rows of d numbers, [rows, d], from rows padded to whole vec4s: the inverse of `padded`. */
export function unpadded(rows: ArrayLike<number>, d: number): Float32Array {
  const width = 4 * Math.ceil(d / 4);
  const out = new Float32Array((rows.length / width) * d);
  for (let i = 0; i < out.length; i++) out[i] = rows[Math.floor(i / d) * width + (i % d)];
  return out;
}
