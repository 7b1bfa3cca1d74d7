/** The numbers of the view of words. */
import { explain as words } from '../language/explain';
import { candidates, type Sampling } from '../text/sampling';
import type { Declaration } from './explanation';

/** The distribution from which the next token is drawn. */
export interface NextEvidence {
  /** [V] */
  logits: ArrayLike<number>;
  sampling: Sampling;
  /** Name of each token of the vocabulary. */
  name(id: number): string;
}

const figure = words.figures['next-probability'];

export const nextProbability: Declaration<{ next?: NextEvidence | undefined }> = {
  formula: figure.formula,
  from: ['logits', 'settings'],
  explain({ next }, index) {
    if (!next) return undefined;
    const { logits, sampling, name } = next;
    const list = candidates(logits, sampling);
    const entry = list[Number(index)];
    if (!entry) return undefined;
    const { temperature } = sampling;
    const top = logits[list[0].id];
    const sum = list.reduce((all, { id }) => all + Math.exp((logits[id] - top) / temperature), 0);
    const { operands } = figure;
    return {
      title: figure.title(name(entry.id)),
      operands: [
        { name: operands.logit, value: logits[entry.id] },
        { name: operands.temperature, value: temperature },
        { name: operands.exponential, value: Math.exp((logits[entry.id] - top) / temperature) },
        { name: operands.sum, value: sum },
        { name: operands.kept, value: list.length },
      ],
      note: figure.note,
    };
  },
};
