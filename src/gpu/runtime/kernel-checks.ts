/** Finds marks in shaders/ that contradict each other or the text. Tests run it; the page does not. */
import { blockEnd, type Constants, type Part, partsOf, registered, type ShaderFiles } from './kernel-text';

const withoutComments = (text: string): string => text.replace(/\/\/.*/g, '');

const isIn = (name: string, code: string): boolean => new RegExp(`\\b${name}\\b`).test(code);

/** Words that WGSL declares, as far as shaders/ use them. */
const wgslWords = new Set(
  [
    'break const continue else false fn for if let private read read_write return storage struct true uniform var while workgroup write',
    'array atomic bool f16 f32 i32 rgba8unorm texture_storage_2d u32 vec2 vec2f vec3 vec3f vec4 vec4f',
    'abs any arrayLength atomicAdd atomicLoad atomicMax atomicStore clamp dot exp firstTrailingBit fma inverseSqrt log max min mix',
    'select sign sqrt tanh textureStore workgroupBarrier workgroupUniformLoad',
    'global_invocation_id local_invocation_id local_invocation_index workgroup_id',
  ].flatMap((line) => line.split(' ')),
);

/** The names that a text declares outside functions. */
const declarations = (text: string): string[] =>
  [
    ...withoutComments(text)
      .replaceAll('; const ', ';\nconst ')
      .matchAll(/^(?:fn|struct|const|(?:@.*)?\bvar(?:<[^>]*>)?) (\w+)/gm),
  ].map(([, name]) => name);

/**
 * Checks how a kernel is joined, and that it uses the constants that are set.
 *
 * @throws Error with one sentence that names the kernel, what is wrong, and what to do
 */
export function checkKernel(name: string, constants: Constants = {}, files = registered): void {
  checkMarks(name, files);
  checkVariants(name, files);
  const parts = partsOf(name, { halves: true, f16: false }, files);
  checkPieces(name, parts);
  checkNames(name, parts);
  checkUses(name, parts);
  checkRegisters(parts);
  const code = parts.map(({ text }) => withoutComments(text)).join('\n');
  for (const constant of Object.keys(constants)) {
    if ((code.match(new RegExp(`\\b${constant}\\b`, 'g'))?.length ?? 0) === 1) {
      throw new Error(`${name} does not use its constant ${constant}; use it, or do not set it.`);
    }
  }
}

/** Checks that a kernel's file and its pieces have only marks that are read. */
function checkMarks(name: string, { kernels, pieces }: ShaderFiles): void {
  const marks = {
    kernel: /^(include [^ ]|variant [\w-]+: |unroll$|registers$)/,
    piece: /^(needs [^ ]|unroll$|registers$)/,
  };
  const check = (kind: 'kernel' | 'piece', file: string, text: string) => {
    for (const [line, mark] of text.matchAll(/^ *\/\/ ?#(.*)/gm)) {
      const isRead =
        marks[kind].test(mark) && (/^(unroll|registers)/.test(mark) ? line.includes('//#') : line.startsWith('//#'));
      if (!isRead)
        throw new Error(`${file} has the line "${line.trim()}", which is no mark of a ${kind}; see kernel-text.ts.`);
    }
  };
  check('kernel', name, kernels.get(name) ?? '');
  for (const [piece, text] of pieces) check('piece', piece, text);
}

/** Checks that every variant in a kernel's file is a kernel, and that a kernel made of another one's file is a variant there. */
function checkVariants(name: string, { kernels }: ShaderFiles): void {
  const file = kernels.get(name) ?? '';
  const variants = [...file.matchAll(/^\/\/#variant ([\w-]+):/gm)].map(([, variant]) => variant);
  const [base] = [...kernels].find(([, text]) => text === file) ?? [];
  for (const variant of variants) {
    if (kernels.get(variant) !== file) {
      throw new Error(
        `${base} has a line for the variant ${variant}, but no kernel of that name is made of its file; list it.`,
      );
    }
  }
  if (name !== base && !variants.includes(name)) {
    throw new Error(
      `${name} is made of the file of ${base}, which has no line //#variant ${name}: and so gives the same text.`,
    );
  }
}

/** Checks that each piece is included once, and with the pieces that it needs. */
function checkPieces(name: string, parts: Part[]): void {
  const included = parts.map((part) => part.name).slice(0, -1);
  for (const [k, part] of parts.slice(0, -1).entries()) {
    if (included.indexOf(part.name) < k) throw new Error(`${name} includes ${part.name} twice; remove one of them.`);
    for (const need of part.names) {
      if (need.split('|').some((piece) => included.includes(piece))) continue;
      throw new Error(
        `${part.name} needs ${need.replaceAll('|', ' or ')}, which ${name} does not include; add it to the line //#include.`,
      );
    }
  }
}

/** Checks that a kernel and its pieces use only names that they declare, or WGSL. */
function checkNames(name: string, parts: Part[]): void {
  const inModule = new Set(parts.flatMap(({ text }) => declarations(text)));
  for (const part of parts) {
    // Names of fields come after a dot, and attributes after an @.
    const code = withoutComments(part.text).replace(/^(struct \w+ )\{[^}]*\}/gm, '$1');
    for (const block of code.split(/^(?=fn )/m)) {
      const inBlock = new Set(
        [...block.matchAll(/\b(?:let|const|var(?:<[^>]*>)?) (\w+)|\b(\w+) *:/g)].map((match) => match[1] ?? match[2]),
      );
      for (const [word] of block.matchAll(/(?<![\w.@])[A-Za-z_]\w*/g)) {
        if (inModule.has(word) || inBlock.has(word) || wgslWords.has(word)) continue;
        throw new Error(
          `${part.name === name ? name : `${part.name}, a piece of ${name},`} uses ${word}, which nothing in the kernel declares; correct the name here or where it is declared, or include its piece.`,
        );
      }
    }
  }
}

/** Checks that something of each included and each needed piece is used. */
function checkUses(name: string, parts: Part[]): void {
  for (const part of parts.slice(0, -1)) {
    const others = parts.filter((other) => other !== part).map(({ text }) => withoutComments(text));
    if (!declarations(part.text).some((declared) => isIn(declared, others.join('\n')))) {
      throw new Error(`${name} includes ${part.name}, but uses nothing of it; remove it from the line //#include.`);
    }
    for (const need of part.names) {
      const code = withoutComments(part.text);
      const found = parts.filter((other) => need.split('|').includes(other.name));
      if (!found.some(({ text }) => declarations(text).some((declared) => isIn(declared, code)))) {
        throw new Error(
          `${part.name} needs ${need.replaceAll('|', ' or ')}, but uses nothing of it; remove it from the line //#needs.`,
        );
      }
    }
  }
}

/** Checks that every loop over the index of an array marked `//#registers` has a mark `//#unroll`. */
function checkRegisters(parts: Part[]): void {
  const arrays = parts.flatMap(({ name, text }) =>
    [...text.matchAll(/^ *\/\/#registers\n(.*)/gm)].map(([, line]) => {
      const [, array] = /^ *var(?:<\w+>)? (\w+)/.exec(line) ?? [];
      if (array) return array;
      throw new Error(
        `${name} has a mark //#registers above "${line.trim()}", which declares no variable; move the mark.`,
      );
    }),
  );
  for (const { name, text } of parts) {
    for (const loop of text.matchAll(/^(.*\n)?( *)(for \(var (\w+).*?\{)/gm)) {
      const [all, before, , head, variable] = loop;
      if (before?.trim() === '//#unroll') continue;
      const start = loop.index + all.length;
      const body = text.slice(start, blockEnd(text, start));
      const array = arrays.find((one) => new RegExp(`\\b${one}\\[[^\\]]*\\b${variable}\\b`).test(body));
      if (array) {
        throw new Error(
          `${name} indexes ${array}, an array in registers, with ${variable} in the loop "${head}"; write //#unroll above the loop.`,
        );
      }
    }
  }
}
