import { invitation as words } from '../language/invitation';
import { quote } from '../shared/errors';
import { type Key, keys, type State } from '../state/schema';
import { fromQuery, linkNames, toQuery } from '../state/state';
import { stepOf } from './content';

/** A lesson: what the page's address sets besides the state of the controls. */
export interface Lesson {
  /** The step that is open; undefined outside of the lecture. */
  step: string | undefined;
  /** Controls that the panel hides. */
  hide: readonly Key[];
  /** Presentation mode. */
  present: boolean;
  /** The exercise of sorting by hand is open. */
  exercise?: true | undefined;
}

const isKey = (name: string): name is Key => (keys as readonly string[]).includes(name);

/**
 * Reads a query. Settings that it does not name come from its step, if it has one. A query without any setting is that of a text. Each invalid
 * value is ignored and named in `problems`.
 */
export function readAddress(query: string): { lesson: Lesson; state: State; problems: string[] } {
  const params = new URLSearchParams(query);
  const problems: string[] = [];
  const id = params.get('step');
  const step = id === null ? undefined : stepOf(id);
  if (id !== null && !step) problems.push(words.unknownStep(quote(id, 40)));
  const names = [...new Set((params.get('hide') ?? '').split(',').filter(Boolean))];
  const hide = names.filter(isKey);
  const [first, ...others] = names.filter((name) => !isKey(name));
  if (first !== undefined) problems.push(words.unknownSetting(quote(first, 40), others.length));
  const present = params.get('present') ?? '0';
  if (!['0', '1'].includes(present)) problems.push(words.invalidPresent(quote(present, 40)));
  const exercise = params.get('exercise');
  if (exercise !== null && exercise !== 'sort') problems.push(words.invalidExercise(quote(exercise, 40)));
  const known = new Set([...linkNames, 'step', 'hide', 'present', 'exercise']);
  const given = [...params.keys()];
  const [unknown, ...more] = new Set(given.filter((name) => !known.has(name)));
  if (unknown !== undefined) problems.push(words.unknownName(quote(unknown, 40), more.length));
  const repeated = given.find((name, k) => known.has(name) && given.indexOf(name) < k);
  if (repeated !== undefined) problems.push(words.repeatedName(repeated));
  const isBare = !step && !given.some((name) => linkNames.includes(name));
  const { state, problems: stateProblems } = fromQuery(query, isBare ? { input: 'text' } : step?.state);
  return {
    lesson: { step: step?.id, hide, present: present === '1', exercise: exercise === 'sort' || undefined },
    state,
    problems: [...problems, ...stateProblems],
  };
}

/** The part of the query that restores a state. */
function settingsIn(state: State, step: string | undefined): string {
  const text = toQuery(state, step === undefined ? {} : stepOf(step)?.state).slice(1);
  if (step !== undefined) return text;
  if (state.input === 'text') return text === 'input=text' ? '' : text;
  return text || `input=${state.input}`;
}

/** The query that restores a lesson and a state. */
export function writeAddress({ step, hide, present, exercise }: Lesson, state: State): string {
  const parameters = [
    step && `step=${step}`,
    hide.length > 0 && `hide=${hide.join(',')}`,
    present && 'present=1',
    exercise && 'exercise=sort',
    settingsIn(state, step),
  ].filter(Boolean);
  return parameters.length ? `?${parameters.join('&')}` : '';
}
