import attend from '../../../shaders/attention/attend.wgsl?raw';
import attendShort from '../../../shaders/attention/attend-short.wgsl?raw';
import curve from '../../../shaders/attention/curve.wgsl?raw';
import full from '../../../shaders/attention/full.wgsl?raw';
import fullShort from '../../../shaders/attention/full-short.wgsl?raw';
import hash from '../../../shaders/attention/hash.wgsl?raw';
import histogram from '../../../shaders/attention/histogram.wgsl?raw';
import inspect from '../../../shaders/attention/inspect.wgsl?raw';
import causes from '../../../shaders/attention/missed-pairs.wgsl?raw';
import row from '../../../shaders/attention/row.wgsl?raw';
import rowLse from '../../../shaders/attention/row-lse.wgsl?raw';
import tokenPlaces from '../../../shaders/attention/token-places.wgsl?raw';
import ceilingCopy from '../../../shaders/bench/ceiling-copy.wgsl?raw';
import ceilingFma from '../../../shaders/bench/ceiling-fma.wgsl?raw';
import density from '../../../shaders/draw/density.wgsl?raw';
import densityPaint from '../../../shaders/draw/density-paint.wgsl?raw';
import flows from '../../../shaders/draw/flows.wgsl?raw';
import matrix from '../../../shaders/draw/matrix.wgsl?raw';
import block from '../../../shaders/lib/block.wgsl?raw';
import pairs from '../../../shaders/lib/pairs.wgsl?raw';
import params from '../../../shaders/lib/params.wgsl?raw';
import places from '../../../shaders/lib/places.wgsl?raw';
import score from '../../../shaders/lib/score.wgsl?raw';
import short from '../../../shaders/lib/short.wgsl?raw';
import slots from '../../../shaders/lib/slots.wgsl?raw';
import softmax from '../../../shaders/lib/softmax.wgsl?raw';
import tokens from '../../../shaders/lib/tokens.wgsl?raw';
import sortCount from '../../../shaders/sort/sort-count.wgsl?raw';
import sortScan from '../../../shaders/sort/sort-scan.wgsl?raw';
import sortScatter from '../../../shaders/sort/sort-scatter.wgsl?raw';
import sortShort from '../../../shaders/sort/sort-short.wgsl?raw';
import type { TrainingKernel } from './training-kernels';

/** How the tensors of vectors of one attention are stored. */
export interface VectorStorage {
  /** Whether each comes in two bindings. */
  halves: boolean;
  /** Whether what is given, qk, v and a gradient of out, holds 16-bit floats; what is computed never does. */
  f16: boolean;
}

const plain: VectorStorage = { halves: false, f16: false };

/** A piece of a kernel's text; some depend on how tensors of vectors are stored. */
export type Piece = string | ((storage: VectorStorage) => string);

/**
 * Access to a tensor of vectors, [rows, D4], at `binding`, and at the next one too where it is too large for one: NAMEAt(row, e) and,
 * unless it is only read, setName(row, e, value). Vectors from p.halfRows on lie in the second binding.
 */
export function vectors(name: string, binding: number, what: 'given' | 'computed' | 'written' = 'given'): Piece {
  return ({ halves, f16 }) => {
    const access = what === 'written' ? 'read_write' : 'read';
    const type = f16 && what === 'given' ? 'vec4<f16>' : 'vec4f';
    const declare = (at: number, suffix: string) =>
      `@group(0) @binding(${at}) var<storage, ${access}> ${name}${suffix}: array<${type}>;\n`;
    const inHalf = (low: string, high: string) => (halves ? `if (row >= p.halfRows) { ${high} }\n  ${low}` : low);
    const low = `${name}Rows[row * D4 + e]`;
    const high = `${name}RowsOn[(row - p.halfRows) * D4 + e]`;
    let text = `// ${name}: vectors of D4 vec4s.\n${declare(binding, 'Rows')}${halves ? declare(binding + 1, 'RowsOn') : ''}`;
    text += `fn ${name}At(row: u32, e: u32) -> vec4f {\n  ${inHalf(`return vec4f(${low});`, `return vec4f(${high});`)}\n}\n`;
    if (what !== 'written') return text;
    const set = `set${name[0].toUpperCase()}${name.slice(1)}`;
    return `${text}fn ${set}(row: u32, e: u32, value: vec4f) {\n  ${inHalf(`${low} = value;`, `${high} = value; return;`)}\n}\n`;
  };
}

/** The same where a tensor is never larger than one binding. */
export const oneOf =
  (piece: Piece): Piece =>
  (storage) =>
    typeof piece === 'string' ? piece : piece({ ...storage, halves: false });

export const qk = vectors('qk', 1);
export const right = vectors('right', 3);
const out = vectors('out', 6, 'written');

/** Each kernel with the pieces it stands on, in the order in which they are joined. */
const sources = {
  hash: [params, qk, hash],
  // More directions than a uniform holds.
  'hash-many': [params, qk, hash.replace('var<uniform> directions', 'var<storage, read> directions')],
  'hash-all': [
    params,
    qk,
    hash.replace('var<uniform> directions: array<vec4f, SIZE>', 'var<storage, read> directions: array<vec4f>'),
  ],
  'sort-count': [sortCount],
  'sort-scan': [sortScan],
  'sort-scatter': [sortScatter],
  attend: [params, qk, right, places, tokens, block, softmax, slots, out, attend],
  'sort-short': [params, sortShort],
  'attend-short': [params, oneOf(qk), oneOf(right), places, pairs, short, oneOf(out), attendShort],
  full: [params, qk, right, tokens, block, softmax, full],
  'full-short': [params, oneOf(qk), oneOf(right), short, fullShort],
  curve: [params, qk, right, places, pairs, score, curve],
  causes: [params, qk, places, pairs, score, causes],
  inspect: [params, qk, places, score, inspect],
  'token-places': [params, places, tokenPlaces],
  row: [params, qk, score, row],
  'row-lse': [params, qk, places, score, rowLse],
  histogram: [params, histogram],
  matrix: [params, qk, places, score, matrix],
  flows: [flows],
  density: [params, places, density],
  'density-paint': [params, densityPaint],
  'ceiling-fma': [params, ceilingFma],
  'ceiling-copy': [params, ceilingCopy],
} satisfies Record<string, Piece[]>;

export type KernelName = keyof typeof sources | TrainingKernel;

const added = new Map<string, Piece[]>();

/** Makes kernels known that not every page needs. */
export function addKernels(more: Record<string, Piece[]>): void {
  for (const [name, pieces] of Object.entries(more)) added.set(name, pieces);
}

/** The kernels that are known by now; all of them once training-kernels.ts is loaded. */
export const kernelNames = (): KernelName[] => [...Object.keys(sources), ...added.keys()] as KernelName[];

/** Values for `const NAME` lines of a kernel: what its arrays and unrolled loops depend on. */
export type Constants = Record<string, number | boolean>;

/**
 * A kernel's whole WGSL text with its constants set, and the loops over a thread's keys (`s`), parts (`part`) and queries (`q`) of
 * shaders/lib/block.wgsl written out. @throws Error if the text has no such constant, or the kernel is not loaded.
 */
export function kernelSource(name: KernelName, constants: Constants = {}, storage = plain): string {
  const pieces: Piece[] | undefined = added.get(name) ?? sources[name as keyof typeof sources];
  if (!pieces) throw new Error(`${name} is not loaded`);
  let text = pieces.map((piece) => (typeof piece === 'string' ? piece : piece(storage))).join('\n');
  if (text.includes('<f16>')) text = `enable f16;\n${text}`;
  for (const [constant, value] of Object.entries(constants)) {
    const line = new RegExp(`^const ${constant}: (u32|bool) = [^;]*;`, 'm');
    if (!line.test(text)) throw new Error(`${name} has no constant ${constant}`);
    text = text.replace(line, (_, type) => `const ${constant}: ${type} = ${value}${type === 'u32' ? 'u' : ''};`);
  }
  const { D4, TILE } = constants;
  if (typeof D4 !== 'number' || typeof TILE !== 'number') return text;
  // Small arrays that only constants index live in registers.
  text = unrolled(text, 's', 'KEYS', TILE / 4);
  text = unrolled(text, 'part', 'PARTS', Math.ceil(D4 / 4));
  return unrolled(text, 'q', '4u', 4);
}

/** Writes out the rounds of every loop `for (var NAME = 0u; NAME < BOUND; NAME++) { … }`. */
function unrolled(text: string, name: string, bound: string, count: number): string {
  const loop = `for (var ${name} = 0u; ${name} < ${bound}; ${name}++) {`;
  let out = text;
  for (let start = out.indexOf(loop); start >= 0; start = out.indexOf(loop, start)) {
    let end = start + loop.length;
    for (let depth = 1; depth > 0; end++) depth += out[end] === '{' ? 1 : out[end] === '}' ? -1 : 0;
    const body = out.slice(start + loop.length - 1, end);
    const rounds = Array.from({ length: count }, (_, k) => body.replace(new RegExp(`\\b${name}\\b`, 'g'), `${k}u`));
    out = out.slice(0, start) + rounds.join('\n') + out.slice(end);
  }
  return out;
}

/** Compiled kernels of one device; each (name, constants) is compiled once. */
export class Kernels {
  private readonly compiled = new Map<string, Promise<GPUComputePipeline>>();

  constructor(private readonly device: GPUDevice) {}

  /** Pipelines compiled so far. */
  get count(): number {
    return this.compiled.size;
  }

  /** @throws GPUPipelineError with the compiler's words. */
  get(name: KernelName, constants: Constants = {}, storage = plain): Promise<GPUComputePipeline> {
    const key = `${name} ${JSON.stringify(constants)} ${JSON.stringify(storage)}`;
    let pipeline = this.compiled.get(key);
    if (!pipeline) {
      const module = this.device.createShaderModule({ label: name, code: kernelSource(name, constants, storage) });
      pipeline = this.device.createComputePipelineAsync({ label: name, layout: 'auto', compute: { module } });
      this.compiled.set(key, pipeline);
    }
    return pipeline;
  }
}
