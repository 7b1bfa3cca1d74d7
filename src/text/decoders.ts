/** How a tokenizer.json makes a text of tokens. */

import { InputError, quote } from '../shared/errors';
import { bytesOfText } from './byte-text';
import { fieldsOf, partsOf, refuse, textField, typeOf } from './json-fields';
import { type Normalizer, replaceOf } from './normalizers';
import { metaspaceOf } from './pre-tokenizers';
import { textOf } from './utf8';

export interface Decoder {
  /** The text of tokens in a row. */
  decode(tokens: string[]): string;
  /** The bytes that a token stands for, wherever it stands. */
  piece(token: string): Uint8Array;
}

/** One step of a decoder. */
interface Step {
  apply(tokens: string[]): string[];
  /** What the step does to a token by itself; undefined if that depends on its place. */
  single?: (token: string) => string | Uint8Array;
}

/** @throws InputError naming what is not supported. */
export function decoderOf(value: unknown): Decoder {
  // Without a decoder, a blank stands between tokens.
  if (value === null || value === undefined) {
    return { decode: (tokens) => tokens.join(' '), piece: (token) => new TextEncoder().encode(token) };
  }
  const steps = partsOf(value, 'decoder', 'decoders').map(stepOf);
  return {
    decode: (tokens) => steps.reduce((tokens, step) => step.apply(tokens), tokens).join(''),
    piece(token) {
      let text = token;
      for (const { single } of steps) {
        const result = single?.(text) ?? text;
        if (typeof result !== 'string') return result;
        text = result;
      }
      return new TextEncoder().encode(text);
    },
  };
}

function stepOf(value: unknown): Step {
  const what = 'decoder';
  const type = typeOf(value, what);
  switch (type) {
    case 'Metaspace': {
      const { replacement, scheme } = metaspaceOf(value, what);
      const single: Normalizer = (token) => token.replaceAll(replacement, ' ');
      const first: Normalizer = (token) => (scheme === 'never' ? single(token) : token.replaceAll(replacement, ''));
      return { apply: (tokens) => tokens.map((token, i) => (i === 0 ? first : single)(token)), single };
    }
    case 'ByteLevel':
      fieldsOf(value, what, ['type', 'add_prefix_space', 'trim_offsets', 'use_regex']);
      return { apply: (tokens) => [textOf(joinBytes(tokens.map(bytesOfText)))], single: bytesOfText };
    case 'ByteFallback':
      fieldsOf(value, what, ['type']);
      return { apply: joinFallback, single: (token) => bytesOfFallback(token) ?? token };
    case 'Fuse':
      fieldsOf(value, what, ['type']);
      return { apply: (tokens) => [tokens.join('')] };
    case 'Replace': {
      const replace = replaceOf(fieldsOf(value, what, ['type', 'pattern', 'content']), what);
      return { apply: (tokens) => tokens.map(replace), single: replace };
    }
    case 'Strip': {
      const fields = fieldsOf(value, what, ['type', 'content', 'start', 'stop']);
      const content = textField(fields, 'content', what);
      const [start, stop] = [fields.start, fields.stop].map((count) => {
        if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count;
        throw new InputError('The decoder has a Strip without whole numbers for start and stop.');
      });
      return { apply: (tokens) => tokens.map((token) => stripCharacters(token, content, start, stop)) };
    }
    default:
      throw refuse(
        `the decoder ${quote(type)}`,
        'it must be Metaspace, ByteLevel, ByteFallback, Fuse, Replace, Strip or Sequence',
      );
  }
}

/** The byte that a token such as <0xE2> stands for. */
function bytesOfFallback(token: string): Uint8Array | undefined {
  return /^<0x[0-9A-Fa-f]{2}>$/.test(token) ? Uint8Array.of(Number.parseInt(token.slice(3, 5), 16)) : undefined;
}

/** Tokens for bytes in a row become a text; if they are no UTF-8, each becomes U+FFFD. */
function joinFallback(tokens: string[]): string[] {
  const out: string[] = [];
  let bytes: Uint8Array[] = [];
  const flush = (): void => {
    if (bytes.length === 0) return;
    try {
      out.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(joinBytes(bytes)));
    } catch {
      out.push('\ufffd'.repeat(bytes.length));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const byte = bytesOfFallback(token);
    if (byte) bytes.push(byte);
    else {
      flush();
      out.push(token);
    }
  }
  flush();
  return out;
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Leaves out up to `start` leading and `stop` trailing characters that are `content`. */
function stripCharacters(token: string, content: string, start: number, stop: number): string {
  const characters = [...token];
  let from = 0;
  while (from < start && characters[from] === content) from++;
  let to = characters.length;
  while (characters.length - to < stop && to > from && characters[to - 1] === content) to--;
  return characters.slice(from, to).join('');
}
