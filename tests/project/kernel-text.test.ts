import { describe, expect, test } from 'vitest';
import { checkKernel } from '../../src/gpu/runtime/kernel-checks';
import { kernelText, partsOf, plain, registered, type ShaderFiles } from '../../src/gpu/runtime/kernel-text';
import { kernelNames, kernelSource } from '../../src/gpu/runtime/kernels';
import { checkFlags, checkUniforms, schemas } from '../support/uniform-checks';
import '../../src/gpu/runtime/bench-kernels';
import '../../src/gpu/runtime/training-kernels';

const names = kernelNames();

test.each(names)('%s has marks that its text confirms', (name) => {
  checkKernel(name);
});

/** The files with one file changed by `edit`, of a kernel or of a piece. */
function changed(kind: keyof ShaderFiles, file: string, edit: (text: string) => string): ShaderFiles {
  const text = registered[kind].get(file) ?? '';
  const after = edit(text);
  if (after === text) throw new Error(`the edit changes nothing in ${file}`);
  // Several kernels can be made of one file.
  const files = new Map([...registered[kind]].map(([name, of]) => [name, of === text ? after : of]));
  return { ...registered, [kind]: files };
}

/** The sentence of an error. */
function sentenceOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
}

describe('a changed piece', () => {
  const pieces = [...registered.pieces.keys()];

  test.each(pieces)('%s: a function, struct or constant that another part uses and no longer finds', (piece) => {
    const text = registered.pieces.get(piece) ?? '';
    const declared = [...text.matchAll(/^(?:fn|struct|const|(?:@.*)?\bvar<[^>]*>) (\w+)/gm)].map(([, name]) => name);
    let used = 0;
    for (const declaration of declared) {
      const word = new RegExp(`\\b${declaration}\\b`, 'g');
      const user = names.find((name) => {
        const parts = partsOf(name);
        const isIncluded = parts.some((part) => part.name === piece);
        return isIncluded && parts.some((part) => part.name !== piece && part.text.replace(/\/\/.*/g, '').match(word));
      });
      if (!user) continue;
      used++;
      const files = changed('pieces', piece, (before) => before.replace(word, `${declaration}Changed`));
      const sentence = sentenceOf(() => checkKernel(user, {}, files));
      expect(sentence).toMatch(
        new RegExp(
          `^(${user}|\\S+, a piece of ${user},) uses ${declaration}, which nothing in the kernel declares; .*\\.$`,
        ),
      );
    }
    expect(used).toBeGreaterThan(0);
  });

  test('is named when a kernel no longer includes it, includes it twice or for nothing, or includes one that does not exist', () => {
    const without = changed('kernels', 'row', (text) => text.replace(', score', ''));
    expect(sentenceOf(() => checkKernel('row', {}, without))).toBe(
      'qk, a piece of row, uses D4, which nothing in the kernel declares; correct the name here or where it is declared, or include its piece.',
    );
    const withIncludes = (pieces: string) =>
      sentenceOf(() =>
        checkKernel(
          'row',
          {},
          changed('kernels', 'row', (text) => text.replace('//#include params', `//#include ${pieces}`)),
        ),
      );
    expect(withIncludes('params, placement')).toBe(
      'row includes placement, but uses nothing of it; remove it from the line //#include.',
    );
    expect(withIncludes('params, params')).toBe('row includes params twice; remove one of them.');
    expect(withIncludes('tokens')).toBe(
      'tokens needs params, which row does not include; add it to the line //#include.',
    );
    const other = changed('kernels', 'row', (text) => text.replace(', score', ', scores'));
    expect(sentenceOf(() => checkKernel('row', {}, other))).toMatch(
      /^row includes scores, which is no piece; the pieces are params, .*\.$/,
    );
  });
});

describe('a changed loop', () => {
  const files = (['kernels', 'pieces'] as const).flatMap((kind) =>
    [...registered[kind]].map(([file, text]) => ({ kind, file, text })),
  );
  const loops = files.flatMap(({ kind, file, text }) =>
    [...text.matchAll(/^ *\/\/#unroll\n *(for \(.*?\{)/gm)].map(([, loop]) => ({ kind, file, loop })),
  );

  test.each(loops)('$file: "$loop" in another form is named', ({ kind, file, loop }) => {
    const user =
      names.find((name) => (kind === 'kernels' ? name === file : partsOf(name).some((part) => part.name === file))) ??
      '';
    const forms: [RegExp, string][] = [
      [/< /, '<= '],
      [/(\w+)\+\+/, '$1 += 1u'],
      [/= 0u/, '= 1u'],
      [/< [^;]+;/, '< count;'],
    ];
    for (const [before, after] of forms) {
      const newLoop = loop.replace(before, after);
      const edited = changed(kind, file, (text) => text.replace(loop, newLoop));
      const sentence = sentenceOf(() => kernelText(user, {}, plain, edited));
      expect(sentence).toContain(`${user} cannot unroll the loop "${newLoop}`);
    }
  });

  test('is named when its body leaves the loop or changes its variable', () => {
    const edited = changed('kernels', 'linear', (text) =>
      text.replace('let x = mapped', 'if (r > 1u) { break; }\n      let x = mapped'),
    );
    expect(sentenceOf(() => kernelText('linear', {}, plain, edited))).toMatch(
      /^linear cannot unroll the loop "for \(var r = 0u; r < 8u; r\+\+\) \{"; give it the form for \(var K = 0u; K < CONSTANT; K\+\+\) \{, without break/,
    );
  });

  test('is named when it loses its mark and indexes an array in registers', () => {
    const edited = changed('kernels', 'linear', (text) => text.replace(/^ *\/\/#unroll\n/m, ''));
    expect(sentenceOf(() => checkKernel('linear', {}, edited))).toBe(
      'linear indexes sums, an array in registers, with r in the loop "for (var r = 0u; r < 8u; r++) {"; write //#unroll above the loop.',
    );
  });
});

describe('a changed uniform', () => {
  test.each(Object.keys(schemas))('%s: two fields in another order are named', (struct) => {
    const fields = Object.keys(schemas[struct]);
    const declaration = new RegExp(`struct ${struct} \\{[^}]*\\}`);
    const kind = [...registered.pieces.values()].some((text) => declaration.test(text)) ? 'pieces' : 'kernels';
    const [file] = [...registered[kind]].find(([, text]) => declaration.test(text)) ?? [''];
    const user = kind === 'kernels' ? file : names.find((name) => declaration.test(kernelSource(name)));
    expect(names).toContain(user);
    for (let k = 1; k < fields.length; k++) {
      const [first, second] = fields.slice(k - 1, k + 1).map((field) => `${field}: ${schemas[struct][field]}`);
      const files = changed(kind, file, (text) =>
        text.replace(declaration, (all) =>
          all.replace(new RegExp(`\\b(${first}|${second})(?=[ ,}\\n])`, 'g'), (one) =>
            one === first ? second : first,
          ),
        ),
      );
      expect(sentenceOf(() => checkUniforms(user ?? '', files))).toMatch(
        new RegExp(
          `^In ${user}, ${struct} has ${fields[k]}: .* where its schema has ${fields[k - 1]}: .*; give both the same fields in the same order\\.$`,
        ),
      );
    }
  });

  test('is named when a field has another type, another name, or none', () => {
    const edit = (before: string, after: string) => changed('pieces', 'params', (text) => text.replace(before, after));
    const sentence = (before: string, after: string) => sentenceOf(() => checkUniforms('row', edit(before, after)));
    expect(sentence('lookBack: i32', 'lookBack: u32')).toBe(
      'In row, Params has lookBack: u32 at bytes 24 to 27 where its schema has lookBack: i32 at bytes 24 to 27; give both the same fields in the same order.',
    );
    expect(sentence('keyStep: u32', 'stepOfKeys: u32')).toContain(
      'has stepOfKeys: u32 at bytes 84 to 87 where its schema has keyStep: u32',
    );
    expect(sentence('  each: u32,', '')).toContain('has nothing where its schema has each: u32 at bytes 92 to 95');
    expect(
      sentenceOf(() =>
        checkUniforms(
          'row',
          changed('pieces', 'params', (text) => text.replaceAll('Params', 'Other')),
        ),
      ),
    ).toBe('row has the uniform p: Other, which has no schema; add one to uniforms.ts.');
  });

  test('is named when a flag has another bit, or only one side has it', () => {
    const flags = (before: string, after: string) =>
      sentenceOf(() => checkFlags(changed('pieces', 'params', (text) => text.replace(before, after))));
    expect(flags('const WRAP = 4u;', 'const WRAP = 2u;')).toBe(
      'The flag WRAP is 2 in params.wgsl and 4 in uniforms.ts; give it one bit in both.',
    );
    expect(flags('const WRAP = 4u;', '')).toBe(
      'The flag WRAP is not declared in params.wgsl and 4 in uniforms.ts; give it one bit in both.',
    );
    expect(flags('const WRAP = 4u;', 'const WRAP = 4u;\nconst NEW_FLAG = 512u;')).toBe(
      'The flag NEW_FLAG is 512 in params.wgsl and not declared in uniforms.ts; give it one bit in both.',
    );
  });
});
