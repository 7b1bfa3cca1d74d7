import type { State } from '../../state/schema';

/** Something on the page that words can speak of: a control by its key, or a place by its name in `targets.ts`. */
export type Target = string;

/** What a step proposes to try: values to set, or a button of the page to press. */
export type Attempt = { set: Partial<State> } | { press: Target };

/** One step of the lecture. Its words are found under the same id. */
export interface Step {
  /** Chapter and step, as in '03.2'. */
  id: string;
  /** What is shown; everything else is at its default. */
  state: Partial<State>;
  /** Where to look. */
  look: Target[];
  attempt?: Attempt;
}

export interface Chapter {
  /** Two digits. Its title is found under the same id. */
  id: string;
  steps: Step[];
}
