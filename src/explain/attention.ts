/** Every kind of number in the attention view. The plain engine repeats the arithmetic behind it from the same vectors. */

import { digits, dotProducts } from '../algorithm/hash';
import { logSumExp, scoreScale } from '../algorithm/score';
import { bucketCount, type Settings, type Shape, windowLength } from '../algorithm/settings';
import type { KeyReadout, TokenReadout } from '../algorithm/token-report';
import type { Curve, Timings } from '../engine/engine';
import { kernelChoice } from '../gpu/attention/kernel-choice';
import { explain as words } from '../language/explain';
import type { Declaration, Declarations, ExplainedKind, Operand } from './explanation';
import { type NextEvidence, nextProbability } from './words';

/** The inputs and results from which the attention view computes its numbers. */
export interface AttentionEvidence {
  shape: Shape;
  settings: Settings;
  /** [heads, n, d] */
  qk: ArrayLike<number>;
  /** [heads, d, rounds, ΣB_f/2] */
  rotations: ArrayLike<number>;
  head: number;
  /** The round that is shown. */
  round: number;
  readout: TokenReadout;
  /** Number of tokens in each bucket of that round. */
  sizes: ArrayLike<number>;
  curve: Curve | undefined;
  timings: Timings;
  /** What the language model says of the next token; only in the view of words. */
  next?: NextEvidence | undefined;
}

type AttentionFigure = Declaration<AttentionEvidence>;

const { figures, operands: names, paper } = words;

const endsOf = (y: Float64Array): { name: string; value: number }[] =>
  [1, -1].flatMap((sign) =>
    Array.from(y, (value, k) => ({ name: `${sign > 0 ? '+' : '−'}x·r${k}`, value: sign * value })),
  );

/** Number of candidates that a card lists. */
const listed = 5;

const bucket: AttentionFigure = {
  formula: 'argmax [xR; −xR]',
  from: ['qk', 'rotations'],
  kernel: 'hash',
  source: paper.hashing,
  explain({ shape, settings, qk, rotations, head, readout }, index) {
    const round = Number(index);
    if (!readout.rounds[round]) return undefined;
    const { token } = readout;
    const { n, d } = shape;
    const x = Array.from({ length: d }, (_, k) => qk[(head * n + token) * d + k]);
    const y = dotProducts(x, rotations, shape, settings, head, round);
    const { factors } = settings;
    const bucketDigits = digits(y, factors);
    let first = 0;
    const operands = factors.flatMap((factor, f): Operand[] => {
      const ends = endsOf(y.slice(first, first + factor / 2));
      first += factor / 2;
      const best = ends[bucketDigits[f]];
      const sorted = [...ends].sort((a, b) => b.value - a.value).slice(0, factors.length > 1 ? 2 : listed);
      return sorted.map((end) => ({
        name: factors.length > 1 ? figures.bucket.inFactor(f + 1, end.name) : end.name,
        value: end.value,
        marked: end === best,
      }));
    });
    const placeValues = factors.map((_, f) => factors.slice(0, f).reduce((a, b) => a * b, 1));
    const digitsText = bucketDigits
      .map((digit, f) => (placeValues[f] > 1 ? `${placeValues[f]}·${digit}` : String(digit)))
      .join(' + ');
    const counts = [2 * y.length, y.length] as const;
    return {
      title: figures.bucket.title(token, round + 1),
      operands,
      note: factors.length > 1 ? figures.bucket.noteFactors(...counts, digitsText) : figures.bucket.note(...counts),
    };
  },
};

const hashDot: AttentionFigure = {
  formula: '± Σ_k x_k·r_k',
  from: ['qk', 'rotations'],
  kernel: 'hash',
  source: paper.hashing,
  explain({ shape, settings, qk, rotations, head, readout }, index) {
    const [round, candidate] = index.split(' ').map(Number);
    const { factors } = settings;
    const { n, d } = shape;
    const columns = factors.reduce((sum, factor) => sum + factor / 2, 0);
    if (!(round < settings.rounds) || !(candidate < 2 * columns)) return undefined;
    let column = 0;
    let digit = candidate;
    let f = 0;
    for (; digit >= factors[f]; f++) {
      digit -= factors[f];
      column += factors[f] / 2;
    }
    const half = factors[f] / 2;
    const sign = digit < half ? 1 : -1;
    const terms = Array.from({ length: d }, (_, k) => {
      const x = qk[(head * n + readout.token) * d + k];
      const r = rotations[((head * d + k) * settings.rounds + round) * columns + column + (digit % half)];
      return { name: `${sign < 0 ? '−' : ''}x${k}·r${k}`, value: sign * x * r };
    });
    const heaviest = [...terms].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    const rest = heaviest.slice(listed + 1).reduce((sum, { value }) => sum + value, 0);
    const operands: Operand[] =
      d <= listed + 1
        ? terms
        : [...heaviest.slice(0, listed + 1), { name: figures['hash-dot'].rest(d - listed - 1), value: rest }];
    const { title, note, noteFactors } = figures['hash-dot'];
    return {
      title: title(readout.token, sign > 0 ? '+' : '−', digit % half, round + 1),
      operands,
      note: factors.length > 1 ? noteFactors : note,
    };
  },
};

const rank: AttentionFigure = {
  formula: figures.rank.formula,
  from: ['bucket', 'order'],
  source: paper.sorting,
  explain({ shape, sizes, round, readout }, index) {
    const own = readout.rounds[Number(index)];
    // The sizes are those of the round that is shown.
    if (!own || Number(index) !== round) return undefined;
    const before = Array.from(sizes)
      .slice(0, own.bucket)
      .reduce((sum, size) => sum + size, 0);
    return {
      title: figures.rank.title(readout.token, round + 1),
      operands: [
        { name: figures.rank.before, value: before },
        { name: figures.rank.earlier, value: own.rank - before },
      ],
      note: figures.rank.note,
      kernel: kernelChoice(shape.n).sort,
    };
  },
};

const chunkPlace: AttentionFigure = {
  formula: figures['chunk-place'].formula,
  from: ['bucket', 'order'],
  source: paper.sorting,
  explain({ settings, readout }, index) {
    const round = readout.rounds[Number(index)];
    return (
      round && {
        title: figures['chunk-place'].title(readout.token, Number(index) + 1),
        operands: [
          { name: figures.chunk.position, value: round.rank, at: { kind: 'rank', index } },
          { name: names.chunkLength, value: settings.chunk },
          { name: figures.chunk.chunkOf, value: round.chunk, at: { kind: 'chunk', index } },
        ],
        note: figures['chunk-place'].note,
      }
    );
  },
};

const chunk: AttentionFigure = {
  formula: figures.chunk.formula,
  from: ['bucket', 'order'],
  source: paper.sorting,
  explain({ shape, settings, readout }, index) {
    const round = readout.rounds[Number(index)];
    return (
      round && {
        title: figures.chunk.title(readout.token, Number(index) + 1),
        operands: [
          { name: figures.chunk.bucket, value: round.bucket, at: { kind: 'bucket', index } },
          { name: figures.chunk.position, value: round.rank },
          { name: names.chunkLength, value: settings.chunk },
        ],
        note: figures.chunk.note,
        kernel: kernelChoice(shape.n).sort,
      }
    );
  },
};

const roundWeight: AttentionFigure = {
  formula: 'exp(lse_r − log Σ_r exp(lse_r))',
  from: ['lse'],
  source: paper.rounds,
  explain({ shape, readout }, index) {
    const chosen = Number(index);
    return (
      readout.rounds[chosen] && {
        title: figures['round-weight'].title(chosen + 1, readout.token),
        operands: readout.rounds.map(({ lse }, r) => ({
          name: figures['round-weight'].lse(r + 1),
          value: lse,
          marked: r === chosen,
        })),
        note: figures['round-weight'].note,
        kernel: kernelChoice(shape.n).attend,
      }
    );
  },
};

/** The score of a pair, q·k̂, and the numbers that it is computed from. */
function scoreOf({ shape, settings, qk, head, readout }: AttentionEvidence, key: number): Operand[] {
  const { n, d } = shape;
  const query = readout.token;
  if (key === query) return [{ name: names.selfMask, value: settings.selfMask }];
  let dot = 0;
  let square = settings.keyNorm === 'smooth' ? 1e-6 * d : 0;
  for (let k = 0; k < d; k++) {
    const component = qk[(head * n + key) * d + k];
    dot += qk[(head * n + query) * d + k] * component;
    square += component ** 2;
  }
  const length = Math.max(Math.sqrt(square), 1e-12);
  const scale = scoreScale(shape, settings);
  return [
    { name: 'q·k', value: dot },
    { name: names.keyLength, value: length },
    { name: scale === 1 ? names.score : names.scaledScore, value: (dot / length) * scale, marked: true },
  ];
}

const keyWeight: AttentionFigure = {
  formula: 'N · exp(score − log N − lse)',
  from: ['qk', 'order', 'lse'],
  source: paper.weights,
  explain(evidence, index) {
    const { readout, settings } = evidence;
    const key = Number(index);
    const seen = readout.seen.find((entry) => entry.key === key);
    if (!seen) return undefined;
    const isDivided = settings.duplicates === 'divided';
    const { title, seenRounds, seenRoundsList, lse, noteDivided, noteRepeated } = figures['key-weight'];
    return {
      title: title(key, readout.token),
      formula: isDivided ? keyWeight.formula : 'N · exp(score − lse)',
      operands: [
        ...scoreOf(evidence, key),
        { name: seenRounds, value: seenRoundsList(seen.rounds.map((round) => String(round + 1))) },
        { name: lse, value: logSumExp(readout.rounds.map((round) => round.lse)) },
      ],
      note: isDivided ? noteDivided : noteRepeated,
      kernel: kernelChoice(evidence.shape.n).attend,
    };
  },
};

const explainInFull =
  (note?: string) =>
  (evidence: AttentionEvidence, index: string): ReturnType<AttentionFigure['explain']> => {
    const { readout } = evidence;
    const key = Number(index);
    return {
      title: figures['key-full'].title(key, readout.token),
      operands: [...scoreOf(evidence, key), { name: figures['key-full'].lse, value: readout.fullLse }],
      note,
      kernel: kernelChoice(evidence.shape.n).full,
    };
  };

const keyFull: AttentionFigure = {
  formula: 'exp(score − lse)',
  from: ['qk'],
  source: paper.fullAttention,
  explain: explainInFull(),
};

const missedFull: AttentionFigure = { ...keyFull, explain: explainInFull(figures['missed-full'].note) };

const keysSeen: AttentionFigure = {
  formula: figures['keys-seen'].formula,
  from: ['order', 'bucket'],
  kernel: 'inspect',
  source: paper.window,
  explain: ({ readout, settings }) => ({
    title: figures['keys-seen'].title(readout.token),
    operands: Array.from({ length: settings.rounds }, (_, round) => ({
      name: figures['keys-seen'].inRound(round + 1),
      value: readout.seen.filter(({ rounds }) => rounds.includes(round)).length,
    })),
    note: figures['keys-seen'].note,
  }),
};

/** The keys with the largest weights in full attention, and the sum of the others. */
function heaviest(keys: readonly KeyReadout[], kind: ExplainedKind): Operand[] {
  const sorted = [...keys].sort((a, b) => b.full - a.full);
  const rest = sorted.slice(listed);
  const operands: Operand[] = sorted
    .slice(0, listed)
    .map(({ key, full }) => ({ name: names.key(key), value: full, at: { kind, index: String(key) } }));
  if (rest.length)
    operands.push({ name: names.otherKeys(rest.length), value: rest.reduce((sum, { full }) => sum + full, 0) });
  return operands;
}

const tokenCaptured: AttentionFigure = {
  formula: figures['token-captured'].formula,
  from: ['key-full'],
  kernel: 'row',
  explain: ({ readout }) => ({
    title: figures['token-captured'].title(readout.token),
    operands: heaviest(readout.seen, 'key-full'),
  }),
};

const pointOf = ({ curve }: AttentionEvidence, index: string) =>
  curve?.points.find(({ rounds }) => rounds === Number(index));

function sampleOf({ curve, shape }: AttentionEvidence): Operand {
  return { name: names.queriesByHeads, value: `${curve?.queries.toLocaleString('en')} × ${shape.heads}` };
}

const curveError: AttentionFigure = {
  formula: figures['curve-error'].formula,
  from: ['out', 'full-out'],
  kernel: 'curve',
  explain(evidence, index) {
    const point = pointOf(evidence, index);
    return (
      point && {
        title: figures['curve-error'].title(point.rounds),
        operands: [
          sampleOf(evidence),
          { name: names.captured, value: point.captured, at: { kind: 'curve-captured', index } },
        ],
        note: figures['curve-error'].note,
      }
    );
  },
};

const curveCaptured: AttentionFigure = {
  formula: figures['curve-captured'].formula,
  from: ['lse', 'full-lse'],
  kernel: 'curve',
  explain(evidence, index) {
    const point = pointOf(evidence, index);
    const { readout, settings } = evidence;
    if (!point) return undefined;
    const ofToken: Operand[] =
      Number(index) === settings.rounds
        ? [
            {
              name: figures['curve-captured'].tokenAlone(readout.token),
              value: readout.captured,
              at: { kind: 'token-captured', index: '0' },
            },
          ]
        : [];
    return {
      title: figures['curve-captured'].title(point.rounds),
      operands: [sampleOf(evidence), ...ofToken],
    };
  },
};

const bucketSize: AttentionFigure = {
  formula: figures['bucket-size'].formula,
  from: ['bucket'],
  kernel: 'histogram',
  explain({ shape, settings, sizes, round }, index) {
    const count = bucketCount(settings);
    const { title, tokens, buckets, mean, window, noteLong, noteShort } = figures['bucket-size'];
    return {
      title: title(index, round + 1),
      operands: [
        { name: tokens, value: shape.n },
        { name: buckets, value: count },
        { name: mean, value: shape.n / count },
        { name: window, value: windowLength(settings) },
      ],
      note: sizes[Number(index)] > windowLength(settings) ? noteLong : noteShort,
    };
  },
};

const stepMilliseconds: AttentionFigure = {
  formula: figures['step-milliseconds'].formula,
  from: ['clock'],
  explain({ shape, settings, timings }, index) {
    const total = [...timings.values()].reduce((a, b) => a + b, 0);
    return {
      title: figures['step-milliseconds'].title(index),
      operands: [
        { name: names.tokensByHeads, value: `${shape.n.toLocaleString('en')} × ${shape.heads}` },
        { name: names.rounds, value: settings.rounds },
        { name: figures['step-milliseconds'].total, value: total },
      ],
      note: figures['step-milliseconds'].note,
    };
  },
};

/** Kinds of numbers that the attention view shows. */
export const attentionKinds = {
  bucket,
  'hash-dot': hashDot,
  rank,
  chunk,
  'chunk-place': chunkPlace,
  'round-weight': roundWeight,
  'key-weight': keyWeight,
  'key-full': keyFull,
  'missed-full': missedFull,
  'keys-seen': keysSeen,
  'token-captured': tokenCaptured,
  'next-probability': nextProbability,
  'curve-error': curveError,
  'curve-captured': curveCaptured,
  'bucket-size': bucketSize,
  'step-milliseconds': stepMilliseconds,
} satisfies Declarations<AttentionEvidence>;
