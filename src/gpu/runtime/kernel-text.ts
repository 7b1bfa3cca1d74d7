/** How the tensors of vectors of one attention are stored. */
export interface VectorStorage {
  /** Whether each comes in two bindings. */
  halves: boolean;
  /** Whether what is given, qk, v and a gradient of out, holds 16-bit floats; what is computed never does. */
  f16: boolean;
}

/** One binding of 32-bit floats. */
export const plain: VectorStorage = { halves: false, f16: false };

/** A piece of a kernel's text; some depend on how tensors of vectors are stored. */
export type KernelPiece = string | ((storage: VectorStorage) => string);

/**
 * Access to a tensor of vectors, [rows, D4], at `binding`, and at the next one too where it is too large for one: NAMEAt(row, e) and,
 * unless it is only read, setName(row, e, value). Vectors from p.halfRows on lie in the second binding.
 */
export function vectors(name: string, binding: number, what: 'given' | 'computed' | 'written' = 'given'): KernelPiece {
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
  (piece: KernelPiece): KernelPiece =>
  (storage) =>
    typeof piece === 'string' ? piece : piece({ ...storage, halves: false });

export const qk = vectors('qk', 1);
export const right = vectors('right', 3);

const known = new Map<string, readonly KernelPiece[]>();

/** Makes kernels known by name, each with the pieces it is joined from, in order. */
export function addKernels(more: Record<string, readonly KernelPiece[]>): void {
  for (const [name, pieces] of Object.entries(more)) known.set(name, pieces);
}

/** The names of all kernels made known so far. */
export const knownKernels = (): string[] => [...known.keys()];

/** Values for `const NAME` lines of a kernel: what its arrays and unrolled loops depend on. */
export type Constants = Record<string, number | boolean>;

/**
 * A kernel's whole WGSL text with its constants set, and the loops over a thread's keys (`s`), parts (`part`) and queries (`q`) of
 * shaders/lib/block.wgsl written out. @throws Error if the text has no such constant, or the kernel is not loaded.
 */
export function kernelText(name: string, constants: Constants = {}, storage = plain): string {
  const pieces = known.get(name);
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
