import type { State } from '../../state/schema';

/** A part of the page that texts can name: a control by its key, or a name in `targets.ts`. */
export type Target = string;

/** A step's proposal: settings to change, or a button of the page to press. */
export type Attempt = { set: Partial<State> } | { press: Target };

/** One step of the lecture. Its text stands in the language table under the same id. */
export interface Step {
  /** Chapter and step, as in '03.2'. */
  id: string;
  /** The settings that differ from the defaults. */
  state: Partial<State>;
  /** The parts of the page that stay highlighted. */
  look: Target[];
  attempt?: Attempt;
}

export interface Chapter {
  /** Two digits. The title stands in the language table under the same id. */
  id: string;
  steps: Step[];
}
