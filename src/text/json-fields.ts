/** Reads values of a tokenizer.json strictly. */

import { InputError, quote } from '../shared/errors';

export type Fields = Record<string, unknown>;

/** A value for a sentence. A list or an object is named only: it may be nested without end. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? quote(value) : String(value);
}

/** @throws InputError unless the value is an object with, if `known` is given, only these fields. */
export function fieldsOf(value: unknown, what: string, known?: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`The ${what} must be a JSON object.`);
  }
  const other = known && Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) throw new InputError(`The ${what} has the field ${quote(other)}, which is not supported.`);
  return value as Fields;
}

/** @throws InputError unless the value is a list. */
export function listOf(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new InputError(`The ${what} must be a list.`);
  return value;
}

/** The type of a part. @throws InputError if it has none. */
export function typeOf(value: unknown, what: string): string {
  const { type } = fieldsOf(value, what);
  if (typeof type !== 'string') throw new InputError(`The ${what} has no type.`);
  return type;
}

/** A text of a part that must not be empty. @throws InputError naming the field. */
export function textField(fields: Fields, field: string, what: string): string {
  const value = fields[field];
  if (typeof value !== 'string' || value === '') {
    throw new InputError(`The ${what} has the ${field} ${showValue(value)}; it must be some text.`);
  }
  return value;
}

/** A yes or no of a part. @throws InputError naming the field. */
export function flagField(fields: Fields, field: string, what: string, byDefault: boolean): boolean {
  const value = fields[field] ?? byDefault;
  if (typeof value !== 'boolean') {
    throw new InputError(`The ${what} has the ${field} ${showValue(value)}; it must be true or false.`);
  }
  return value;
}

/** An error that names what is not supported. */
export const refuse = (what: string, instead: string): InputError =>
  new InputError(`The tokenizer has ${what}, which is not supported; ${instead}.`);

/** Most parts of a normalizer, pre_tokenizer or decoder, and deepest nesting of their sequences. */
const mostParts = 16;

/** Divides a sequence of parts, which may hold sequences, into parts that are none. @throws InputError for too many or too deep parts. */
export function partsOf(value: unknown, what: string, list: string, depth = 0): unknown[] {
  if (value === null || value === undefined) return [];
  if (depth > mostParts) throw new InputError(`The ${what} holds sequences ${depth} deep; the limit is ${mostParts}.`);
  if (typeOf(value, what) !== 'Sequence') return [value];
  const steps = listOf(fieldsOf(value, what, ['type', list])[list], `${list} of the ${what}`);
  const parts: unknown[] = [];
  for (const step of steps) {
    parts.push(...partsOf(step, what, list, depth + 1));
    if (parts.length > mostParts) throw new InputError(`The ${what} has more than ${mostParts} parts.`);
  }
  return parts;
}
