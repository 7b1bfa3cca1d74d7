/** Reads values of a tokenizer.json strictly. */

import { InputError, quote } from '../shared/errors';

export type Fields = Record<string, unknown>;

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
    throw new InputError(
      `The ${what} has the ${field} ${quote(JSON.stringify(value) ?? 'missing')}; it must be some text.`,
    );
  }
  return value;
}

/** A yes or no of a part. @throws InputError naming the field. */
export function flagField(fields: Fields, field: string, what: string, byDefault: boolean): boolean {
  const value = fields[field] ?? byDefault;
  if (typeof value !== 'boolean') {
    throw new InputError(`The ${what} has the ${field} ${quote(JSON.stringify(value))}; it must be true or false.`);
  }
  return value;
}

/** An error that names what is not supported. */
export const refuse = (what: string, instead: string): InputError =>
  new InputError(`The tokenizer has ${what}, which is not supported; ${instead}.`);

/** Parts may hold parts, but not without end. */
export const deepest = 8;

/** @throws InputError if parts hold parts too deeply. */
export function checkDepth(depth: number, what: string): void {
  if (depth > deepest) throw new InputError(`The ${what} holds sequences ${depth} deep; the limit is ${deepest}.`);
}
