import { defaultFactors, type Settings, type Shape } from '../algorithm/settings';
import { InputError, quote } from '../shared/errors';
import { type Control, controls, fallback, type Key, keys, mostCharacters, type State } from './schema';

/** A state with these values, and the fallback of every other setting. */
export function defaults(values: Partial<State> = {}): State {
  const base = { preset: values.preset ?? 'paper', input: values.input ?? 'twins' } as const;
  const state = Object.fromEntries(keys.map((key) => [key, fallback(key, base)]));
  return { ...(state as unknown as State), ...values };
}

/** The state after a change. A new preset also sets its switches, and a new input its head size. */
export function applyChange(state: State, change: Partial<State>): State {
  const next = { ...state, ...change };
  for (const key of keys) {
    if (typeof controls[key].fallback !== 'function' || key in change) continue;
    if (fallback(key, state) !== fallback(key, next)) Object.assign(next, { [key]: fallback(key, next) });
  }
  return next;
}

/** Reads a setting's value from text. @throws InputError that names the setting and the text, in one sentence. */
export function parseValue<K extends Key>(key: K, text: string): State[K] {
  const control: Control = controls[key] as Control;
  const fail = (requirement: string): never => {
    throw new InputError(`${control.label} is ${quote(text, 40)}; it must be ${requirement}.`);
  };
  let value: State[Key];
  if (control.type === 'switch') {
    if (!['0', '1', 'false', 'true'].includes(text)) fail('0 or 1');
    value = text === '1' || text === 'true';
  } else if (control.type === 'choice') {
    const choices = Object.values(control.choices);
    const choice = choices.find((candidate) => String(candidate) === text);
    if (choice === undefined) fail(`one of ${choices.join(', ')}`);
    value = choice as State[Key];
  } else if (control.type === 'text') {
    if (text.length === 0 || text.length > control.most) fail(`from 1 to ${control.most} characters`);
    value = text;
  } else if (control.type === 'buckets') {
    value = text === 'auto' ? text : parseFactors(text).join();
  } else {
    // Adding 0 turns −0 into 0, because a link writes both as 0.
    const number = /^-?\d+(\.\d*)?(e[+-]?\d+)?$/.test(text) ? Number(text) + 0 : Number.NaN;
    const isWhole = control.type === 'whole';
    if (!(number >= control.min && number <= control.max) || (isWhole && !Number.isInteger(number))) {
      fail(`a ${isWhole ? 'whole ' : ''}number from ${control.min} to ${control.max}`);
    }
    value = number;
  }
  return value as State[K];
}

/** Reads factors from text such as '8,8'. @throws InputError if they are not up to four even numbers. */
export function parseFactors(text: string): number[] {
  const factors = text.split(',').map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (factors.length > 4 || !factors.every((factor) => factor >= 2 && factor % 2 === 0 && factor <= 2 ** 20)) {
    throw new InputError(
      `buckets is ${quote(text, 40)}; it must be auto, an even number, or up to four even factors such as 8,8.`,
    );
  }
  return factors;
}

/** Names of settings in older links. */
const formerNames: Partial<Record<Key, string>> = { towerPhase: 'moment' };

/** Every name of a setting that a link may have. */
export const linkNames: readonly string[] = [...keys, ...Object.values(formerNames)];

/**
 * Reads the state from a URL's query. Settings that the query does not name come from `base`. Invalid values are ignored, with one sentence
 * each in `problems`.
 */
export function fromQuery(query: string, base: Partial<State> = {}): { state: State; problems: string[] } {
  const params = new URLSearchParams(query);
  const values: Partial<State> = {};
  const problems: string[] = [];
  for (const key of keys) {
    const text = params.get(key) ?? params.get(formerNames[key] ?? key);
    if (text === null) continue;
    try {
      Object.assign(values, { [key]: parseValue(key, text) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(error.message);
    }
  }
  const sizes = textSizes.filter((key) => key in values);
  if ((values.input ?? base.input) === 'text' && sizes.length > 0) {
    for (const key of sizes) delete values[key];
    problems.push(
      `With a text, ${sizes.map((key) => controls[key].label).join(', ')} cannot be set; they follow from the text and its model.`,
    );
  }
  if (values.input === 'own') {
    values.input = 'twins';
    problems.push('The vectors of this link came from a file, which a link cannot hold; drop the file again.');
  }
  return { state: defaults({ ...base, ...values }), problems };
}

/** Settings that follow from a text and its model. */
const textSizes = ['n', 'heads', 'd'] as const satisfies readonly Key[];

/** The query that restores a state. It names only the values that differ from `base` and the fallbacks, and may be empty. */
export function toQuery(state: State, base: Partial<State> = {}): string {
  const params = new URLSearchParams();
  const initial = defaults(base);
  // Other fallbacks follow from the preset and the input of this state.
  const implied = defaults({ ...base, preset: state.preset, input: state.input });
  for (const key of keys) {
    const value = state[key];
    if (value === (key === 'preset' || key === 'input' ? initial : implied)[key]) continue;
    if (state.input === 'text' && (textSizes as readonly Key[]).includes(key)) continue;
    // A longer address is refused by some servers and programs.
    if (typeof value === 'string' && value.length > mostCharacters) continue;
    params.set(key, typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
  }
  return params.size ? `?${params.toString().replaceAll('%2C', ',')}` : '';
}

/** The settings of LSH attention for the engines. @throws InputError for invalid buckets. */
export function settingsOf(state: State): Settings {
  const { rounds, n, chunk, lookBack, lookAhead, causal, preset, buckets } = state;
  const { scale, keyNorm, bucketMask, duplicates, wrap, selfMask, sharedRotations } = state;
  return {
    rounds,
    chunk,
    lookBack,
    lookAhead,
    causal,
    scale,
    keyNorm,
    bucketMask,
    duplicates,
    wrap,
    selfMask,
    sharedRotations,
    causalMask: Number.NEGATIVE_INFINITY,
    factors: buckets === 'auto' ? defaultFactors(n, chunk, preset) : parseFactors(buckets),
  };
}

export const shapeOf = ({ heads, n, d }: State): Shape => ({ heads, n, d });

// A state may name a token, head, round or phase beyond the last one. The page then shows the last one.
export const shownToken = ({ token, n }: State): number => Math.min(token, n - 1);
export const shownHead = ({ head, heads }: State): number => Math.min(head, heads) - 1;
export const shownRound = ({ round, rounds }: State): number => Math.min(round, rounds) - 1;
export const shownTowerPhase = ({ towerPhase, layers }: State): number => Math.min(towerPhase, 4 * layers);
