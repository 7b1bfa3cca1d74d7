/** Numbers about what was missed, and why. */
import { causeOf, type LossCause, withinReach } from '../algorithm/missed-pairs';
import type { AttentionEvidence } from './attention';
import type { Declaration, Operand } from './explanation';

type AttentionFigure = Declaration<AttentionEvidence>;

const meaning: Record<LossCause, string> = {
  chunkEdge: 'In some round both tokens share a bucket and stand near enough, but an edge between chunks parts them.',
  longBucket: 'In some round both share a bucket, but stand farther apart in it than any window reaches.',
  otherBucket: 'In no round do the two share a bucket.',
};

const names: Record<string, string> = {
  captured: 'captured',
  chunkEdge: 'lost at chunk edges',
  longBucket: 'lost in long buckets',
  otherBucket: 'lost to other buckets',
};

function shareOf(
  { curve, settings }: AttentionEvidence,
  rounds: number,
  part: string,
): ReturnType<AttentionFigure['explain']> {
  const point = curve?.points.find((one) => one.rounds === rounds);
  if (!point) return undefined;
  const parts: Operand[] = Object.entries({ captured: point.captured, ...point.lost }).map(([name, value]) => ({
    name: names[name],
    value,
    marked: name === part,
    at: name === 'captured' ? { kind: 'curve-captured', index: String(rounds) } : undefined,
  }));
  return {
    title: `Full attention ${names[part]} with ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    operands: [...parts, { name: 'window of a query, in chunks', value: 1 + settings.lookBack + settings.lookAhead }],
    note: part === 'captured' ? 'With what is lost it makes 1.' : meaning[part as LossCause],
  };
}

const share = {
  formula: 'mean over queries of Σ weight in full attention',
  from: ['qk', 'bucket', 'order'],
  kernel: 'missed-pairs',
  source: 'eq. 1 and 6',
} as const;

const lostShare: AttentionFigure = {
  ...share,
  explain(evidence, index) {
    const [rounds, cause] = index.split(' ');
    return shareOf(evidence, Number(rounds), cause);
  },
};

const capturedShare: AttentionFigure = {
  ...share,
  explain: (evidence, index) => shareOf(evidence, Number(index), 'captured'),
};

const legendShare: AttentionFigure = {
  ...share,
  explain: (evidence, index) => shareOf(evidence, evidence.settings.rounds, index),
};

/** The missed key that an index begins with. */
const missedOf = ({ readout }: AttentionEvidence, index: string) =>
  readout.missed.find(({ key }) => key === Number(index.split(' ')[0]));

const missedCause: AttentionFigure = {
  formula: 'nearest miss over all rounds',
  from: ['bucket', 'order'],
  kernel: 'missed-pairs',
  source: 'eq. 5',
  explain({ readout, settings }, index) {
    const missed = readout.missed.find(({ key }) => key === Number(index));
    if (!missed) return undefined;
    const query = {
      buckets: readout.rounds.map(({ bucket }) => bucket),
      ranks: readout.rounds.map(({ rank }) => rank),
    };
    const { placement } = missed;
    return {
      title: `Why token ${readout.token} did not see ${missed.key}`,
      operands: readout.rounds.map(({ bucket, rank }, r) => {
        const distance = Math.abs(placement.ranks[r] - rank);
        const same = bucket === placement.buckets[r];
        return {
          name: `round ${r + 1}`,
          value: same ? `bucket ${bucket}, ${distance} apart` : `bucket ${bucket} ≠ ${placement.buckets[r]}`,
          marked: same && withinReach(placement.ranks[r] - rank, settings),
        };
      }),
      note: meaning[causeOf(query, placement, settings)],
    };
  },
};

/** A bucket, chunk or distance of a missed key in one round; index `key round`, rounds from 1. */
function ofRound(
  what: string,
  explain: (round: number, evidence: AttentionEvidence, index: string) => Operand[],
): AttentionFigure {
  return {
    formula: what,
    from: ['qk', 'rotations'],
    kernel: 'hash',
    source: 'eq. 5',
    explain(evidence, index) {
      const missed = missedOf(evidence, index);
      const round = Number(index.split(' ')[1]) - 1;
      if (!missed || !evidence.readout.rounds[round]) return undefined;
      return {
        title: `Token ${evidence.readout.token} and key ${missed.key} in round ${round + 1}`,
        operands: explain(round, evidence, index),
      };
    },
  };
}

const bothBuckets = (round: number, evidence: AttentionEvidence, index: string): Operand[] => [
  {
    name: `bucket of token ${evidence.readout.token}`,
    value: evidence.readout.rounds[round].bucket,
    at: { kind: 'bucket', index: String(round) },
  },
  { name: 'bucket of the key', value: missedOf(evidence, index)?.placement.buckets[round] ?? '' },
];

const bothChunks = (round: number, evidence: AttentionEvidence, index: string): Operand[] => {
  const rank = missedOf(evidence, index)?.placement.ranks[round] ?? 0;
  const own = evidence.readout.rounds[round];
  return [
    { name: `position of token ${evidence.readout.token}`, value: own.rank },
    { name: 'position of the key', value: rank },
    { name: 'tokens of a chunk m', value: evidence.settings.chunk },
    { name: 'their chunks', value: `${own.chunk} and ${Math.floor(rank / evidence.settings.chunk)}` },
  ];
};

/** Kinds of numbers about missed pairs, by their `data-kind`. */
export const causeKinds = {
  'lost-share': lostShare,
  'captured-share': capturedShare,
  'legend-share': legendShare,
  'missed-cause': missedCause,
  'missed-bucket': ofRound('argmax [kR; −kR]', bothBuckets),
  'missed-query-bucket': ofRound('argmax [xR; −xR]', bothBuckets),
  'missed-distance': ofRound('| position of key − position of query |', bothChunks),
  'missed-chunk': ofRound('⌊position of key / m⌋', bothChunks),
  'missed-query-chunk': ofRound('⌊position of query / m⌋', bothChunks),
} satisfies Record<string, AttentionFigure>;
