/** Random changes to valid files. */

import fc from 'fast-check';

/** Pieces of JSON that a reader does not expect in place of a number, a name or a list. */
const hostileTokens = [
  ...['-1', '-0', '0', '1.5', '1e999', '-1e999', '1e-999', '9007199254740993', '18446744073709551616', '4294967296'],
  ...['null', 'true', '""', '"\\u0000"', '"\\ud800"', '"__proto__"', '"constructor"', '"toString"', '[]', '{}', '[[]]'],
  ...['{"toString":1,"valueOf":2}', '{"length":1e9}', '{"__proto__":{"polluted":1}}', '"‮⁦🦊\\n"', '[1,[2,[3]]]'],
  `"${'x'.repeat(300)}"`,
  ...[50, 20_000].map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  `[${'1,'.repeat(2000)}1]`,
];

/** Entries that are added to objects: names with a meaning in JavaScript, and duplicate names. */
const hostileEntries = [
  '"__proto__":{"polluted":1}',
  '"constructor":{"prototype":{"polluted":1}}',
  '"__metadata__":{"a":[1,2]}',
  '"__metadata__":{"a":{"toString":1}}',
  '"":0',
  '"qk":1',
  '"hasOwnProperty":1',
];

const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null|[[\]{}]/g;

/** A text with up to four changes: JSON tokens replaced, dropped or doubled, entries added, or the end cut off. */
export function mutatedText(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(10_000),
    act: fc.constantFrom('replace', 'replace', 'replace', 'add', 'drop', 'double', 'cut'),
    token: fc.oneof(fc.constantFrom(...hostileTokens), fc.json({ maxDepth: 3 })),
    entry: fc.constantFrom(...hostileEntries),
  });
  return fc.tuple(text, fc.array(change, { maxLength: 4 })).map(([start, changes]) => {
    let out = start;
    for (const { at, act, token: piece, entry } of changes) {
      const places = [...out.matchAll(token)];
      if (!places.length) return out;
      const { index, 0: match } = places[at % places.length];
      const rest = out.slice(index + match.length);
      if (act === 'cut') out = out.slice(0, index);
      else if (act === 'drop') out = out.slice(0, index) + rest;
      else if (act === 'double') out = `${out.slice(0, index)}${match},${match}${rest}`;
      else if (act === 'add') out = out.replace('{', `{${entry},`);
      else out = out.slice(0, index) + piece + rest;
    }
    return out;
  });
}

/** A file with up to five changes: bits flipped, bytes set, pieces cut out, doubled or inserted, or 64-bit numbers written over it. */
export function mutatedBytes(file: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.oneof(fc.nat(16), fc.nat(200), fc.nat(100_000)),
    act: fc.constantFrom('bit', 'byte', 'cut', 'end', 'double', 'insert', 'number'),
    length: fc.oneof(fc.nat(8), fc.nat(1000)),
    byte: fc.nat(255),
    number: fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
    ),
  });
  return fc.tuple(file, fc.array(change, { maxLength: 5 })).map(([start, changes]) => {
    let out = Uint8Array.from(start);
    for (const { at, act, length, byte, number } of changes) {
      if (out.length === 0) return out;
      const i = at % out.length;
      const piece = out.slice(i, i + length);
      if (act === 'bit') out[i] ^= 1 << (byte % 8);
      else if (act === 'byte') out[i] = byte;
      else if (act === 'end') out = out.slice(0, i);
      else if (act === 'number' && i + 8 <= out.length) new DataView(out.buffer).setBigUint64(i, number, true);
      else if (act === 'cut') out = joined(out.slice(0, i), out.slice(i + length));
      else if (act === 'double') out = joined(out.slice(0, i), piece, out.slice(i));
      else if (act === 'insert') out = joined(out.slice(0, i), new Uint8Array(length).fill(byte), out.slice(i));
    }
    return out;
  });
}

/** Up to 600 random bytes. */
export const randomBytes = fc.uint8Array({ maxLength: 600, size: 'max' });

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A safetensors file with this header, its true length, and this body. */
export function safetensorsOf(header: string, body: Uint8Array): Uint8Array {
  const text = utf8(header);
  const out = new Uint8Array(8 + text.length + body.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
  out.set(text, 8);
  out.set(body, 8 + text.length);
  return out;
}

/** Header and body of a valid safetensors file. */
export function partsOf(file: Uint8Array): { header: string; body: Uint8Array } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return { header: new TextDecoder().decode(file.slice(8, 8 + length)), body: file.slice(8 + length) };
}

/** A .npy file of this format version with this header. */
export function npyOf(header: string, version: number, data: Uint8Array): Uint8Array {
  const head = utf8(header);
  const length = new Uint8Array(version >= 2 ? 4 : 2);
  const view = new DataView(length.buffer);
  if (version >= 2) view.setUint32(0, head.length, true);
  else view.setUint16(0, head.length, true);
  return joined(new Uint8Array([0x93, ...utf8('NUMPY'), version, 0]), length, head, data);
}
