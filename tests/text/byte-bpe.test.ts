import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/shared/errors';
import { random } from '../../src/shared/random';
import { ByteBpe, type Merge } from '../../src/text/byte-bpe';
import { anyText, wellFormed } from './texts';

/** Merges and ids of another implementation, in Python: bytes of ASCII text, the same pattern of words and order of pairs. */
const fixture = JSON.parse(readFileSync(new URL('../fixtures/text/byte-bpe.json', import.meta.url), 'utf8')) as {
  text: string;
  merges: Merge[];
  sentence: string;
  ids: number[];
};
const bpe = ByteBpe.train(fixture.text);

/** About as many characters as asked for, made of the fixture's words in random order. */
function shuffled(length: number): string {
  const { integer } = random(1);
  const words = fixture.text.split(/(?<=\s)/);
  let text = '';
  while (text.length < length) text += words[integer(words.length)];
  return text;
}

describe('training', () => {
  test('learns the merges that another implementation learns', () => {
    expect(bpe.size).toBe(512);
    expect(bpe.merges).toEqual(fixture.merges);
  });

  test('takes the greater pair of two that are equally frequent', () => {
    expect(ByteBpe.train('ab ab cd cd', 257).merges).toEqual([[99, 100]]);
    expect(ByteBpe.train('cd cd ab ab', 257).merges).toEqual([[99, 100]]);
  });

  test('does not depend on the order of words', () => {
    const words = [' whale', ' whale', ' ship', ' sheep', ' sheep', ' wheel', ' hip', ' é', ' é', ' 🦊', ' 🦊'];
    const merges = ByteBpe.train(words.join('')).merges;
    expect(merges.length).toBeGreaterThan(5);
    expect(ByteBpe.train([...words].reverse().join('')).merges).toEqual(merges);
  });

  test('learns no pair that occurs once, none across words, and no piece above 64 bytes', () => {
    expect(ByteBpe.train('abc').size).toBe(256);
    expect(ByteBpe.train('1 2 1 2 1212').merges).toEqual([
      [32, 50],
      [32, 49],
    ]);
    const { merges, size, piece } = ByteBpe.train('a'.repeat(100_000));
    expect(merges.slice(0, 2)).toEqual([
      [97, 97],
      [256, 256],
    ]);
    expect(size).toBeLessThan(512);
    expect(piece).toBeDefined();
  });

  test.each([255, 65_537, 300.5, Number.NaN])('refuses the size %s', (size) => {
    expect(() => ByteBpe.train('text', size)).toThrow(InputError);
  });
});

describe('encoding', () => {
  test('gives the ids of another implementation', () => {
    expect([...bpe.encode(fixture.sentence)]).toEqual(fixture.ids);
  });

  test('gives the same ids whether a word is new or kept', () => {
    const fresh = ByteBpe.from(bpe.merges);
    expect(fresh.encode(fixture.text)).toEqual(bpe.encode(fixture.text));
    expect(fresh.encode(fixture.text)).toEqual(bpe.encode(fixture.text));
  });

  test('divides words at blanks, digits and other characters, in any script', () => {
    const merges = ByteBpe.train('не не не, не, naïve naïve, 42 42 42').merges;
    const pieces = ByteBpe.from(merges);
    const shown = [...pieces.encode(' не, naïve42')].map((id) => new TextDecoder().decode(pieces.piece(id)));
    expect(shown).toEqual([' не', ',', ' naïve', '4', '2']);
  });

  test('decodes 10,000 random texts to themselves', () => {
    const learned = ByteBpe.train(`${fixture.text}${'👩‍👩‍👧‍👦 שלום، مرحبا\r\n'.repeat(5)}`, 700);
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = learned.encode(text);
        expect(learned.decode(ids)).toBe(wellFormed(text));
        for (const id of ids) if (!(id >= 0 && id < learned.size)) throw new Error(`${id}`);
      }),
      { numRuns: 10_000, seed: 1 },
    );
  });

  test('merges the earliest pair first, and of equal ones the leftmost', () => {
    const merges: Merge[] = [
      [98, 99],
      [97, 97],
      [97, 98],
    ];
    const pieces = ByteBpe.from(merges);
    expect([...pieces.encode('aaa')]).toEqual([257, 97]);
    expect([...pieces.encode('aaaaa')]).toEqual([257, 257, 97]);
    expect([...pieces.encode('abc')]).toEqual([97, 256]);
    expect([...pieces.encode('aabb')]).toEqual([257, 98, 98]);
  });

  test('keeps a byte order mark, and reads lone surrogates as U+FFFD', () => {
    expect(bpe.decode(bpe.encode('\ufeffa\ufeff'))).toBe('\ufeffa\ufeff');
    expect(bpe.decode(bpe.encode('a\ud800b\udc00'))).toBe('a\ufffdb\ufffd');
    expect([...bpe.encode('')]).toEqual([]);
  });

  test('takes about half an id for each byte of a text like the one it learned from', () => {
    expect(bpe.encode(fixture.text).length / fixture.text.length).toBeLessThan(0.5);
  });

  test('of a megabyte takes less than a second of CPU time, in words or without any', () => {
    const words = shuffled(1e6);
    const { integer } = random(2);
    const letters = Array.from({ length: 1e6 }, () =>
      fixture.text[integer(fixture.text.length)].replace(/\W/, 'e'),
    ).join('');
    for (const text of [words, letters.replaceAll(/\d/g, 'o')]) {
      const fresh = ByteBpe.from(bpe.merges);
      const start = process.cpuUsage();
      const ids = fresh.encode(text);
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1000).toBeLessThan(1000);
      expect(fresh.decode(ids)).toBe(text);
    }
  });
});

describe('decoding', () => {
  test('gives U+FFFD for bytes that are no UTF-8', () => {
    expect(bpe.decode([0xe2, 97])).toBe('\ufffda');
  });

  test.each([-1, 512, 1.5])('refuses the id %s', (id) => {
    expect(() => bpe.decode([97, id])).toThrow(`There is no token ${id}; the ids go from 0 to 511.`);
    expect(() => bpe.piece(id)).toThrow(InputError);
  });
});

describe('the vocabulary as JSON', () => {
  test('takes less than 4 KB for 256 merges, and gives the same tokenizer', () => {
    const json = bpe.toJson();
    expect(json.length).toBeLessThan(4096);
    const read = ByteBpe.fromJson(json);
    expect(read.merges).toEqual(bpe.merges);
    expect(read.toJson()).toBe(json);
    expect(read.encode(fixture.text)).toEqual(bpe.encode(fixture.text));
  });

  const doubled = Array.from({ length: 7 }, (_, m) => (m ? [255 + m, 255 + m] : [97, 97])).flat();
  test.each([
    ['no JSON', '{"format":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['another format', '{"format":"byte-bpe 2","merges":[]}'],
    ['no format', '{"merges":[]}'],
    ['another field', '{"format":"byte-bpe 1","merges":[],"size":256}'],
    ['no merges', '{"format":"byte-bpe 1"}'],
    ['half a merge', '{"format":"byte-bpe 1","merges":[97]}'],
    ['an id that does not exist yet', '{"format":"byte-bpe 1","merges":[97,256]}'],
    ['a negative id', '{"format":"byte-bpe 1","merges":[97,-1]}'],
    ['a text as id', '{"format":"byte-bpe 1","merges":[97,"98"]}'],
    ['the same piece twice', '{"format":"byte-bpe 1","merges":[97,98,97,98]}'],
    ['the same bytes from other pieces', '{"format":"byte-bpe 1","merges":[97,98,256,99,98,99,97,258]}'],
    ['a piece of 128 bytes', JSON.stringify({ format: 'byte-bpe 1', merges: doubled })],
    ['too many merges', `{"format":"byte-bpe 1","merges":[${'0,'.repeat(2 * 65_281 - 1)}0]}`],
  ])('is refused with %s', (_, json) => {
    expect(() => ByteBpe.fromJson(json)).toThrow(InputError);
    expect(() => ByteBpe.fromJson(json)).toThrow(/^[^\n]{10,200}\.$/);
  });
});
