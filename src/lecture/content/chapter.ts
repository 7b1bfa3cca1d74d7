import type { State } from '../../state/schema';

/** A part of the page that texts can name: a control by its key, or a name in `targets.ts`. */
export type Target = string;

/**
 * A step's proposal: settings to change, or a button of the page to press. `reaches`: the settings to which the button leads. `below`: a live
 * figure, and what it has to fall below, before the proposal counts as done.
 */
export type Attempt =
  | { set: Partial<State> }
  | { press: Target; reaches?: Partial<State>; below?: readonly [name: string, most: number] };

/** A drawing that covers the stage in a step. */
export type FigureName = 'standard-layers' | 'two-layers' | 'memory-line' | 'task' | 'bleu';

/** One step of the lecture. Its text stands in the language table under the same id. */
export interface Step {
  /** Chapter and step, as in '03.2'. */
  id: string;
  /** The settings that differ from the defaults. */
  state: Partial<State>;
  /** The parts of the page that stay highlighted. */
  look: Target[];
  attempt?: Attempt;
  figure?: FigureName;
}

export interface Chapter {
  /** Two digits. The title stands in the language table under the same id. */
  id: string;
  steps: Step[];
}
