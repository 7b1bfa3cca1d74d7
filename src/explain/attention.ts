/** Every kind of number in the view of attention, and the arithmetic behind it, done again by the core from the same vectors. */

import { digits, dotProducts } from '../algorithm/hash';
import { logSumExp, scoreScale } from '../algorithm/score';
import { bucketCount, type Settings, type Shape, windowLength } from '../algorithm/settings';
import type { KeyReadout, TokenReadout } from '../algorithm/token-report';
import type { Curve, Timings } from '../engine/engine';
import { attendKernel, fullKernel } from '../gpu/attention/kernel-choice';
import { sortKernel } from '../gpu/attention/radix-sort';
import type { Declaration, Operand } from './explanation';

/** What the numbers in the view of attention were computed from. */
export interface AttentionEvidence {
  shape: Shape;
  settings: Settings;
  /** [heads, n, d] */
  qk: ArrayLike<number>;
  /** [heads, d, rounds, ΣB_f/2] */
  rotations: ArrayLike<number>;
  head: number;
  /** The round in front. */
  round: number;
  readout: TokenReadout;
  /** Tokens of each bucket of the round in front. */
  sizes: ArrayLike<number>;
  curve: Curve | undefined;
  timings: Timings;
}

type AttentionFigure = Declaration<AttentionEvidence>;

const ends = (y: Float64Array): { name: string; value: number }[] =>
  [1, -1].flatMap((sign) =>
    Array.from(y, (value, k) => ({ name: `${sign > 0 ? '+' : '−'}x·r${k}`, value: sign * value })),
  );

/** Candidates that are listed. */
const listed = 5;

const bucket: AttentionFigure = {
  formula: 'argmax [xR; −xR]',
  from: ['qk', 'rotations'],
  kernel: 'hash',
  source: '§2, locality-sensitive hashing',
  explain({ shape, settings, qk, rotations, head, readout }, index) {
    const round = Number(index);
    if (!readout.rounds[round]) return undefined;
    const { token } = readout;
    const { n, d } = shape;
    const x = Array.from({ length: d }, (_, k) => qk[(head * n + token) * d + k]);
    const y = dotProducts(x, rotations, shape, settings, head, round);
    const { factors } = settings;
    const answers = digits(y, factors);
    let first = 0;
    const operands = factors.flatMap((factor, f): Operand[] => {
      const own = ends(y.slice(first, first + factor / 2));
      first += factor / 2;
      const best = own[answers[f]];
      const sorted = [...own].sort((a, b) => b.value - a.value).slice(0, factors.length > 1 ? 2 : listed);
      return sorted.map((end) => ({
        name: factors.length > 1 ? `factor ${f + 1}: ${end.name}` : end.name,
        value: end.value,
        marked: end === best,
      }));
    });
    const places = factors.map((_, f) => factors.slice(0, f).reduce((a, b) => a * b, 1));
    const digitsText = answers.map((digit, f) => (places[f] > 1 ? `${places[f]}·${digit}` : String(digit))).join(' + ');
    return {
      title: `Bucket of token ${token} in round ${round + 1}`,
      operands,
      note: `Of ${2 * y.length} ends of ${y.length} random directions the one with the largest product names the bucket${factors.length > 1 ? `, a digit from each factor: ${digitsText}` : ''}.`,
    };
  },
};

const hashDot: AttentionFigure = {
  formula: '± Σ_k x_k·r_k',
  from: ['qk', 'rotations'],
  kernel: 'hash',
  source: '§2, locality-sensitive hashing',
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
        : [...heaviest.slice(0, listed + 1), { name: `the other ${d - listed - 1}`, value: rest }];
    const end = `the ${sign > 0 ? '+' : '−'} end of direction ${digit % half}`;
    return {
      title: `Token ${readout.token} against ${end}, round ${round + 1}`,
      operands,
      note: `The product with one end is minus that with the other. The largest of all${factors.length > 1 ? ' in its group' : ''} decides.`,
    };
  },
};

const chunk: AttentionFigure = {
  formula: '⌊position in sorted order / m⌋',
  from: ['bucket', 'order'],
  source: '§2, eq. 5',
  explain({ shape, settings, readout }, index) {
    const round = readout.rounds[Number(index)];
    return (
      round && {
        title: `Chunk of token ${readout.token} in round ${Number(index) + 1}`,
        operands: [
          { name: 'bucket', value: round.bucket, at: { kind: 'bucket', index } },
          { name: 'position in sorted order', value: round.rank },
          { name: 'tokens of a chunk m', value: settings.chunk },
        ],
        note: 'Tokens are sorted by bucket, and by position within one; chunks are cut at equal lengths.',
        kernel: sortKernel(shape.n),
      }
    );
  },
};

const roundWeight: AttentionFigure = {
  formula: 'exp(lse_r − log Σ_r exp(lse_r))',
  from: ['lse'],
  source: 'appendix A, multi-round LSH attention',
  explain({ shape, readout }, index) {
    const chosen = Number(index);
    return (
      readout.rounds[chosen] && {
        title: `Share of round ${chosen + 1} in the output of token ${readout.token}`,
        operands: readout.rounds.map(({ lse }, r) => ({
          name: `lse of round ${r + 1}`,
          value: lse,
          marked: r === chosen,
        })),
        note: 'Rounds are summed by how much attention each found: lse is the log of its Σ exp(score). Not an average.',
        kernel: attendKernel(shape.n),
      }
    );
  },
};

/** q·k̂ as the score of a pair, and how it came about. */
function scoreOf({ shape, settings, qk, head, readout }: AttentionEvidence, key: number): Operand[] {
  const { n, d } = shape;
  const query = readout.token;
  if (key === query) return [{ name: 'self mask', value: settings.selfMask }];
  let dot = 0;
  let square = settings.keyNorm === 'smooth' ? 1e-6 * d : 0;
  for (let k = 0; k < d; k++) {
    const part = qk[(head * n + key) * d + k];
    dot += qk[(head * n + query) * d + k] * part;
    square += part ** 2;
  }
  const length = Math.max(Math.sqrt(square), 1e-12);
  const scale = scoreScale(shape, settings);
  return [
    { name: 'q·k', value: dot },
    { name: 'length of the key ‖k‖', value: length },
    { name: scale === 1 ? 'score q·k̂' : 'score q·k̂ / √d', value: (dot / length) * scale, marked: true },
  ];
}

const keyWeight: AttentionFigure = {
  formula: 'Σ over slots exp(score − log N − lse)',
  from: ['qk', 'order', 'lse'],
  source: 'eq. 2–6 and appendix A',
  explain(evidence, index) {
    const { readout, settings } = evidence;
    const key = Number(index);
    const seen = readout.seen.find((entry) => entry.key === key);
    if (!seen) return undefined;
    const divided = settings.duplicates === 'divided';
    const rounds = seen.rounds.map((round) => round + 1).join(', ');
    return {
      title: `Weight of key ${key} in the output of token ${readout.token}`,
      formula: divided ? 'N · exp(score − log N − lse)' : 'N · exp(score − lse)',
      operands: [
        ...scoreOf(evidence, key),
        { name: 'N: rounds that see the pair', value: `${seen.rounds.length}: ${rounds}` },
        { name: 'lse over all slots', value: logSumExp(readout.rounds.map(({ lse }) => lse)) },
      ],
      note: divided
        ? 'A pair met in N rounds loses log N in each: together it counts once.'
        : 'A pair met in N rounds counts N times: in this convention repeated pairs weigh more than they should.',
      kernel: attendKernel(evidence.shape.n),
    };
  },
};

const inFull =
  (what: (key: number, token: number) => string, note?: string) =>
  (evidence: AttentionEvidence, index: string): ReturnType<AttentionFigure['explain']> => {
    const { readout } = evidence;
    const key = Number(index);
    return {
      title: what(key, readout.token),
      operands: [...scoreOf(evidence, key), { name: 'lse over all visible keys', value: readout.fullLse }],
      note,
      kernel: fullKernel(evidence.shape.n),
    };
  };

const keyFull: AttentionFigure = {
  formula: 'exp(score − lse)',
  from: ['qk'],
  source: 'eq. 1, shared query-key',
  explain: inFull((key, token) => `Weight of key ${key} for token ${token} in full attention`),
};

const missedFull: AttentionFigure = {
  ...keyFull,
  explain: inFull(
    (key, token) => `Weight that full attention gives key ${key} for token ${token}`,
    'No round put the two into one window, so LSH attention gives it 0.',
  ),
};

const keysSeen: AttentionFigure = {
  formula: '| keys in the windows of all rounds |',
  from: ['order', 'bucket'],
  kernel: 'inspect',
  source: 'eq. 6',
  explain: ({ readout, settings }) => ({
    title: `Keys that token ${readout.token} sees`,
    operands: Array.from({ length: settings.rounds }, (_, round) => ({
      name: `in round ${round + 1}`,
      value: readout.seen.filter(({ rounds }) => rounds.includes(round)).length,
    })),
    note: 'A key that several rounds see counts once here.',
  }),
};

/** The heaviest few of many, and the sum of the rest. */
function heaviest(keys: readonly KeyReadout[], kind: string): Operand[] {
  const sorted = [...keys].sort((a, b) => b.full - a.full);
  const rest = sorted.slice(listed);
  const operands: Operand[] = sorted
    .slice(0, listed)
    .map(({ key, full }) => ({ name: `key ${key}`, value: full, at: { kind, index: String(key) } }));
  if (rest.length) operands.push({ name: `${rest.length} more`, value: rest.reduce((sum, { full }) => sum + full, 0) });
  return operands;
}

const tokenCaptured: AttentionFigure = {
  formula: 'Σ over seen keys of their weight in full attention',
  from: ['key-full'],
  kernel: 'row',
  explain: ({ readout }) => ({
    title: `Full attention that token ${readout.token} keeps`,
    operands: heaviest(readout.seen, 'key-full'),
  }),
};

const pointOf = ({ curve }: AttentionEvidence, index: string) =>
  curve?.points.find(({ rounds }) => rounds === Number(index));

function measuredOver({ curve, shape }: AttentionEvidence): Operand {
  return { name: 'queries × heads measured', value: `${curve?.queries.toLocaleString('en')} × ${shape.heads}` };
}

const curveError: AttentionFigure = {
  formula: '‖out − full‖ / ‖full‖',
  from: ['out', 'full out'],
  kernel: 'curve',
  explain(evidence, index) {
    const point = pointOf(evidence, index);
    return (
      point && {
        title: `Error with ${index} ${index === '1' ? 'round' : 'rounds'}`,
        operands: [
          measuredOver(evidence),
          { name: 'full attention captured', value: point.captured, at: { kind: 'curve-captured', index } },
        ],
        note: 'The distance of all outputs from those of full attention, as a share of their length.',
      }
    );
  },
};

const curveCaptured: AttentionFigure = {
  formula: 'mean over queries of exp(lse of seen pairs − lse of all)',
  from: ['lse', 'full lse'],
  kernel: 'curve',
  explain(evidence, index) {
    const point = pointOf(evidence, index);
    const { readout, settings } = evidence;
    if (!point) return undefined;
    const own: Operand[] =
      Number(index) === settings.rounds
        ? [
            {
              name: `of them token ${readout.token}`,
              value: readout.captured,
              at: { kind: 'token-captured', index: '0' },
            },
          ]
        : [];
    return {
      title: `Full attention captured by ${index} ${index === '1' ? 'round' : 'rounds'}`,
      operands: [measuredOver(evidence), ...own],
    };
  },
};

const bucketSize: AttentionFigure = {
  formula: '| tokens whose hash is the bucket |',
  from: ['bucket'],
  kernel: 'histogram',
  explain({ shape, settings, sizes, round }, index) {
    const count = bucketCount(settings);
    return {
      title: `Tokens in bucket ${index}, round ${round + 1}`,
      operands: [
        { name: 'tokens n', value: shape.n },
        { name: 'buckets B', value: count },
        { name: 'mean n / B', value: shape.n / count },
        { name: 'window of a query', value: windowLength(settings) },
      ],
      note:
        sizes[Number(index)] > windowLength(settings)
          ? 'It is longer than the window: some of its pairs cannot meet in this round.'
          : 'It fits the window of a query, if chunk edges fall well.',
    };
  },
};

const stepMilliseconds: AttentionFigure = {
  formula: 'end − begin',
  from: ['clock of the device'],
  explain({ shape, settings, timings }, index) {
    const total = [...timings.values()].reduce((a, b) => a + b, 0);
    return {
      title: `Time of: ${index}`,
      operands: [
        { name: 'tokens × heads', value: `${shape.n.toLocaleString('en')} × ${shape.heads}` },
        { name: 'hash rounds', value: settings.rounds },
        { name: 'LSH attention in all, ms', value: total },
      ],
      note: 'Measured in the last run on this device; browsers round the clock.',
    };
  },
};

/** Kinds of numbers shown in the view of attention, by their `data-kind`. */
export const attentionKinds = {
  bucket,
  'hash-dot': hashDot,
  chunk,
  'round-weight': roundWeight,
  'key-weight': keyWeight,
  'key-full': keyFull,
  'missed-full': missedFull,
  'keys-seen': keysSeen,
  'token-captured': tokenCaptured,
  'curve-error': curveError,
  'curve-captured': curveCaptured,
  'bucket-size': bucketSize,
  'step-milliseconds': stepMilliseconds,
} satisfies Record<string, AttentionFigure>;
