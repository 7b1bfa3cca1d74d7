/**
 * Joins the pieces of WGSL in shaders/ to whole kernels, and adapts the text to sizes and storage. A kernel is a list of pieces, because
 * WGSL has no imports: shaders/lib first, then the file with the entry point.
 */

/** How the tensors of vectors [h, n, d] of one attention are stored. */
export interface VectorStorage {
  /** True if each tensor takes two bindings, because it is too large for one. */
  halves: boolean;
  /** True if the inputs (qk, v, a gradient of out) are 16-bit floats. Results are always 32-bit floats. */
  f16: boolean;
}

/** Each tensor of vectors takes one binding of 32-bit floats. */
export const plain: VectorStorage = { halves: false, f16: false };

/** A piece of WGSL; it may depend on how tensors of vectors are stored. */
export type KernelPiece = string | ((storage: VectorStorage) => string);

/**
 * Declares a tensor of vectors, [rows, D4] of vec4s, and the functions that access it: `NAMEAt(row, e)` reads vec4 e of a row and, for a
 * `written` tensor, `setNAME(row, e, value)` writes it. A tensor in halves takes `binding` and the next one, which holds the rows from
 * p.halfRows on.
 *
 * @param role `input` may be stored as 16-bit floats, `computed` and `written` never are
 */
export function vectors(name: string, binding: number, role: 'input' | 'computed' | 'written' = 'input'): KernelPiece {
  return ({ halves, f16 }) => {
    const access = role === 'written' ? 'read_write' : 'read';
    const type = f16 && role === 'input' ? 'vec4<f16>' : 'vec4f';
    const declare = (at: number, suffix: string) =>
      `@group(0) @binding(${at}) var<storage, ${access}> ${name}${suffix}: array<${type}>;\n`;
    const inHalf = (low: string, high: string) => (halves ? `if (row >= p.halfRows) { ${high} }\n  ${low}` : low);
    const low = `${name}Rows[row * D4 + e]`;
    const high = `${name}RowsOn[(row - p.halfRows) * D4 + e]`;
    let text = `// ${name}: vectors of D4 vec4s.\n${declare(binding, 'Rows')}${halves ? declare(binding + 1, 'RowsOn') : ''}`;
    text += `fn ${name}At(row: u32, e: u32) -> vec4f {\n  ${inHalf(`return vec4f(${low});`, `return vec4f(${high});`)}\n}\n`;
    if (role !== 'written') return text;
    const set = `set${name[0].toUpperCase()}${name.slice(1)}`;
    return `${text}fn ${set}(row: u32, e: u32, value: vec4f) {\n  ${inHalf(`${low} = value;`, `${high} = value; return;`)}\n}\n`;
  };
}

/** The same piece for a kernel whose tensors always fit one binding. */
export const oneOf =
  (piece: KernelPiece): KernelPiece =>
  (storage) =>
    typeof piece === 'string' ? piece : piece({ ...storage, halves: false });

/** Query-keys at bindings 1 and 2, for kernels that need `qk`. */
export const qk = vectors('qk', 1);
/** Values, or gradients of out, at bindings 3 and 4, for kernels that need `right`. */
export const right = vectors('right', 3);

const registered = new Map<string, readonly KernelPiece[]>();

/** Registers kernels by name, each with its pieces in order. */
export function addKernels(kernels: Record<string, readonly KernelPiece[]>): void {
  for (const [name, pieces] of Object.entries(kernels)) registered.set(name, pieces);
}

/** The names of all kernels registered so far. */
export const registeredKernels = (): string[] => [...registered.keys()];

/** Values of a kernel's `const NAME: u32` and `const NAME: bool` lines: sizes of arrays, lengths of loops, switches. */
export type Constants = Record<string, number | boolean>;

/**
 * The whole WGSL text of a kernel with its constants set. In kernels with D4 and TILE the loops of shaders/lib/block.wgsl over a thread's
 * keys (`s`), parts (`part`) and queries (`q`) are unrolled.
 *
 * @throws Error if the kernel is not registered, or has no such constant
 */
export function kernelText(name: string, constants: Constants = {}, storage = plain): string {
  const pieces = registered.get(name);
  if (!pieces) throw new Error(`No kernel ${name} is registered; import the file that lists it.`);
  let text = pieces.map((piece) => (typeof piece === 'string' ? piece : piece(storage))).join('\n');
  if (text.includes('<f16>')) text = `enable f16;\n${text}`;
  for (const [constant, value] of Object.entries(constants)) {
    const line = new RegExp(`^const ${constant}: (u32|bool) = [^;]*;`, 'm');
    if (!line.test(text)) throw new Error(`${name} has no constant ${constant}; add a const line to its WGSL.`);
    text = text.replace(line, (_, type) => `const ${constant}: ${type} = ${value}${type === 'u32' ? 'u' : ''};`);
  }
  const { D4, TILE } = constants;
  if (typeof D4 !== 'number' || typeof TILE !== 'number') return text;
  // Compilers keep a small array in registers only if constants index it.
  text = unrolled(text, 's', 'KEYS', TILE / 4);
  text = unrolled(text, 'part', 'PARTS', Math.ceil(D4 / 4));
  return unrolled(text, 'q', '4u', 4);
}

/** Replaces every loop `for (var NAME = 0u; NAME < BOUND; NAME++) { … }` by `count` copies of its body. */
function unrolled(text: string, name: string, bound: string, count: number): string {
  const loop = `for (var ${name} = 0u; ${name} < ${bound}; ${name}++) {`;
  let out = text;
  for (let start = out.indexOf(loop); start >= 0; start = out.indexOf(loop, start)) {
    let end = start + loop.length;
    for (let depth = 1; depth > 0; end++) depth += out[end] === '{' ? 1 : out[end] === '}' ? -1 : 0;
    const body = out.slice(start + loop.length - 1, end);
    const copies = Array.from({ length: count }, (_, k) => body.replace(new RegExp(`\\b${name}\\b`, 'g'), `${k}u`));
    out = out.slice(0, start) + copies.join('\n') + out.slice(end);
  }
  return out;
}
