import type { Page } from 'puppeteer-core';
import { inject } from 'vitest';
import type { Random } from '../../src/shared/random';
import { type Control, controls, type Key, panelKeys, type State } from '../../src/state/schema';
import { defaults, fromQuery } from '../../src/state/state';
import { evalOne, linkOf, waitDrawn, waitIdle } from './browser';
import { setControl } from './reformer';

export interface MonkeyOptions {
  /** Largest number of tokens and largest head size. A software device computes these quickly. */
  tokens: number;
  width: number;
  /** Controls that stay as they are. */
  except?: readonly Key[];
}

/** A control and the value that a person would type or choose; undefined: press the switch. */
export type Change = [Key, string | undefined];

/** Endless changes. Controls come like cards from a deck: each comes once before any comes again. */
export function* randomChanges(draw: Random, options: MonkeyOptions): Generator<Change, never> {
  for (;;) {
    const deck = panelKeys.filter((key) => controls[key].type !== 'text' && !options.except?.includes(key));
    while (deck.length) yield changeOf(deck.splice(draw.integer(deck.length), 1)[0], draw, options);
  }
}

/** The names in the list of a control. */
export function namesOf(key: Key): string[] {
  const control = controls[key] as Control;
  return control.type === 'choice' ? Object.keys(control.choices) : [];
}

function changeOf(key: Key, draw: Random, { tokens, width }: MonkeyOptions): Change {
  const control = controls[key] as Control;
  switch (control.type) {
    case 'switch':
      return [key, undefined];
    case 'choice': {
      const names = Object.keys(control.choices).filter((name) => control.choices[name] !== 'own');
      return [key, names[draw.integer(names.length)]];
    }
    case 'text':
      throw new Error(`${key} has no control`);
    case 'buckets':
      return [key, ['auto', '2', '8', '4,6', 'many'][draw.integer(5)]];
    case 'number':
      return [key, String(control.min + (control.max - control.min) * draw.uniform())];
    default: {
      const most = { n: tokens, d: width, taskLength: 32, layers: 3 }[key as string] ?? Math.min(control.max, 1000);
      const values = control.steps?.filter((value) => value <= most);
      if (values) return [key, String(values[draw.integer(values.length)])];
      return [key, String(control.min + draw.integer(most - control.min + 1))];
    }
  }
}

/** Puts a value into a control of the panel, hidden or not, without waiting. @throws Error if there is no such control or value */
export async function act(page: Page, [key, value]: Change): Promise<void> {
  const isDone = await page.evaluate(
    (name, text) => {
      const root = document.querySelector(`#panel [data-key="${name}"]`);
      const select = root?.querySelector('select');
      const input = root?.querySelector('input');
      if (select) {
        const index = [...select.options].findIndex((option) => option.text === text);
        if (index < 0) return false;
        select.selectedIndex = index;
        select.dispatchEvent(new Event('change', { bubbles: true }));
      } else if (input?.type === 'checkbox') {
        input.click();
      } else if (input && text !== undefined) {
        input.focus();
        input.value = text;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        input.blur();
      } else return false;
      return true;
    },
    key,
    value,
  );
  if (!isDone) throw new Error(`The panel has no control ${key} that takes ${value}.`);
}

/** Sets these controls and waits until the page is at rest. */
async function setAndRest(page: Page, settings: readonly (readonly [Key, string])[]): Promise<void> {
  for (const [key, value] of settings) await setControl(page, key, value);
  await waitIdle(page, 300_000);
  await waitDrawn(page);
}

/** Sets these controls, and every other control as on a first visit, so that every measurement sees the same picture. */
export async function putBack(page: Page, start: readonly (readonly [Key, string])[]): Promise<void> {
  await setAndRest(page, start);
  const initial = defaults();
  const startKeys = new Set<string>(start.map(([key]) => key));
  // A second pass, because a preset or an input also changes other settings.
  for (let pass = 0; pass < 2; pass++) {
    const { state } = fromQuery(await linkOf(page));
    for (const key of panelKeys) {
      if (controls[key].type !== 'text' && !startKeys.has(key) && state[key] !== initial[key])
        await act(page, [key, valueText(key, initial)]);
    }
    await setAndRest(page, start);
  }
}

/** The value of a setting as a person would type or choose it; undefined for a switch. */
function valueText(key: Key, state: State): string | undefined {
  const control = controls[key] as Control;
  const value = state[key];
  if (control.type === 'switch') return undefined;
  if (control.type === 'buckets') return 'auto';
  if (control.type !== 'choice') return String(value);
  return Object.keys(control.choices).find((name) => control.choices[name] === value);
}

/** Bytes of the page's JavaScript heap after a garbage collection; NaN in Firefox, which does not report them. */
export async function heapOf(page: Page): Promise<number> {
  if (inject('browser') !== 'chromium') return Number.NaN;
  const session = await page.createCDPSession();
  await session.send('HeapProfiler.collectGarbage');
  await session.detach();
  return (await page.metrics()).JSHeapUsedSize ?? Number.NaN;
}

/** Bytes of tensors on the GPU that the page shows. */
export const tensorBytes = (page: Page): Promise<number> =>
  evalOne(page, '#device', (element) => {
    const [, number, unit] = /([\d.,]+) (B|KiB|MiB)/.exec(element.textContent ?? '') ?? [];
    return Number(number?.replace(',', '')) * ({ B: 1, KiB: 2 ** 10, MiB: 2 ** 20 }[unit ?? ''] ?? Number.NaN);
  });
