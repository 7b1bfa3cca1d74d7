/** Every kind of number in the view of reversible layers, and what it was made from. */

import { table3 } from '../algorithm/paper-results';
import { formatBytes } from '../shared/format';
import type { State } from '../state/schema';
import type { Score } from '../training/evaluate';
import type { BufferGroup } from '../training/memory-by-depth';
import type { Findings } from '../training/training-session';
import type { Declaration, Operand } from './explanation';

export interface LayersEvidence {
  findings: Findings;
  state: State;
}

type LayersFigure = Declaration<LayersEvidence>;

/** Buffers that are listed one by one. */
const listed = 9;

function buffers(parts: readonly BufferGroup[]): Operand[] {
  const rest = parts.slice(listed);
  const rows: Operand[] = parts.slice(0, listed).map(({ name, count, bytes: size }) => ({
    name: count > 1 ? `${name}, ${count} of them` : name,
    value: formatBytes(size),
  }));
  if (rest.length)
    rows.push({ name: `${rest.length} smaller`, value: formatBytes(rest.reduce((sum, part) => sum + part.bytes, 0)) });
  return rows;
}

const modeName = { activations: 'all activations kept', buckets: 'reversible' } as const;

const activationBytes: LayersFigure = {
  formula: 'Σ bytes of the buffers of one training step',
  from: ['ledger of buffers'],
  source: 'compare Table 3',
  explain({ findings }, index) {
    const [mode, layers] = index.split(' ') as ['activations' | 'buckets', string];
    const depth = findings.depths.find((one) => one.layers === Number(layers));
    if (!depth) return undefined;
    const formula = table3(findings.task)[mode === 'activations' ? 'transformer' : 'reversible'](depth.layers);
    return {
      title: `Activations with ${layers} ${layers === '1' ? 'layer' : 'layers'}, ${modeName[mode]}`,
      operands: [
        ...buffers(depth.parts[mode]),
        { name: 'Table 3, its largest term alone, at 4 bytes', value: formatBytes(4 * formula) },
      ],
      note: 'Every one of these buffers was created through one ledger, which knows its bytes.',
    };
  },
};

const keptBytesOf: LayersFigure = {
  formula: 'Σ over half-layers still needed',
  from: ['ledger of buffers'],
  source: '§3, reversible Transformer',
  explain({ findings, state }) {
    const { attention, feedForward } = findings.kept[state.keep];
    return {
      title: 'Kept for the way back at this moment',
      operands: [
        { name: 'an attention keeps', value: formatBytes(attention) },
        { name: 'a feed-forward layer keeps', value: formatBytes(feedForward) },
        { name: 'layers', value: state.layers },
      ],
    };
  },
};

const sharedBytes: LayersFigure = {
  formula: 'activations of one layer − what it keeps',
  from: ['ledger of buffers'],
  explain: ({ findings, state }) => ({
    title: 'To work with, whatever the depth',
    operands: buffers(
      (findings.depths[0]?.parts[state.keep] ?? []).filter(
        ({ name }) => state.keep === 'activations' || name !== 'buckets',
      ),
    ),
    note: 'Streams, their gradients, and the scratch of one layer; all layers take turns in it.',
  }),
};

function away(findings: Findings, index: string) {
  return findings.drift?.[Number(index)];
}

const drift: LayersFigure = {
  formula: '‖x̂ − x‖ / ‖x‖',
  from: ['x1', 'x2'],
  kernel: 'linear',
  source: '§3, eq. 8',
  explain({ findings }, index) {
    const found = away(findings, index);
    return (
      found && {
        title: `How far layer ${Number(index) + 1} comes back from what it was`,
        operands: [
          { name: 'of x1', value: found.x1, marked: found.x1 >= found.x2 },
          { name: 'of x2', value: found.x2, marked: found.x2 > found.x1 },
        ],
        note: 'Sums of 32-bit floats round; what was added and subtracted again differs in the last bits.',
      }
    );
  },
};

const flipped: LayersFigure = {
  formula: '| other bucket | / | hashes |',
  from: ['bucket'],
  kernel: 'hash',
  explain({ findings }, index) {
    const found = away(findings, index);
    const { batch, length, heads, rounds } = findings.task;
    return (
      found && {
        title: `Hashes of layer ${Number(index) + 1} that would flip`,
        operands: [
          { name: 'hashes: sequences × heads × rounds × tokens', value: batch * heads * Math.max(1, rounds) * length },
          {
            name: 'of them in another bucket',
            value: Math.round(found.flipped * batch * heads * Math.max(1, rounds) * length),
          },
        ],
        note: 'A product near a tie falls to the other side when its last bits change. So bucket ids are kept.',
      }
    );
  },
};

const loss: LayersFigure = {
  formula: 'mean of −log p(next symbol)',
  from: ['logits', 'targets'],
  kernel: 'loss',
  explain({ findings }, index) {
    const value = findings.losses[index as 'reversible' | 'standard']?.at(-1);
    if (value === undefined) return undefined;
    const { batch, length, symbols } = findings.task;
    return {
      title: `Loss of the last step, ${index} model`,
      operands: [
        { name: 'symbols asked for', value: batch * (length / 2 - 1) },
        { name: 'as good as choosing among', value: Math.exp(value) },
        { name: 'symbols there are', value: symbols - 1 },
      ],
    };
  },
};

const accuracy: LayersFigure = {
  formula: 'symbols said right / symbols asked for',
  from: ['logits', 'targets'],
  kernel: 'loss',
  source: '§5, Table 2',
  explain({ findings }, index) {
    const [trained, asked] = index.split(' ');
    const row = findings.rows.find(({ steps, trained: rounds }) =>
      trained === 'own' ? steps !== undefined : steps === undefined && String(rounds) === trained,
    );
    const score: Score | undefined = row?.cells.get(Number(asked));
    if (!row || !score) return undefined;
    const named = (rounds: number) =>
      rounds === 0 ? 'full attention' : `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`;
    return {
      title: `Trained with ${named(row.trained)}, asked with ${named(Number(asked))}`,
      operands: [
        { name: 'symbols asked for', value: score.symbols },
        { name: 'said right', value: Math.round(score.accuracy * score.symbols) },
        { name: 'loss, nats a symbol', value: score.loss },
      ],
      note: 'On sequences that training never saw.',
    };
  },
};

/** Kinds of numbers shown in the view of reversible layers, by their `data-kind`. */
export const layersKinds = {
  'activation-bytes': activationBytes,
  'kept-bytes': keptBytesOf,
  'shared-bytes': sharedBytes,
  drift,
  flipped,
  loss,
  accuracy,
} satisfies Record<string, LayersFigure>;
