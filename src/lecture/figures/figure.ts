import type { State } from '../../state/schema';
import type { TaskExample } from '../../training/example';
import type { ShownFigures } from '../../ui/figures';
import type { Numbers } from '../content/live';

/** What a drawing is drawn from. */
export interface Drawn {
  state: State;
  numbers: Numbers;
  figures: ShownFigures;
  /** A sequence of the training task, with the guesses of the model; undefined while no model is open. */
  example: TaskExample | undefined;
  /** How much larger letters are than on a screen that one person reads. */
  scale: number;
  /** CSS pixels. */
  width: number;
  height: number;
}

/** A drawing that covers the stage. */
export interface StepFigure {
  readonly element: HTMLElement;
  draw(drawn: Drawn): void;
  /** Forgets its numbers, because it is no longer shown. */
  dispose?(): void;
}

/** What a drawing can cause. */
export interface FigureActions {
  /** Has the drawing drawn again. */
  redraw(): void;
  /** Shows another sequence of the training task. */
  anotherExample(): void;
}
