import type { FigureName } from '../content/chapter';
import { Bleu } from './bleu';
import type { FigureActions, StepFigure } from './figure';
import { MemoryLineFigure } from './memory-line';
import { StandardLayers } from './standard-layers';
import { TaskFigure } from './task';
import { TwoLayers } from './two-layers';

const makers: Record<FigureName, (actions: FigureActions) => StepFigure> = {
  'standard-layers': () => new StandardLayers(),
  'two-layers': () => new TwoLayers(),
  'memory-line': (actions) => new MemoryLineFigure(actions),
  task: (actions) => new TaskFigure(actions),
  bleu: (actions) => new Bleu(actions),
};

/** Makes the drawing of a step. */
export const makeFigure = (name: FigureName, actions: FigureActions): StepFigure => makers[name](actions);
