import { describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors';
import { readVectorFile } from '../../src/formats/vector-file';
import { InputError, quote } from '../../src/shared/errors';
import { random } from '../../src/shared/random';

const text = (words: string) => new TextEncoder().encode(words);

function npy(header: string, data: Float32Array | Float64Array, version = 1): Uint8Array {
  const head = text(header.padEnd(118));
  const out = new Uint8Array(10 + head.length + data.byteLength);
  out.set([0x93, ...text('NUMPY'), version, 0, head.length & 255, head.length >> 8]);
  out.set(head, 10);
  out.set(new Uint8Array(data.buffer), 10 + head.length);
  return out;
}

const table = Float32Array.from({ length: 12 }, (_, i) => i / 4);
const goodNpy = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }", table);

/** A safetensors file with this header length and text. */
function raw(length: bigint, header: string): Uint8Array {
  const out = new Uint8Array(8 + text(header).length);
  new DataView(out.buffer).setBigUint64(0, length, true);
  out.set(text(header), 8);
  return out;
}

/** A safetensors file with this header, its true length, and data. */
function whole(header: string, data = new Uint8Array()): Uint8Array {
  return Uint8Array.from([...raw(BigInt(text(header).length), header), ...data]);
}

/** A .npy file of format 2 with a header of `length` spaces. */
function npyOfLength(length: number): Uint8Array {
  const out = new Uint8Array(12 + length).fill(0x20);
  out.set([0x93, ...text('NUMPY'), 2, 0]);
  new DataView(out.buffer).setUint32(8, length, true);
  return out;
}

describe('safetensors', () => {
  test('tensors and metadata survive writing and reading', () => {
    const tensors = new Map([
      ['a', { shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) }],
      ['b', { shape: [2], data: Int32Array.from([-7, 8]) }],
      ['c', { shape: [], data: Float64Array.from([Math.PI]) }],
    ]);
    const file = readSafetensors(writeSafetensors(tensors, new Map([['config', '{"x": 1}']])));
    expect(file.tensors).toEqual(tensors);
    expect(file.metadata.get('config')).toBe('{"x": 1}');
  });

  test('F16 and BF16 become float32', () => {
    const header =
      '{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]}}';
    const head = raw(BigInt(header.length), header);
    const bytes = new Uint8Array([...head, 0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c, 0x80, 0x3f]);
    const { tensors } = readSafetensors(bytes);
    expect(Array.from(tensors.get('h')?.data ?? [])).toEqual([1, -2, 2 ** -24, Number.POSITIVE_INFINITY]);
    expect(Array.from(tensors.get('b')?.data ?? [])).toEqual([1]);
  });
});

describe('readVectorFile', () => {
  test('reads .npy in float32 and float64', () => {
    expect(readVectorFile('x.npy', goodNpy)).toMatchObject({ heads: 1, n: 4, d: 3, qk: table });
    const wide = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2, 3), }", Float64Array.from(table));
    expect(readVectorFile('X.NPY', wide)).toMatchObject({ heads: 2, n: 2, d: 3, qk: table });
  });

  test('reads every notation of a number in .csv as the nearest float32', () => {
    const draw = random(7);
    const ways = [
      '0',
      '-0',
      '-0.0',
      '007',
      '5.',
      '.5',
      '-.25',
      '+1',
      '1e3',
      '9.999999999999999',
      '123456789012345',
      '1234567890123456789',
    ];
    const decimals = Array.from({ length: 4000 }, (_, k) => ((draw.uniform() - 0.5) * 10 ** (k % 9)).toFixed(k % 13));
    const cells = [...ways, ...decimals];
    const { qk } = readVectorFile('x.csv', text(cells.map((cell) => `${cell}, ${cell}\t`).join('\r\n')));
    expect(qk).toEqual(Float32Array.from(cells.flatMap((cell) => [Number(cell), Number(cell)])));
  });

  test('reads .csv with a heading and with other separators', () => {
    expect(readVectorFile('x.csv', text('a,b\n1,2\n3,4.5\n'))).toMatchObject({
      n: 2,
      d: 2,
      qk: Float32Array.of(1, 2, 3, 4.5),
    });
    expect(readVectorFile('x.csv', text('1; 2.5\r\n-3e2;4'))).toMatchObject({
      n: 2,
      d: 2,
      qk: Float32Array.of(1, 2.5, -300, 4),
    });
  });

  test('reads .safetensors with qk and v, or with one tensor of any name', () => {
    const qk = { shape: [4, 3], data: table };
    const both = writeSafetensors(
      new Map([
        ['qk', qk],
        ['v', { shape: [4, 3], data: table.slice().reverse() }],
      ]),
    );
    expect(readVectorFile('x.safetensors', both).v?.[0]).toBe(11 / 4);
    const one = writeSafetensors(new Map([['embedding', qk]]));
    expect(readVectorFile('x.safetensors', one)).toMatchObject({ n: 4, d: 3, qk: table });
  });
});

test('a tensor named __proto__ is written and read', () => {
  const tensors = new Map([['__proto__', { shape: [1], data: Float32Array.of(1) }]]);
  expect(readSafetensors(writeSafetensors(tensors)).tensors).toEqual(tensors);
});

test('I64 numbers that fit in 32 bits become int32', () => {
  const bytes = whole(
    '{"a":{"dtype":"I64","shape":[3],"data_offsets":[0,24]}}',
    new Uint8Array(BigInt64Array.of(-1n, 2n ** 31n - 1n, -(2n ** 31n)).buffer),
  );
  expect(readSafetensors(bytes).tensors.get('a')?.data).toEqual(Int32Array.of(-1, 2 ** 31 - 1, -(2 ** 31)));
});

test('quote escapes invisible characters and shortens long text', () => {
  expect(quote('a"b')).toBe('"a\\"b"');
  expect(quote('\u202e\u007f\u{e0041}')).toBe('"\\u202e\\u007f\\u{e0041}"');
  expect(quote('🦊'.repeat(99), 10)).toBe(`"${'🦊'.repeat(7)}..."`);
});

describe('readVectorFile rejects', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const same = '{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}';
  const overlapping = whole(`{"qk":${same},"v":${same}}`, new Uint8Array(16));
  const wideNumbers = whole(
    '{"qk":{"dtype":"I64","shape":[2,2],"data_offsets":[0,32]}}',
    new Uint8Array(BigInt64Array.of(1n, 2n ** 31n, 3n, 4n).buffer),
  );
  const notFinite = npy(
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }",
    Float32Array.of(1, Number.NaN, 3, 4),
  );
  const tooWide = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5000), }", new Float32Array(10_000));
  const cases: [string, string, Uint8Array, string][] = [
    ['a truncated .npy', 'x.npy', goodNpy.slice(0, -5), 'needs 48 bytes of data, but the file has 43'],
    ['a .npy cut in its header', 'x.npy', goodNpy.slice(0, 40), 'header claims 118 bytes'],
    [
      'a .npy without its signature',
      'x.npy',
      text('hello, hello, hello'),
      'does not begin with the signature of a .npy file',
    ],
    [
      'a .npy with one axis',
      'x.npy',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (12,), }", table),
      'shape 12',
    ],
    ['a .npy with NaN', 'x.npy', notFinite, 'Number 1 of the file is NaN'],
    ['vectors that are too wide', 'x.npy', tooWide, '5000 numbers each'],
    ['a header of 2 GB', 'x.safetensors', raw(2n ** 31n, '{}'), 'claims 2147483648 bytes'],
    ['a header of 2^64 − 1', 'x.safetensors', raw(2n ** 64n - 1n, '{}'), 'claims'],
    ['a header that is not JSON', 'x.safetensors', raw(2n, '{{'), 'not JSON'],
    [
      'a tensor outside the file',
      'x.safetensors',
      raw(60n, '{"qk":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}   '),
      'lies at bytes 0 to 16',
    ],
    [
      'a shape that does not fit',
      'x.safetensors',
      raw(60n, '{"qk":{"dtype":"F32","shape":[2,2],"data_offsets":[0,0]}}    '),
      'needs 16 bytes',
    ],
    [
      'an unknown type',
      'x.safetensors',
      raw(60n, '{"qk":{"dtype":"Q4","shape":[2,2],"data_offsets":[0,4]}}     '),
      '"Q4"',
    ],
    ['an empty file', 'x.safetensors', new Uint8Array(3), '3 bytes'],
    [
      'a header longer than the limit',
      'x.safetensors',
      raw(3n * 2n ** 20n, ' '.repeat(3 * 2 ** 20)),
      'the limit is 2097152',
    ],
    [
      'metadata that are not strings',
      'x.safetensors',
      whole('{"__metadata__":{"a":{"toString":1}}}'),
      'not an object of strings',
    ],
    ['deeply nested metadata', 'x.safetensors', whole(`{"__metadata__":{"a":${deep}}}`), 'not an object of strings'],
    ['a type that is not a string', 'x.safetensors', whole('{"qk":{"dtype":{"toString":1}}}'), 'has no type'],
    ['a deeply nested type', 'x.safetensors', whole(`{"qk":{"dtype":${deep}}}`), 'has no type'],
    ['tensors that share bytes', 'x.safetensors', overlapping, 'overlap'],
    ['numbers beyond 32 bits', 'x.safetensors', wideNumbers, 'Number 1 of tensor "qk" does not fit in 32 bits'],
    ['a .npy header longer than the limit', 'x.npy', npyOfLength(70_000), 'the limit is 65536'],
    [
      'a .npy shape that is not a number',
      'x.npy',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': ('4', 3), }", table),
      'no shape of whole numbers',
    ],
    [
      'a very long shape',
      'x.npy',
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'1, '.repeat(30)}2), }`, table),
      '1×1×1×1×1×1×1×1×… needs',
    ],
    ['a .csv with one number in each line', 'x.csv', text('1\n2\n'), '1 numbers each'],
    ['a .csv with a very long line', 'x.csv', text('1,'.repeat(5000)), 'more than 4096 numbers'],
    ['a .csv with a character that reverses text', 'x.csv', text('1,2\n1,\u202e2\n'), '"\\u202e2"'],
    ['a .csv with a word in place of a number', 'x.csv', text('1,2\n3,four\n'), 'Line 2 has "four"'],
    ['a .csv with lines of different lengths', 'x.csv', text('1,2\n3\n'), 'Line 2 has 1 numbers'],
    ['a .csv of one line', 'x.csv', text('1,2\n'), '1 tokens'],
    ['a file with another ending', 'x.xlsx', text('1,2\n'), '"xlsx"'],
  ];
  test.each(cases)('%s', (_, name, bytes, words) => {
    const read = () => readVectorFile(name, bytes);
    expect(read).toThrow(InputError);
    expect(read).toThrow(words);
  });
});
