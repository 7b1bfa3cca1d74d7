/** Every kind of number in the layers view, and the numbers from which it is computed. */

import { table3 } from '../algorithm/paper-results';
import { explain as words } from '../language/explain';
import { explainer as cardWords } from '../language/explainer';
import { formatBytes } from '../shared/format';
import type { State } from '../state/schema';
import type { Score } from '../training/evaluate';
import type { BufferGroup } from '../training/memory-by-depth';
import type { Findings } from '../training/training-session';
import type { Declaration, Declarations, Operand } from './explanation';

export interface LayersEvidence {
  findings: Findings;
  state: State;
}

type LayersFigure = Declaration<LayersEvidence>;

const { figures, operands: names, paper } = words;

/** Number of buffers that a card lists. */
const listed = 9;

function largestBuffers(groups: readonly BufferGroup[]): Operand[] {
  const { buffers, smaller } = figures['activation-bytes'];
  const rest = groups.slice(listed);
  const rows: Operand[] = groups.slice(0, listed).map(({ name, count, bytes }) => ({
    name: buffers(name, count),
    value: formatBytes(bytes),
  }));
  if (rest.length)
    rows.push({ name: smaller(rest.length), value: formatBytes(rest.reduce((sum, { bytes }) => sum + bytes, 0)) });
  return rows;
}

const activationBytes: LayersFigure = {
  formula: figures['activation-bytes'].formula,
  from: ['ledger'],
  source: paper.memoryCompared,
  explain({ findings }, index) {
    const [mode, layers] = index.split(' ') as ['activations' | 'buckets', string];
    const depth = findings.depths.find((entry) => entry.layers === Number(layers));
    if (!depth) return undefined;
    const largestTerm = table3(findings.task)[mode === 'activations' ? 'transformer' : 'reversible'](depth.layers);
    return {
      title: figures['activation-bytes'].title(depth.layers, cardWords.indexNames[mode]),
      operands: [
        ...largestBuffers(depth.groups[mode]),
        { name: figures['activation-bytes'].table3, value: formatBytes(4 * largestTerm) },
      ],
      note: figures['activation-bytes'].note,
    };
  },
};

const keptBytes: LayersFigure = {
  formula: figures['kept-bytes'].formula,
  from: ['ledger'],
  source: paper.reversible,
  explain({ findings, state }) {
    const { attention, feedForward } = findings.kept[state.keep];
    return {
      title: figures['kept-bytes'].title,
      operands: [
        { name: figures['kept-bytes'].attention, value: formatBytes(attention) },
        { name: figures['kept-bytes'].feedForward, value: formatBytes(feedForward) },
        { name: figures['kept-bytes'].layers, value: state.layers },
      ],
    };
  },
};

const sharedBytes: LayersFigure = {
  formula: figures['shared-bytes'].formula,
  from: ['ledger'],
  explain: ({ findings, state }) => ({
    title: figures['shared-bytes'].title,
    operands: largestBuffers(
      (findings.depths[0]?.groups[state.keep] ?? []).filter(
        ({ name }) => state.keep === 'activations' || name !== 'buckets',
      ),
    ),
    note: figures['shared-bytes'].note,
  }),
};

const driftOf = (findings: Findings, index: string) => findings.drift?.[Number(index)];

const drift: LayersFigure = {
  formula: '‖x̂ − x‖ / ‖x‖',
  from: ['x1', 'x2'],
  kernel: 'linear',
  source: paper.reconstruction,
  explain({ findings }, index) {
    const errors = driftOf(findings, index);
    return (
      errors && {
        title: figures.drift.title(Number(index) + 1),
        operands: [
          { name: figures.drift.ofStream('x1'), value: errors.x1, marked: errors.x1 >= errors.x2 },
          { name: figures.drift.ofStream('x2'), value: errors.x2, marked: errors.x2 > errors.x1 },
        ],
        note: figures.drift.note,
      }
    );
  },
};

const flipped: LayersFigure = {
  formula: figures.flipped.formula,
  from: ['bucket'],
  kernel: 'hash',
  explain({ findings }, index) {
    const errors = driftOf(findings, index);
    const { batch, length, heads, rounds } = findings.task;
    const hashes = batch * heads * Math.max(1, rounds) * length;
    return (
      errors && {
        title: figures.flipped.title(Number(index) + 1),
        operands: [
          { name: figures.flipped.hashes, value: hashes },
          { name: figures.flipped.flipped, value: Math.round(errors.flipped * hashes) },
        ],
        note: figures.flipped.note,
      }
    );
  },
};

const loss: LayersFigure = {
  formula: figures.loss.formula,
  from: ['logits', 'targets'],
  kernel: 'loss',
  explain({ findings }, index) {
    const model = index as 'reversible' | 'standard';
    const value = findings.losses[model]?.at(-1);
    if (value === undefined) return undefined;
    const { batch, length, symbols } = findings.task;
    return {
      title: figures.loss.title(figures.loss.models[model]),
      operands: [
        { name: names.predicted, value: batch * (length / 2 - 1) },
        { name: figures.loss.perplexity, value: Math.exp(value) },
        { name: figures.loss.symbols, value: symbols - 1 },
      ],
    };
  },
};

const accuracy: LayersFigure = {
  formula: figures.accuracy.formula,
  from: ['logits', 'targets'],
  kernel: 'loss',
  source: paper.accuracy,
  explain({ findings }, index) {
    const [trained, evaluated] = index.split(' ');
    const row = findings.rows.find(({ steps, trainingRounds }) =>
      trained === 'own' ? steps !== undefined : steps === undefined && String(trainingRounds) === trained,
    );
    const score: Score | undefined = row?.cells.get(Number(evaluated));
    if (!row || !score) return undefined;
    return {
      title: figures.accuracy.title(row.trainingRounds, Number(evaluated)),
      operands: [
        { name: names.predicted, value: score.symbols },
        { name: figures.accuracy.correct, value: Math.round(score.accuracy * score.symbols) },
        { name: figures.accuracy.loss, value: score.loss },
      ],
      note: figures.accuracy.note,
    };
  },
};

/** Kinds of numbers that the layers view shows. */
export const layersKinds = {
  'activation-bytes': activationBytes,
  'kept-bytes': keptBytes,
  'shared-bytes': sharedBytes,
  drift,
  flipped,
  loss,
  accuracy,
} satisfies Declarations<LayersEvidence>;
