import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PieceReader, showPiece } from '../../src/text/utf8';
import { anyText, wellFormed } from './texts';

const utf8 = (text: string) => new TextEncoder().encode(text);

test('PieceReader gives out a character when its last byte comes', () => {
  const reader = new PieceReader();
  const [a, b, c, d] = utf8('🦊');
  expect([[104, a], [b], [c], [d, 33], []].map((bytes) => reader.push(bytes))).toEqual(['h', '', '', '🦊!', '']);
  expect(reader.end()).toBe('');
});

test('PieceReader shows each byte that belongs to no character', () => {
  const reader = new PieceReader();
  expect(reader.push([0xe2])).toBe('');
  expect(reader.push([0x82])).toBe('');
  expect(reader.push([97, 0x80, 0xff])).toBe('⟨E2⟩⟨82⟩a⟨80⟩⟨FF⟩');
  expect(reader.push([0xc2])).toBe('');
  expect(reader.end()).toBe('⟨C2⟩');
  expect(reader.push([97])).toBe('a');
});

test('PieceReader reads any text, however its bytes are divided', () => {
  fc.assert(
    fc.property(anyText, fc.infiniteStream(fc.nat(3)), (text, lengths) => {
      const reader = new PieceReader();
      const bytes = utf8(text);
      let out = '';
      for (let at = 0; at < bytes.length; ) {
        const { value } = lengths.next();
        out += reader.push(bytes.subarray(at, at + value));
        at += value;
      }
      expect(out + reader.end()).toBe(wellFormed(text));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('PieceReader takes for broken the bytes that TextDecoder takes for broken', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const reader = new PieceReader();
      const text = Array.from(bytes, (byte) => reader.push([byte])).join('') + reader.end();
      const isWhole = !text.includes('⟨');
      let isFatal = false;
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      } catch {
        isFatal = true;
      }
      expect(isWhole).toBe(!isFatal);
    }),
    { numRuns: 5000, seed: 1 },
  );
  for (const bytes of [
    [0xc0, 0x80],
    [0xe0, 0x9f, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x8f, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5],
  ]) {
    const reader = new PieceReader();
    expect(reader.push(bytes) + reader.end()).toBe(
      bytes.map((byte) => `⟨${byte.toString(16).toUpperCase()}⟩`).join(''),
    );
  }
});

test.each([
  [' the', ' the'],
  ['a\n\n', 'a⏎⏎'],
  ['\0\r\t', '⟨00⟩⟨0D⟩⟨09⟩'],
  ['\u0085\u2028', '⟨C2⟩⟨85⟩⟨E2⟩⟨80⟩⟨A8⟩'],
  ['👍🏽', '👍🏽'],
])('showPiece shows %j as %s', (text, shown) => {
  expect(showPiece(utf8(text))).toBe(shown);
});

test('showPiece shows the bytes of a part of a character', () => {
  expect(showPiece(Uint8Array.of(97, 0xe2, 0x82))).toBe('a⟨E2⟩⟨82⟩');
  expect(showPiece(Uint8Array.of(0xac, 98))).toBe('⟨AC⟩b');
});
