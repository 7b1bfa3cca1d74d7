import { quote } from '../shared/errors';
import { type Key, keys, type State } from '../state/schema';
import { fromQuery, toQuery } from '../state/state';
import { stepOf } from './content';

/** What an address asks of the lecture, besides a state. */
export interface Lesson {
  /** The step that is open; undefined when exploring freely. */
  step: string | undefined;
  /** Controls that the panel does not offer. */
  hide: readonly Key[];
  /** The view for a room. */
  present: boolean;
}

const isKey = (name: string): name is Key => (keys as readonly string[]).includes(name);

/** Reads a query. With a step, what is not named is as in that step. What cannot be used is left out and named in `problems`. */
export function readAddress(query: string): { lesson: Lesson; state: State; problems: string[] } {
  const params = new URLSearchParams(query);
  const problems: string[] = [];
  const asked = params.get('step');
  const step = asked === null ? undefined : stepOf(asked);
  if (asked !== null && !step) problems.push(`There is no step ${quote(asked, 40)} in the lecture.`);
  const names = [...new Set((params.get('hide') ?? '').split(',').filter(Boolean))];
  const hide = names.filter(isKey);
  const [first, ...others] = names.filter((name) => !isKey(name));
  if (first !== undefined) {
    const more = others.length ? `, nor are there ${others.length} more that the address names` : '';
    problems.push(`There is no setting ${quote(first, 40)} to hide${more}.`);
  }
  const { state, problems: more } = fromQuery(query, step?.state);
  return {
    lesson: { step: step?.id, hide, present: params.get('present') === '1' },
    state,
    problems: [...problems, ...more],
  };
}

/** The query that restores a lesson and a state. */
export function writeAddress({ step, hide, present }: Lesson, state: State): string {
  const parts = [
    step && `step=${step}`,
    hide.length > 0 && `hide=${hide.join(',')}`,
    present && 'present=1',
    toQuery(state, step === undefined ? {} : stepOf(step)?.state).slice(1),
  ].filter(Boolean);
  return parts.length ? `?${parts.join('&')}` : '';
}
