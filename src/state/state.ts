import { defaultFactors, type Settings, type Shape } from '../algorithm/settings';
import { InputError, quote } from '../shared/errors';
import { type Control, controls, fallback, type Key, keys, type State } from './schema';

/** The state when nobody set anything but `given`. */
export function defaults(given: Partial<State> = {}): State {
  const base = { preset: given.preset ?? 'paper', input: given.input ?? 'twins' } as const;
  const state = Object.fromEntries(keys.map((key) => [key, fallback(key, base)]));
  return { ...(state as unknown as State), ...given };
}

/** The state after a change: a new preset sets its switches, a new input its head size. */
export function changed(state: State, change: Partial<State>): State {
  const next = { ...state, ...change };
  for (const key of keys) {
    if (typeof controls[key].fallback !== 'function' || key in change) continue;
    if (fallback(key, state) !== fallback(key, next)) Object.assign(next, { [key]: fallback(key, next) });
  }
  return next;
}

/** A value for a control from text. @throws InputError in one sentence, naming the value. */
export function parseValue<K extends Key>(key: K, text: string): State[K] {
  const control: Control = controls[key] as Control;
  const shown = quote(text, 40);
  const fail = (must: string): never => {
    throw new InputError(`${control.label} is ${shown}; it must be ${must}.`);
  };
  let value: State[Key];
  if (control.type === 'switch') {
    if (!['0', '1', 'false', 'true'].includes(text)) fail('0 or 1');
    value = text === '1' || text === 'true';
  } else if (control.type === 'choice') {
    const choices = Object.values(control.choices);
    const found = choices.find((choice) => String(choice) === text);
    if (found === undefined) fail(`one of ${choices.join(', ')}`);
    value = found as State[Key];
  } else if (control.type === 'buckets') {
    value = text === 'auto' ? text : parseFactors(text).join();
  } else {
    // Adding 0 makes 0 of −0, which no link would tell from it.
    const number = /^-?\d+(\.\d*)?(e[+-]?\d+)?$/.test(text) ? Number(text) + 0 : Number.NaN;
    const whole = control.type === 'whole';
    if (!(number >= control.min && number <= control.max) || (whole && !Number.isInteger(number))) {
      fail(`a ${whole ? 'whole ' : ''}number from ${control.min} to ${control.max}`);
    }
    value = number;
  }
  return value as State[K];
}

/** '8,8' as factors. @throws InputError */
export function parseFactors(text: string): number[] {
  const factors = text.split(',').map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (factors.length > 4 || !factors.every((factor) => factor >= 2 && factor % 2 === 0 && factor <= 2 ** 20)) {
    throw new InputError(
      `buckets is ${quote(text, 40)}; it must be auto, an even number, or up to four even factors such as 8,8.`,
    );
  }
  return factors;
}

/** Names that older links use for a setting. */
const formerNames: Partial<Record<Key, string>> = { towerPhase: 'moment' };

/** Reads a URL's query; what it does not name is as in `base`. What cannot be used is left out and named in `problems`. */
export function fromQuery(query: string, base: Partial<State> = {}): { state: State; problems: string[] } {
  const params = new URLSearchParams(query);
  const given: Partial<State> = {};
  const problems: string[] = [];
  for (const key of keys) {
    const text = params.get(key) ?? params.get(formerNames[key] ?? key);
    if (text === null) continue;
    try {
      Object.assign(given, { [key]: parseValue(key, text) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(error.message);
    }
  }
  if (given.input === 'own') {
    given.input = 'twins';
    problems.push('The link was made with a file of vectors, which a link cannot hold; drop the file again.');
  }
  return { state: defaults({ ...base, ...given }), problems };
}

/** The query that restores a state: only what differs from `base` and its fallbacks. Empty if nothing does. */
export function toQuery(state: State, base: Partial<State> = {}): string {
  const params = new URLSearchParams();
  const first = defaults(base);
  const rest = defaults({ ...base, preset: state.preset, input: state.input });
  for (const key of keys) {
    const value = state[key];
    if (value === (key === 'preset' || key === 'input' ? first : rest)[key]) continue;
    params.set(key, typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
  }
  return params.size ? `?${params.toString().replaceAll('%2C', ',')}` : '';
}

/** What the engines compute. @throws InputError for buckets that cannot be. */
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

/** The token, head and round that can be shown: those asked for, or the nearest that exist. */
export const shownToken = ({ token, n }: State): number => Math.min(token, n - 1);
export const shownHead = ({ head, heads }: State): number => Math.min(head, heads) - 1;
export const shownRound = ({ round, rounds }: State): number => Math.min(round, rounds) - 1;
export const shownTowerPhase = ({ towerPhase, layers }: State): number => Math.min(towerPhase, 4 * layers);
