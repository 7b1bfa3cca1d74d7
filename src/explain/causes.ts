/** Numbers about missed pairs, and the causes of the misses. */
import { causeOf, type LossCause, withinReach } from '../algorithm/missed-pairs';
import { explain as words } from '../language/explain';
import { explainer as cardWords } from '../language/explainer';
import type { AttentionEvidence } from './attention';
import type { Declaration, Declarations, Operand } from './explanation';

type AttentionFigure = Declaration<AttentionEvidence>;
type WeightShare = 'captured' | LossCause;

const { figures, operands: names, paper } = words;
const causes: Record<LossCause, string> = words.causes;
const shares: Record<WeightShare, string> = cardWords.indexNames;

function explainShare(
  { curve, settings }: AttentionEvidence,
  rounds: number,
  share: WeightShare,
): ReturnType<AttentionFigure['explain']> {
  const point = curve?.points.find((entry) => entry.rounds === rounds);
  if (!point) return undefined;
  const values = Object.entries({ captured: point.captured, ...point.lost }) as [WeightShare, number][];
  const { title, window } = figures['lost-share'];
  return {
    title: title(shares[share], rounds),
    operands: [
      ...values.map(
        ([name, value]): Operand => ({
          name: shares[name],
          value,
          marked: name === share,
          at: name === 'captured' ? { kind: 'curve-captured', index: String(rounds) } : undefined,
        }),
      ),
      { name: window, value: 1 + settings.lookBack + settings.lookAhead },
    ],
    note: share === 'captured' ? figures['captured-share'].note : causes[share],
  };
}

const shareDeclaration = {
  formula: figures['lost-share'].formula,
  from: ['qk', 'bucket', 'order'],
  kernel: 'missed-pairs',
  source: paper.fullAndWindow,
} as const;

const lostShare: AttentionFigure = {
  ...shareDeclaration,
  explain(evidence, index) {
    const [rounds, cause] = index.split(' ');
    return explainShare(evidence, Number(rounds), cause as LossCause);
  },
};

const capturedShare: AttentionFigure = {
  ...shareDeclaration,
  explain: (evidence, index) => explainShare(evidence, Number(index), 'captured'),
};

const legendShare: AttentionFigure = {
  ...shareDeclaration,
  explain: (evidence, index) => explainShare(evidence, evidence.settings.rounds, index as WeightShare),
};

/** The missed key with which an index begins. */
const missedOf = ({ readout }: AttentionEvidence, index: string) =>
  readout.missed.find(({ key }) => key === Number(index.split(' ')[0]));

const missedCause: AttentionFigure = {
  formula: figures['missed-cause'].formula,
  from: ['bucket', 'order'],
  kernel: 'missed-pairs',
  source: paper.sameBucket,
  explain({ readout, settings }, index) {
    const missed = readout.missed.find(({ key }) => key === Number(index));
    if (!missed) return undefined;
    const query = {
      buckets: readout.rounds.map(({ bucket }) => bucket),
      ranks: readout.rounds.map(({ rank }) => rank),
    };
    const { placement } = missed;
    const { title, apart, otherBuckets } = figures['missed-cause'];
    return {
      title: title(readout.token, missed.key),
      operands: readout.rounds.map(({ bucket, rank }, r) => {
        const distance = Math.abs(placement.ranks[r] - rank);
        const isShared = bucket === placement.buckets[r];
        return {
          name: names.round(r + 1),
          value: isShared ? apart(bucket, distance) : otherBuckets(bucket, placement.buckets[r]),
          marked: isShared && withinReach(placement.ranks[r] - rank, settings),
        };
      }),
      note: causes[causeOf(query, placement, settings)],
    };
  },
};

/** A bucket, chunk or distance of a missed key in one round. Index `key round`, rounds from 1. */
function ofRound(
  formula: string,
  operandsOf: (round: number, evidence: AttentionEvidence, index: string) => Operand[],
): AttentionFigure {
  return {
    formula,
    from: ['qk', 'rotations'],
    kernel: 'hash',
    source: paper.sameBucket,
    explain(evidence, index) {
      const missed = missedOf(evidence, index);
      const round = Number(index.split(' ')[1]) - 1;
      if (!missed || !evidence.readout.rounds[round]) return undefined;
      return {
        title: figures['missed-bucket'].title(evidence.readout.token, missed.key, round + 1),
        operands: operandsOf(round, evidence, index),
      };
    },
  };
}

const bothBuckets = (round: number, evidence: AttentionEvidence, index: string): Operand[] => [
  {
    name: names.bucketOfToken(evidence.readout.token),
    value: evidence.readout.rounds[round].bucket,
    at: { kind: 'bucket', index: String(round) },
  },
  { name: names.bucketOfKey, value: missedOf(evidence, index)?.placement.buckets[round] ?? '' },
];

const bothChunks = (round: number, evidence: AttentionEvidence, index: string): Operand[] => {
  const keyRank = missedOf(evidence, index)?.placement.ranks[round] ?? 0;
  const query = evidence.readout.rounds[round];
  const { chunk } = evidence.settings;
  return [
    { name: names.positionOfToken(evidence.readout.token), value: query.rank },
    { name: names.positionOfKey, value: keyRank },
    { name: names.chunkLength, value: chunk },
    { name: names.chunks, value: names.twoChunks(query.chunk, Math.floor(keyRank / chunk)) },
  ];
};

/** Kinds of numbers about missed pairs. */
export const causeKinds = {
  'lost-share': lostShare,
  'captured-share': capturedShare,
  'legend-share': legendShare,
  'missed-cause': missedCause,
  'missed-bucket': ofRound('argmax [kR; −kR]', bothBuckets),
  'missed-query-bucket': ofRound('argmax [xR; −xR]', bothBuckets),
  'missed-distance': ofRound(figures['missed-distance'].formula, bothChunks),
  'missed-chunk': ofRound(figures['missed-chunk'].formula, bothChunks),
  'missed-query-chunk': ofRound(figures['missed-query-chunk'].formula, bothChunks),
} satisfies Declarations<AttentionEvidence>;
