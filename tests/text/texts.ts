/** Random texts for tests of tokenizers. */

import fc from 'fast-check';

/** Texts that tokenizers often get wrong. */
const hard = [
  ...[
    '👩‍👩‍👧‍👦',
    '🏳️‍🌈',
    '👍🏽',
    '🇦🇶',
    '𝒳',
    '𐍈',
    '\u{10ffff}',
    'שלום',
    'مرحبا',
    '\u202eabc\u202c',
    '\u200f',
    'e\u0301',
    'é',
    'ﬁ',
  ],
  ...[
    '\r\n',
    '\n',
    '\t',
    '\0',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u2028',
    '\u3000',
    '\ufeff',
    '\ufffd',
    '\uffff',
    '\ud800',
    '\udfff',
  ],
  ...[
    ' ',
    '  ',
    '▁',
    '<unk>',
    '</s>',
    '<0x0A>',
    "don't",
    'Hello',
    ' World',
    '1851',
    '...',
    '한국어',
    '日本語',
    'ẞß',
    'ǅ',
    '½',
    '٣',
  ],
];

/** Any text: code points of all planes, single UTF-16 units, and texts that are hard. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...hard),
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 4 }),
      fc.string({ maxLength: 12 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** A text with each lone surrogate as U+FFFD. */
export const wellFormed = (text: string): string => text.replaceAll(/\p{Cs}/gu, '\ufffd');
