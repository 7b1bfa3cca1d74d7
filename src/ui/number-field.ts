import type { Controller } from 'lil-gui';
import { panel as words } from '../language/panel';
import { InputError, quote } from '../shared/errors';
import { type Control, controls, type Key } from '../state/schema';
import { parseValue } from '../state/state';

/** Text that can still become a number, such as `-`, `0,` and `1e`. */
const beginning = /^-?(\d*([.,]\d*)?|\d+([.,]\d*)?e[+-]?\d*)$/i;

/** A comma before three digits: a thousand in English, a decimal in much of the world. */
const ambiguous = /^-?[1-9]\d{0,2}(,\d{3})+$/;

/** Text as programs write numbers: no blanks around it, a plain minus, a decimal point. */
const plain = (text: string): string => text.trim().replace('−', '-').replace(/^\+/, '').replace(',', '.');

/**
 * Reads the value of a setting from text that a person typed. A decimal comma is a decimal point.
 * @param most the largest value now, if it is less than that of the setting
 * @throws InputError that names the setting and the text, in one sentence
 */
export function readTyped(key: Key, text: string, most = Number.POSITIVE_INFINITY): number {
  const { label } = controls[key];
  const { fields } = words;
  if (ambiguous.test(text.trim())) throw new InputError(fields.ambiguous(label, quote(text, 40)));
  let value: number;
  try {
    value = Number(parseValue(key, plain(text)));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw refusal(key, text, most);
  }
  if (value > most) throw refusal(key, text, most);
  return value;
}

/** The sentence about text that is no value of a setting. */
function refusal(key: Key, text: string, most: number): InputError {
  const { label, type, min, max } = controls[key] as Control & { min: number; max: number };
  const { wholeNumber, number } = words.fields;
  return new InputError((type === 'whole' ? wholeNumber : number)(label, quote(text, 40), min, Math.min(max, most)));
}

/** True if nothing can be typed after the text that makes a number of it. */
export const isNoNumber = (text: string): boolean =>
  ambiguous.test(text.trim()) || !beginning.test(text.trim().replace('−', '-').replace(/^\+/, ''));

/**
 * Makes a number field of lil-gui read all of what a person types. lil-gui itself reads as many digits as it can, so that `0,5` would be 0 and
 * `1 000` would be 1. Text that is a value counts at once. Text that is none puts the value back that was there before, with a sentence.
 */
export function readInFull(
  controller: Controller,
  key: Key,
  actions: { most(): number; refuse(message: string): void },
): void {
  const field = controller.domElement.querySelector<HTMLInputElement>('input');
  if (!field) return;
  const { type } = controls[key];
  // lil-gui would take a field of type `number` on a phone, which hides from the page what is not a number.
  field.type = 'text';
  field.inputMode = type === 'whole' ? 'numeric' : 'decimal';
  /** The value before the person typed, and what is wrong with the text now. */
  let typing: { before: number; problem: InputError | undefined } | undefined;

  /** Puts the value back and says why. */
  const refuse = (before: number, problem: InputError) => {
    controller.setValue(before);
    actions.refuse(problem.message);
  };
  const read = () => {
    typing ??= { before: Number(controller.getValue()), problem: undefined };
    const { before } = typing;
    field.removeAttribute('aria-invalid');
    try {
      const value = readTyped(key, field.value, actions.most());
      typing.problem = undefined;
      controller.setValue(value);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      typing.problem = error;
      if (!isNoNumber(field.value)) return;
      field.setAttribute('aria-invalid', 'true');
      refuse(before, error);
    }
  };
  const finish = () => {
    const last = typing;
    typing = undefined;
    field.removeAttribute('aria-invalid');
    if (!last?.problem) return;
    // A field that was emptied shows its value again.
    if (field.value.trim()) refuse(last.before, last.problem);
    else controller.setValue(last.before);
  };
  /** Keys and wheel step from the text of the field. */
  const showValue = () => {
    typing = undefined;
    field.value = String(controller.getValue());
  };
  // In the capture phase of the element around the field, so that lil-gui does not read the text.
  const listen = <T extends keyof HTMLElementEventMap>(name: T, act: (event: HTMLElementEventMap[T]) => void) =>
    controller.domElement.addEventListener(
      name,
      (event) => {
        if (event.target === field) act(event);
      },
      { capture: true },
    );
  listen('input', (event) => {
    event.stopPropagation();
    read();
  });
  listen('blur', finish);
  listen('wheel', () => document.activeElement === field && showValue());
  listen('keydown', ({ key: name }) => {
    if (name === 'ArrowUp' || name === 'ArrowDown') showValue();
  });
}
