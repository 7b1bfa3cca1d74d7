/** How a tokenizer.json divides a text into words. */

import { InputError, quote } from '../shared/errors';
import { byteText } from './byte-text';
import { fieldsOf, flagField, partsOf, refuse, showValue, textField, typeOf } from './json-fields';

/** The words of a part of a text; `isFirst` is true for the first part. */
export type PreTokenizer = (text: string, isFirst: boolean) => string[];

/** @throws InputError naming what is not supported. */
export function preTokenizerOf(value: unknown): PreTokenizer {
  const steps = partsOf(value, 'pre_tokenizer', 'pretokenizers').map(stepOf);
  return (text, isFirst) =>
    steps.reduce<string[]>(
      (words, step) => words.flatMap((word, i) => step(word, isFirst && i === 0)).filter((word) => word !== ''),
      [text],
    );
}

function stepOf(value: unknown): PreTokenizer {
  const what = 'pre_tokenizer';
  const type = typeOf(value, what);
  switch (type) {
    case 'Metaspace': {
      const { replacement, scheme, isSplit } = metaspaceOf(value, what);
      return (text, isFirst) => {
        const marked = text.replaceAll(' ', () => replacement);
        const needsPrefix = scheme === 'always' || (scheme === 'first' && isFirst);
        const whole = needsPrefix && !marked.startsWith(replacement) ? replacement + marked : marked;
        return isSplit ? splitBefore(whole, replacement) : [whole];
      };
    }
    case 'ByteLevel': {
      const fields = fieldsOf(value, what, ['type', 'add_prefix_space', 'trim_offsets', 'use_regex']);
      const hasPrefix = flagField(fields, 'add_prefix_space', what, true);
      const isSplit = flagField(fields, 'use_regex', what, true);
      return (text) => {
        const whole = hasPrefix && !text.startsWith(' ') ? ` ${text}` : text;
        return (isSplit ? (whole.match(byteLevelWords) ?? []) : [whole]).map(byteText);
      };
    }
    case 'WhitespaceSplit':
      fieldsOf(value, what, ['type']);
      return (text) => text.split(/\p{White_Space}+/u).filter((word) => word !== '');
    default:
      throw refuse(`the pre_tokenizer ${quote(type)}`, 'it must be Metaspace, ByteLevel, WhitespaceSplit or Sequence');
  }
}

/** The words of GPT-2 (Radford et al., 2019): endings, letters, digits or other characters, each with a blank before it, and white space. */
const byteLevelWords =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** The settings of a Metaspace, of a pre-tokenizer or a decoder. */
export function metaspaceOf(value: unknown, what: string) {
  const known = ['type', 'replacement', 'str_rep', 'add_prefix_space', 'prepend_scheme', 'split'];
  const fields = fieldsOf(value, what, known);
  const replacement = textField(fields, 'replacement', what);
  if ([...replacement].length !== 1) {
    throw new InputError(`The ${what} has the replacement ${quote(replacement)}; it must be one character.`);
  }
  const hasPrefix = flagField(fields, 'add_prefix_space', what, true);
  const scheme = fields.prepend_scheme ?? (hasPrefix ? 'always' : 'never');
  if (scheme !== 'always' && scheme !== 'first' && scheme !== 'never') {
    throw new InputError(`The ${what} has the prepend_scheme ${showValue(scheme)}; it must be always, first or never.`);
  }
  return { replacement, scheme, isSplit: flagField(fields, 'split', what, true) };
}

/** Divides a text before each sign. */
function splitBefore(text: string, sign: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let at = text.indexOf(sign, 1); at >= 0; at = text.indexOf(sign, at + 1)) {
    words.push(text.slice(start, at));
    start = at;
  }
  words.push(text.slice(start));
  return words;
}
