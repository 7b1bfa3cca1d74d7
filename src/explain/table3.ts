/** The memory of a training step by the paper's Table 3, at the sizes that the lecture puts into it. */
import { usualModel, usualWindow } from '../algorithm/paper-results';
import { explain as words } from '../language/explain';
import type { Declaration, Declarations } from './explanation';

const names = words.figures['table3-bytes'];
const { formulas, operands }: { formulas: Record<string, string>; operands: Record<string, string> } = names;

/** Sizes that the formula of each curve contains, in its order. */
const sizes: Record<string, (keyof typeof usualModel)[]> = {
  standard: ['feedForward', 'heads', 'layers'],
  reversible: ['width', 'heads'],
  reformer: ['width', 'heads'],
};

const operandsOf = (curve: string) => [
  ...(sizes[curve] ?? []).map((size) => ({ name: operands[size] as string, value: usualModel[size] })),
  ...(curve === 'reformer' ? [{ name: names.met, value: usualWindow }] : []),
];

/** Index `curve tokens`. */
const bytes: Declaration<unknown> = {
  formula: formulas.standard as string,
  from: ['settings'],
  source: words.paper.memory,
  explain(_, index) {
    const [curve = '', tokens] = index.split(' ');
    const formula = formulas[curve];
    if (formula === undefined) return undefined;
    return {
      title: names.title(names.curves[curve as keyof typeof names.curves]),
      formula,
      operands: [{ name: names.tokens, value: Number(tokens) }, ...operandsOf(curve)],
      note: names.note,
    };
  },
};

/** Index: the curve. */
const crossing: Declaration<unknown> = {
  formula: words.figures['table3-tokens'].formula,
  from: ['settings'],
  source: words.paper.memory,
  explain(_, curve) {
    if (!(curve in formulas)) return undefined;
    return {
      title: words.figures['table3-tokens'].title(names.curves[curve as keyof typeof names.curves]),
      operands: operandsOf(curve),
    };
  },
};

export const table3Kinds = { 'table3-bytes': bytes, 'table3-tokens': crossing } satisfies Declarations<unknown>;
