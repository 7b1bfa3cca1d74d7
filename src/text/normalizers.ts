/** What a tokenizer.json does to a text before it is divided into words. */

import { InputError, quote } from '../shared/errors';
import { Charsmap } from './charsmap';
import { type Fields, fieldsOf, flagField, partsOf, refuse, textField, typeOf } from './json-fields';

export type Normalizer = (text: string) => string;

/** Unicode's normalization forms, by the names in the file. */
const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'];

/** The one regular expression that converted SentencePiece models have: two blanks or more. */
const blanks = ' {2,}';

/** @throws InputError naming what is not supported. */
export function normalizerOf(value: unknown): Normalizer {
  const parts = partsOf(value, 'normalizer', 'normalizers');
  if (parts.filter((part) => typeOf(part, 'normalizer') === 'Precompiled').length > 1) {
    throw refuse('two normalizers Precompiled', 'there must be one');
  }
  const steps = parts.map(stepOf);
  return (text) => steps.reduce((text, step) => step(text), text);
}

function stepOf(value: unknown): Normalizer {
  const what = 'normalizer';
  const type = typeOf(value, what);
  if (forms.includes(type)) {
    fieldsOf(value, what, ['type']);
    return (text) => text.normalize(type);
  }
  switch (type) {
    case 'Lowercase':
      fieldsOf(value, what, ['type']);
      return (text) => Array.from(text, (character) => character.toLowerCase()).join('');
    case 'Strip': {
      const fields = fieldsOf(value, what, ['type', 'strip_left', 'strip_right']);
      const isLeft = flagField(fields, 'strip_left', what, true);
      const isRight = flagField(fields, 'strip_right', what, true);
      return (text) => strip(text, isLeft, isRight);
    }
    case 'Prepend': {
      const prefix = textField(fieldsOf(value, what, ['type', 'prepend']), 'prepend', what);
      if ([...prefix].length !== 1) throw refuse(`the prefix ${quote(prefix)}`, 'it must be one character');
      return (text) => (text === '' ? '' : prefix + text);
    }
    case 'Replace':
      return replaceOf(fieldsOf(value, what, ['type', 'pattern', 'content']), what);
    case 'Precompiled':
      return precompiled(
        textField(fieldsOf(value, what, ['type', 'precompiled_charsmap']), 'precompiled_charsmap', what),
      );
    default: {
      const supported = [...forms, 'Lowercase', 'Strip', 'Prepend', 'Replace', 'Precompiled', 'Sequence'].join(', ');
      throw refuse(`the normalizer ${quote(type)}`, `it must be one of ${supported}`);
    }
  }
}

/**
 * Replaces a text, or two blanks and more. Regular expressions of a file are not run, and no text becomes longer, so that a few parts
 * cannot make a text grow without end.
 */
export function replaceOf({ pattern, content }: Fields, what: string): Normalizer {
  const { String: text, Regex: expression } = fieldsOf(pattern, `pattern of the ${what}`, ['String', 'Regex']);
  if (typeof content !== 'string') throw new InputError(`The ${what} has a Replace without a content.`);
  if (typeof expression === 'string' && expression !== blanks) {
    throw refuse(`the regular expression ${quote(expression)}`, `it must be ${quote(blanks)} or a text`);
  }
  const isText = typeof text === 'string' && text !== '' && expression === undefined;
  if (!isText && (expression !== blanks || text !== undefined)) {
    throw new InputError(`The ${what} has a Replace without a pattern.`);
  }
  if (content.length > (isText ? text.length : 2)) {
    throw refuse(`a Replace by the longer text ${quote(content)}`, 'it must not be longer than what it replaces');
  }
  return (whole) => whole.replaceAll(isText ? text : / {2,}/g, () => content);
}

const isSpace = /^\p{White_Space}$/u;

function strip(text: string, isLeft: boolean, isRight: boolean): string {
  let start = 0;
  let end = text.length;
  while (isLeft && start < end && isSpace.test(text[start])) start++;
  while (isRight && end > start && isSpace.test(text[end - 1])) end--;
  return text.slice(start, end);
}

/** A grapheme of fewer UTF-8 bytes is looked up whole. */
const longestWhole = 6;

/**
 * Stretches of which the graphemes must be found: those with a character outside ASCII, with its ASCII neighbours, and CR LF. Each other
 * character is a grapheme.
 */
const stretches = /[\0-\x7f]?[^\0-\x7f]+(?:[\0-\x7f]?[^\0-\x7f]+)*(?:\r\n|[\0-\x7f])?|\r\n|[\0-\x7f]/gu;

/**
 * The rules of a SentencePiece model, as Hugging Face tokenizers apply them: a short grapheme by the shortest rule that it begins with, and
 * otherwise each character by itself. SentencePiece takes the longest rule.
 */
function precompiled(base64: string): Normalizer {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    throw new InputError('The precompiled_charsmap of the tokenizer is not base64.');
  }
  const charsmap = new Charsmap(bytes);
  const known = new Map<string, string>();
  const normalizeGrapheme = (grapheme: string): string => {
    const isShort = new TextEncoder().encode(grapheme).length < longestWhole;
    const whole = isShort ? charsmap.shortest(grapheme) : undefined;
    return whole ?? Array.from(grapheme, (character) => charsmap.shortest(character) ?? character).join('');
  };
  const keep = (grapheme: string): string => {
    const kept = known.get(grapheme);
    if (kept !== undefined) return kept;
    const normal = normalizeGrapheme(grapheme);
    if (known.size < mostKept) known.set(grapheme, normal);
    return normal;
  };
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  return (text) => {
    let out = '';
    for (const [stretch] of text.matchAll(stretches)) {
      if (stretch.length === 1) out += keep(stretch);
      else for (const { segment } of segmenter.segment(stretch)) out += keep(segment);
    }
    return out;
  };
}

/** Graphemes that are kept with what they become. */
const mostKept = 65_536;
