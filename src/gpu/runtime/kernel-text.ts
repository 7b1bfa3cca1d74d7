/**
 * Joins the files of shaders/ to whole kernels, and adapts the text to sizes and storage. WGSL has no imports, so lines that begin with
 * `//#` hold marks:
 *
 * - `//#include A, B` in a kernel: the pieces that it stands on, in order. A piece is a file of shaders/lib, or `vectors(NAME, …)`.
 * - `//#needs A, B|C` in a piece: the pieces whose declarations it uses: A, and B or C.
 * - `//#variant KERNEL: LINE`: in that kernel, LINE replaces the line above. Several kernels can be made of one file in this way.
 * - `//#unroll`: the loop below becomes copies of its body, one for each value of its variable.
 * - `//#registers`: compilers keep the array declared below in registers only if constants index it, so loops over its index must be
 *   unrolled.
 *
 * kernel-checks.ts finds marks that contradict each other or the text.
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

/** Values of a kernel's `const NAME: u32` and `const NAME: bool` lines: sizes of arrays, lengths of loops, switches. */
export type Constants = Record<string, number | boolean>;

/** The text of the file of each kernel, and of each piece. */
export interface ShaderFiles {
  kernels: Map<string, string>;
  pieces: Map<string, string>;
}

/** The files added so far. */
export const registered: ShaderFiles = { kernels: new Map(), pieces: new Map() };

/** Adds the files of kernels and of pieces, by name. */
export function addShaders(kernels: Record<string, string>, pieces: Record<string, string> = {}): void {
  for (const [name, text] of Object.entries(kernels)) registered.kernels.set(name, text);
  for (const [name, text] of Object.entries(pieces)) registered.pieces.set(name, text);
}

/**
 * The whole WGSL text of a kernel for a device: with these constants set, and marked loops unrolled. Without `constants` the text is for
 * a reader: constants have the values of the file, and loops stay loops.
 *
 * @throws Error if the kernel, a piece or a constant does not exist, or if a marked loop cannot be unrolled
 */
export function kernelText(name: string, constants?: Constants, storage = plain, files = registered): string {
  let text = partsOf(name, storage, files)
    .map((part) => part.text)
    .join('\n');
  if (text.includes('<f16>')) text = `enable f16;\n${text}`;
  for (const [constant, value] of Object.entries(constants ?? {})) {
    const line = new RegExp(`^const ${constant}: (u32|bool) = [^;]*;`, 'm');
    if (!line.test(text)) throw new Error(`${name} has no constant ${constant}; add a const line to its WGSL.`);
    text = text.replace(line, (_, type) => `const ${constant}: ${type} = ${value}${type === 'u32' ? 'u' : ''};`);
  }
  if (constants) text = unrolled(name, text);
  return text.replace(/^ *\/\/#.*\n/gm, '');
}

/** One of the texts that a kernel is joined from. */
export interface Part {
  name: string;
  text: string;
  /** The pieces that it includes or needs. */
  names: string[];
}

/** The pieces of a kernel in order, then its own file with the lines of its variant. @throws Error for an unknown kernel or piece */
export function partsOf(name: string, storage = plain, files = registered): Part[] {
  const file = files.kernels.get(name);
  if (file === undefined) throw new Error(`No kernel ${name} is registered; import the file that lists it.`);
  const kernel = part(name, file.replace(new RegExp(`^.*((?:\n//#variant .*)*)\n//#variant ${name}: `, 'gm'), ''));
  return [...kernel.names.map((entry) => pieceOf(entry, name, storage, files.pieces)), kernel];
}

/** A file without its marks of pieces, and the names in them. */
function part(name: string, file: string): Part {
  const names: string[] = [];
  const text = file.replace(/^\/\/#(?:include|needs) (.*)\n/gm, (_, list: string) => {
    // A comma inside parentheses separates no names.
    names.push(...list.split(/, *(?![^(]*\))/));
    return '';
  });
  return { name, text, names };
}

function pieceOf(entry: string, kernel: string, storage: VectorStorage, pieces: ShaderFiles['pieces']): Part {
  const [, name, binding, rest] = /^vectors\((\w+), (\d+)((?:, (?:computed|written|whole))*)\)$/.exec(entry) ?? [];
  if (name) return vectors(name, +binding, rest, storage);
  const file = pieces.get(entry);
  if (file) return part(entry, file);
  throw new Error(`${kernel} includes ${entry}, which is no piece; the pieces are ${[...pieces.keys()].join(', ')}.`);
}

/**
 * `vectors(NAME, BINDING)` declares a tensor of vectors, [rows, D4] of vec4s, and the functions that access it: `NAMEAt(row, e)` reads vec4
 * e of a row and, with `written` in the rest, `setNAME(row, e, value)` writes it. A tensor in halves takes the binding and the next one,
 * which holds the rows from p.halfRows on; a `whole` one always takes one. The `computed` and `written` are always 32-bit floats.
 */
function vectors(name: string, binding: number, rest: string, storage: VectorStorage): Part {
  const isWritten = rest.includes('written');
  const halves = storage.halves && !rest.includes('whole');
  const access = isWritten ? 'read_write' : 'read';
  const type = storage.f16 && !isWritten && !rest.includes('computed') ? 'vec4<f16>' : 'vec4f';
  const declare = (at: number, suffix: string) =>
    `@group(0) @binding(${at}) var<storage, ${access}> ${name}${suffix}: array<${type}>;\n`;
  const inHalf = (low: string, high: string) => (halves ? `if (row >= p.halfRows) { ${high} }\n  ${low}` : low);
  const low = `${name}Rows[row * D4 + e]`;
  const high = `${name}RowsOn[(row - p.halfRows) * D4 + e]`;
  let text = `// ${name}: vectors of D4 vec4s.\n${declare(binding, 'Rows')}${halves ? declare(binding + 1, 'RowsOn') : ''}`;
  text += `fn ${name}At(row: u32, e: u32) -> vec4f {\n  ${inHalf(`return vec4f(${low});`, `return vec4f(${high});`)}\n}\n`;
  if (isWritten) {
    const set = `set${name[0].toUpperCase()}${name.slice(1)}`;
    text += `fn ${set}(row: u32, e: u32, value: vec4f) {\n  ${inHalf(`${low} = value;`, `${high} = value; return;`)}\n}\n`;
  }
  return { name, text, names: halves ? ['params'] : [] };
}

const loopForm = /^ *for \(var (\w+) = 0u; \1 < ([^;]+); \1\+\+\) \{/;

/** Replaces every loop below a mark `//#unroll` by copies of its body. @throws Error if that is impossible */
function unrolled(name: string, text: string): string {
  let out = text;
  // Inner loops come later in the text, and go first.
  for (let mark = out.lastIndexOf('//#unroll\n'); mark >= 0; mark = out.lastIndexOf('//#unroll\n')) {
    const start = out.indexOf('\n', mark) + 1;
    const [line] = out.slice(start).split('\n', 1);
    const [head = '', variable = '', bound = ''] = loopForm.exec(line) ?? [];
    const count = evaluate(bound, out);
    const end = blockEnd(out, start + head.length);
    const body = out.slice(start + head.length - 1, end);
    if (!(count >= 0) || new RegExp(`\\b(break|continue|${variable} *([-+*/]?=(?!=)|\\+\\+|--))`).test(body)) {
      throw new Error(
        `${name} cannot unroll the loop "${line.trim()}"; give it the form for (var K = 0u; K < CONSTANT; K++) {, without break, continue and changes of K, or remove its mark //#unroll.`,
      );
    }
    const copies = Array.from({ length: count }, (_, k) => body.replace(new RegExp(`\\b${variable}\\b`, 'g'), `${k}u`));
    out = out.slice(0, mark) + copies.join('\n') + out.slice(end);
  }
  return out;
}

/** Where the block ends whose opening brace stands before an index of a text. */
export function blockEnd(text: string, index: number): number {
  let end = index;
  for (let depth = 1; depth > 0 && end < text.length; end++)
    depth += text[end] === '{' ? 1 : text[end] === '}' ? -1 : 0;
  return end;
}

/** The value of a constant expression of whole numbers in a kernel, such as (D4 + 3u) / 4u; NaN if it is none. */
function evaluate(expression: string, text: string): number {
  const tokens: string[] = expression.match(/\w+|\S/g) ?? [];
  const operand = (): number => {
    const token = tokens.shift() ?? '';
    if (token === '(') {
      const value = sum();
      return tokens.shift() === ')' ? value : Number.NaN;
    }
    const [, definition] = /^[A-Z]/.test(token)
      ? (new RegExp(`^const ${token}\\b.*?= (.*?);`, 'm').exec(text) ?? [])
      : [];
    return definition ? evaluate(definition, text) : Number(token.replace(/u$/, '') || Number.NaN);
  };
  const chain = (next: () => number, operators: Record<string, (a: number, b: number) => number>) => () => {
    let value = next();
    while (tokens[0] in operators) value = operators[tokens.shift() as string](value, next());
    return value;
  };
  const product = chain(operand, { '*': (a, b) => a * b, '/': (a, b) => Math.floor(a / b) });
  const sum = chain(product, { '+': (a, b) => a + b, '-': (a, b) => a - b });
  const value = sum();
  return tokens.length ? Number.NaN : value;
}
