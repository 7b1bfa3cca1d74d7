import fc from 'fast-check';
import { expect, test } from 'vitest';
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
  const ending = fc.constantFrom('npy', 'csv', 'safetensors', 'NPY', 'x', '');
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
