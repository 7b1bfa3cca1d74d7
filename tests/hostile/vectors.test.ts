import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../src/algorithm/settings';
import { defaultFit, fitVectors } from '../../src/formats/fit';
import { projections } from '../../src/formats/projection';
import { memoryPerByte, readSafetensors, type Tensor, writeSafetensors } from '../../src/formats/safetensors';
import { mostHeads, readVectorFile, type VectorFile, widestVector } from '../../src/formats/vector-file';
import { mutatedBytes, mutatedText, npyOf, partsOf, randomBytes, safetensorsOf, utf8 } from './mutate';
import { accepted, property } from './property';

const table = (count: number) => Float32Array.from({ length: count }, (_, i) => i / 4);

/** Expects of a file that was read: sizes within limits, finite numbers, and the same vectors after writing as safetensors. */
function expectVectors(file: VectorFile): void {
  const { heads, n, d, qk, v } = file;
  expect(heads >= 1 && heads <= mostHeads && n >= 2 && d >= 2 && d <= widestVector).toBe(true);
  for (const numbers of v ? [qk, v] : [qk]) {
    expect(numbers.length).toBe(heads * n * d);
    expect(numbers.every(Number.isFinite)).toBe(true);
  }
  const shape = [heads, n, d];
  const tensors = new Map<string, Tensor>([['qk', { shape, data: qk }]]);
  if (v) tensors.set('v', { shape, data: v });
  expect(readVectorFile('x.safetensors', writeSafetensors(tensors))).toEqual({ heads, n, d, qk, ...(v && { v }) });
}

function takesOrRejects(name: string, bytes: Uint8Array): boolean {
  const file = accepted(() => readVectorFile(name, bytes), memoryPerByte * bytes.length);
  if (file) expectVectors(file);
  return file !== undefined;
}

const shapes = fc.constantFrom<number[][]>(
  [4, 3],
  [2, 2],
  [2, 3, 2],
  [1, 2, 2],
  [64, 2, 2],
  [65, 2, 2],
  [2, 128],
  [2, 129],
  [0, 5],
);

const npyHeader = fc
  .record({ shape: shapes, wide: fc.boolean(), version: fc.constantFrom(1, 2, 3) })
  .map(({ shape, wide, version }) => {
    const header = `{'descr': '<f${wide ? 8 : 4}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
    const numbers = table(shape.reduce((a, b) => a * b, 1));
    return { header, version, data: new Uint8Array((wide ? Float64Array.from(numbers) : numbers).buffer) };
  });

test('readVectorFile takes or rejects any bytes by any name', () => {
  const ending = fc.constantFrom('npy', 'csv', 'safetensors', 'NPY', 'vec', 'tsv', 'x', '');
  const name = fc.tuple(fc.string({ unit: 'binary' }), ending).map(([stem, end]) => `${stem}.${end}`);
  property(fc.tuple(name, randomBytes), ([file, bytes]) => takesOrRejects(file, bytes));
});

test('readVectorFile takes or rejects a valid .npy with random changes', () => {
  const good = npyHeader.map(({ header, version, data }) => npyOf(header, version, data));
  property(mutatedBytes(good), (bytes) => takesOrRejects('x.npy', bytes));
});

test('readVectorFile takes or rejects a .npy with hostile text in its header', () => {
  const shape = fc.array(fc.oneof(fc.constantFrom('0', '1', '2', '4294967296', '-1', '1e9', '1 2', '٣'), fc.nat(9)), {
    maxLength: 6,
  });
  const words = fc.oneof(
    shape.map((sizes) => `'shape': (${sizes.join(', ')})`),
    fc.constantFrom(`'shape': (${'1,'.repeat(9000)})`, `'shape': (${'9'.repeat(9000)},)`, "'descr': '<f4", "'descr': "),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const file = fc.tuple(npyHeader, words, fc.boolean()).map(([{ header, version, data }, piece, isFirst]) => {
    return npyOf(isFirst ? piece + header : header.replace(/'shape': [^)]*\)/, piece), version, data);
  });
  property(file, (bytes) => takesOrRejects('x.npy', bytes));
});

test('readVectorFile takes or rejects a .npy of any type, order and spelling of its header', () => {
  const types = [
    'f2',
    'f4',
    'f8',
    'i1',
    'i2',
    'i4',
    'i8',
    'u1',
    'u2',
    'u4',
    'u8',
    'b1',
    'c8',
    'O',
    'S3',
    'U2',
    'V4',
    'M8[ns]',
  ];
  const literal = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(
        'True',
        'False',
        'None',
        '0',
        '-1',
        '16L',
        '1e3',
        '0x10',
        "'<f4'",
        '"a\\n"',
        "b'x'",
        "'''x'''",
        '()',
      ),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `(${items.join(', ')})`),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')},]`),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((pairs) => {
        return `{${pairs.map((pair) => pair.join(': ')).join(' , ')}}`;
      }),
    ),
  })).value;
  const file = fc
    .record({
      type: fc.constantFrom(...types),
      order: fc.constantFrom('<', '>', '|', '=', ''),
      isFortran: fc.boolean(),
      shape: shapes,
      quote: fc.constantFrom("'", '"'),
      piece: fc.option(literal),
      place: fc.nat(3),
      version: fc.constantFrom(0, 1, 2, 3, 4),
      data: fc.uint8Array({ minLength: 0, maxLength: 96 }),
    })
    .map(({ type, order, isFortran, shape, quote, piece, place, version, data }) => {
      const values = [`${quote}${order}${type}${quote}`, isFortran ? 'True' : 'False', `(${shape.join('L, ')})`];
      if (piece !== null) values[place] = piece;
      const header = `{${['descr', 'fortran_order', 'shape', 'extra'].flatMap((key, i) => (values[i] ? [`${quote}${key}${quote}:${values[i]}`] : [])).join(', ')}}`;
      const size = Number(/\d/.exec(type)?.[0] ?? 1) * shape.reduce((a, b) => a * b, 1);
      return npyOf(
        header,
        version,
        Uint8Array.from({ length: size }, (_, i) => data[i % (data.length || 1)] ?? 0),
      );
    });
  property(file, (bytes) => takesOrRejects('x.npy', bytes));
});

/** A table in one of many notations, with a heading, an index, words, comments, quotes, or cells that do not fit. */
const tables = fc
  .record({
    separator: fc.constantFrom(',', ';', '\t', ' ', '|', ', ', '  '),
    mark: fc.constantFrom('.', ','),
    end: fc.constantFrom('\n', '\r\n', '\r'),
    heading: fc.constantFrom(
      '',
      'a,b,c',
      ',0,1,2',
      '0,1,2',
      '2001,2002,2003',
      '5 3',
      '"x","y","z"',
      'word,1,2',
      '# made',
      '%',
    ),
    lead: fc.constantFrom('none', 'count', 'quoted', 'word', 'words', 'date', 'odd'),
    odd: fc.constantFrom(
      'NA',
      '',
      '-',
      '#N/A',
      '0x1F',
      '0b11',
      '1.234,5',
      "1'000",
      '1e999',
      'true',
      '"',
      '""',
      '"a"b',
      '\u22125',
      '1D3',
      '\u202e',
      '\0',
    ),
    place: fc.nat(40),
    trailing: fc.boolean(),
    encoding: fc.constantFrom('utf-8', 'utf-8', 'utf-16le', 'utf-16be'),
    rows: fc.array(
      fc.tuple(
        fc.double({ noNaN: true, min: -1e3, max: 1e3 }),
        fc.integer({ min: -9, max: 9 }),
        fc.double({ noNaN: true, min: -1, max: 1 }),
      ),
      { maxLength: 12 },
    ),
  })
  .map(({ separator, mark, end, heading, lead, odd, place, trailing, encoding, rows }) => {
    const leads: Record<string, (i: number) => string[]> = {
      none: () => [],
      count: (i) => [`${i}`],
      quoted: (i) => [`"${i + 1}"`],
      word: (i) => [`w${i}`],
      words: (i) => [`w of ${i}`],
      date: (i) => [`2024-01-0${i}`],
      odd: (i) => [['"', '#', 'nan', '1e5', '0,5', '<unk>'][i % 6] as string],
    };
    const cells = rows.map((row, i) => [
      ...(leads[lead]?.(i) ?? []),
      ...row.map((value) => String(value).replace('.', mark)),
    ]);
    const at = cells.flatMap((row, i) => row.map((_, k): [number, number] => [i, k]))[place];
    if (at) (cells[at[0]] as string[])[at[1]] = odd;
    const lines = cells.map((row) => row.join(separator) + (trailing ? separator.trim() : ''));
    const text = [...(heading ? [heading.replaceAll(',', separator)] : []), ...lines].join(end);
    if (encoding === 'utf-8') return utf8(text);
    const codes = [...`\ufeff${text}`].map((letter) => letter.charCodeAt(0));
    return Uint8Array.from(
      codes.flatMap((code) => (encoding === 'utf-16le' ? [code & 255, code >> 8] : [code >> 8, code & 255])),
    );
  });

test('readVectorFile takes or rejects text tables in all notations', () => {
  property(fc.tuple(fc.constantFrom('x.csv', 'x.tsv', 'x.txt', 'x.vec'), tables), ([name, bytes]) =>
    takesOrRejects(name, bytes),
  );
});

test('readVectorFile takes or rejects text tables with random changes', () => {
  property(mutatedBytes(tables), (bytes) => takesOrRejects('x.csv', bytes));
});

test('fitVectors fits every file that was read', () => {
  const sizes = fc.record({
    heads: fc.integer({ min: 1, max: 10 }),
    n: fc.integer({ min: 2, max: 6 }),
    d: fc.integer({ min: 2, max: 160 }),
    value: fc.constantFrom(0, 1, 1e30, -1e38),
    projection: fc.constantFrom(...projections),
  });
  property(sizes, ({ heads, n, d, value, projection }) => {
    const qk = Float32Array.from({ length: heads * n * d }, (_, i) => (i % 3 ? value : i));
    const fit = { ...defaultFit, mostHeads: 8, projection };
    const fitted = accepted(() => fitVectors({ heads, n, d, qk }, fit), memoryPerByte * qk.byteLength + 2 ** 23);
    if (!fitted) return;
    expect(fitted.heads <= 8 && fitted.d >= 2 && fitted.d <= limits.d).toBe(true);
    expect(fitted.qk.length).toBe(fitted.heads * n * fitted.d);
    expect(fitted.qk.every(Number.isFinite)).toBe(true);
  });
});

test('readVectorFile takes or rejects a .csv with odd numbers, separators and lines', () => {
  const number = fc.oneof(
    { weight: 6, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map(String) },
    fc.constantFrom(
      '1e999',
      '-0',
      'NaN',
      'Infinity',
      '0x1F',
      '1_000',
      '١٢',
      '',
      ' ',
      '1e-400',
      '=1+1',
      '"1"',
      '<b>1</b>',
    ),
  );
  const separator = fc.constantFrom(',', ';', '\t', ' ', '  ', ' , ', ',,', '\u00a0', '\ufeff');
  const cells = (width: number) => fc.array(number, { minLength: width, maxLength: width });
  const lines = fc
    .tuple(fc.integer({ min: 1, max: 5 }), separator, fc.constantFrom('\n', '\r\n', '\r', '\n\n'))
    .chain(([width, between, end]) =>
      fc.array(cells(width), { maxLength: 8 }).map((rows) => rows.map((row) => row.join(between)).join(end)),
    );
  const heading = fc.constantFrom('', 'a,b\n', '\ufeff', '__proto__,constructor\n', '\0\n');
  property(fc.tuple(heading, lines), ([first, text]) => takesOrRejects('x.csv', utf8(first + text)));
});

test('readVectorFile takes or rejects a valid .csv with random changes', () => {
  const good = fc.constant(utf8(`a;b\n${Array.from({ length: 40 }, (_, i) => `${i}; ${-i / 8}`).join('\r\n')}`));
  property(mutatedBytes(good), (bytes) => takesOrRejects('x.csv', bytes));
});

const goodSafetensors = fc
  .record({ shape: shapes, both: fc.boolean(), kind: fc.constantFrom('f32', 'f64', 'i32') })
  .map(({ shape, both, kind }) => {
    const numbers = table(shape.reduce((a, b) => a * b, 1));
    const data = { f32: numbers, f64: Float64Array.from(numbers), i32: Int32Array.from(numbers) }[
      kind
    ] as Tensor['data'];
    const tensors = new Map<string, Tensor>([['qk', { shape, data }]]);
    if (both) tensors.set('v', { shape, data });
    return writeSafetensors(tensors, new Map([['config', '{"rounds":2}']]));
  });

test('readVectorFile takes or rejects a valid .safetensors with random changes', () => {
  property(mutatedBytes(goodSafetensors), (bytes) => takesOrRejects('x.safetensors', bytes));
});

test('readVectorFile takes or rejects a .safetensors with hostile names, numbers and nesting in its header', () => {
  const parts = goodSafetensors.map(partsOf);
  const file = parts.chain(({ header, body }) =>
    mutatedText(fc.constant(header)).map((text) => safetensorsOf(text, body)),
  );
  property(file, (bytes) => takesOrRejects('x.safetensors', bytes));
});

/** A file as bytes, so that NaN equals NaN. */
function plain({ tensors, metadata }: ReturnType<typeof readSafetensors>) {
  const entries = [...tensors].map(([name, { shape, data }]) => ({
    name,
    shape,
    type: data.constructor.name,
    bytes: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
  }));
  return { tensors: entries.sort((a, b) => (a.name < b.name ? -1 : 1)), metadata: [...metadata].sort() };
}

test('readSafetensors gives tensors of their declared sizes, and the same again after writing', () => {
  const file = goodSafetensors.map(partsOf).chain(({ header, body }) => {
    const texts = mutatedText(mutatedTypes(header));
    return texts.map((text) => safetensorsOf(text, body));
  });
  property(fc.oneof(file, mutatedBytes(goodSafetensors)), (bytes) => {
    const readAll = () => {
      const read = readSafetensors(bytes);
      // The numbers are converted when they are first read.
      for (const tensor of read.tensors.values()) expect(tensor.data).toBeDefined();
      return read;
    };
    const result = accepted(readAll, memoryPerByte * bytes.length);
    if (!result) return;
    for (const { shape, data } of result.tensors.values()) {
      expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
    }
    expect(plain(readSafetensors(writeSafetensors(result.tensors, result.metadata)))).toEqual(plain(result));
  });
});

/** A header that gives the same bytes another type, with a shape that fits it. */
function mutatedTypes(header: string): fc.Arbitrary<string> {
  const types = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, I8: 1, BOOL: 1 };
  return fc.constantFrom(...(Object.keys(types) as (keyof typeof types)[])).map((dtype) => {
    const entries = JSON.parse(header) as Record<string, { data_offsets: [number, number] }>;
    for (const [name, entry] of Object.entries(entries)) {
      if (name === '__metadata__') continue;
      const [start, end] = entry.data_offsets;
      entries[name] = { dtype, shape: [(end - start) / types[dtype]], data_offsets: [start, end] } as never;
    }
    return JSON.stringify(entries);
  });
}

test('writeSafetensors writes tensors of any names and sizes so that they read the same', () => {
  const names = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'toString', '1', '0', ''),
    fc.string({ unit: 'binary' }),
  );
  const tensor = fc.array(fc.nat(4), { maxLength: 4 }).chain((shape) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return fc.array(fc.double(), { minLength: count, maxLength: count }).map(
      (data): Tensor => ({
        shape,
        data: Float64Array.from(data),
      }),
    );
  });
  const entries = fc.uniqueArray(
    fc.tuple(
      names.filter((name) => name !== '__metadata__'),
      tensor,
    ),
    {
      selector: ([name]) => name,
      maxLength: 5,
    },
  );
  property(fc.tuple(entries, fc.dictionary(names, fc.string({ unit: 'binary' }))), ([list, words]) => {
    const file = { tensors: new Map(list), metadata: new Map(Object.entries(words)) };
    expect(plain(readSafetensors(writeSafetensors(file.tensors, file.metadata)))).toEqual(plain(file));
  });
});
