/** Finds marks in shaders/ that contradict each other or the text. Tests and the development server run it; the built page does not. */
import { blockEnd, type Constants, type Part, partsOf, registered, type ShaderFiles } from './kernel-text';

const withoutComments = (text: string): string => text.replace(/\/\/.*/g, '');

const isIn = (name: string, code: string): boolean => new RegExp(`\\b${name}\\b`).test(code);

/** The names that a text declares outside functions. */
const declarations = (text: string): string[] =>
  [...withoutComments(text).matchAll(/^(?:fn|struct|const|(?:@.*)?\bvar(?:<[^>]*>)?) (\w+)/gm)].map(([, name]) => name);

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

/** Checks that each piece is included once, is used, and finds there what it needs. */
function checkPieces(name: string, parts: Part[]): void {
  const included = parts.map((part) => part.name).slice(0, -1);
  for (const [k, part] of parts.slice(0, -1).entries()) {
    if (included.indexOf(part.name) < k) throw new Error(`${name} includes ${part.name} twice; remove one of them.`);
    const others = withoutComments(
      parts
        .filter((other) => other !== part)
        .map(({ text }) => text)
        .join('\n'),
    );
    if (!declarations(part.text).some((declared) => isIn(declared, others))) {
      throw new Error(`${name} includes ${part.name}, but uses nothing of it; remove it from the line //#include.`);
    }
    for (const need of part.names) {
      const either = need.split('|');
      const found = parts.filter((other) => either.includes(other.name));
      if (found.length === 0) {
        throw new Error(
          `${part.name} needs ${either.join(' or ')}, which ${name} does not include; add it to the line //#include.`,
        );
      }
      const code = withoutComments(part.text);
      if (!found.some(({ text }) => declarations(text).some((declared) => isIn(declared, code)))) {
        throw new Error(
          `${part.name} needs ${either.join(' or ')}, but uses nothing of it; remove it from the line //#needs.`,
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
