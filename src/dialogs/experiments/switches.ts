/** Experiments on the switches of the conventions. */

import { rowsApart, withOtherFuture } from '../../algorithm/causality';
import { relativeError } from '../../algorithm/fidelity';
import { limits } from '../../algorithm/settings';
import { errorOfRows, firstChunkTokens, largestBucket, type OwnWeight, ownWeights } from '../../algorithm/statistics';
import { experiments as words } from '../../language/experiments';
import { formatNumber } from '../../shared/format';
import type { State } from '../../state/schema';
import {
  type Experiment,
  type Figure,
  figureMaker,
  formatCount,
  formatShare,
  type Side,
  settingOperands,
} from './experiment';
import type { Trials } from './trials';

const mostRounds = 16;
/** The rounds that the table of the experiment on repeated pairs shows. */
const tableRounds = [1, 2, 4, 8, mostRounds];

const repeats: Experiment = {
  id: 'repeats',
  title: words.repeats.title,
  why: words.repeats.why,
  async run(trials) {
    const figure = figureMaker(this.id);
    const lines: Figure[][] = [];
    const sides: Side[] = [];
    for (const duplicates of ['divided', 'counted'] as const) {
      const name = words.duplicates[duplicates];
      const result = await trials.run({ duplicates, rounds: mostRounds });
      const { points } = await trials.curve();
      const line = points.map(({ rounds, error }) =>
        figure('trial-error', `${duplicates} ${rounds}`, error, formatNumber, {
          title: words.repeats.error(rounds, name),
          operands: settingOperands(result),
        }),
      );
      lines.push(line);
      sides.push({ name, figures: tableRounds.map((rounds) => line[rounds - 1]), change: { duplicates } });
    }
    const [divided, counted] = lines.map((line) => line[mostRounds - 1]);
    const smallest = lines[1].reduce((a, b) => (b.value < a.value ? b : a));
    const best = lines[1].indexOf(smallest) + 1;
    return {
      columns: tableRounds.map((rounds) => (rounds === 1 ? words.rounds(rounds) : String(rounds))),
      sides,
      lines,
      finding:
        best < mostRounds
          ? words.repeats.findingTurns(mostRounds, best, { divided, counted, smallest })
          : words.repeats.findingFalls(mostRounds, { divided, counted }),
    };
  },
};

/**
 * A row counts as changed if it moves by more than this share of its length. Two float32 sums of the same terms in a different order
 * differ by less.
 */
export const rowTolerance = 1e-5;

const future: Experiment = {
  id: 'future',
  title: words.future.title,
  why: words.future.why,
  async run(trials) {
    const figure = figureMaker(this.id);
    const roundCounts = [1, 4, 8];
    const { n, seed, causal, chunk, lookBack } = trials.state;
    const first = n - Math.max(1, Math.floor(n / 4));
    const measure = async (key: string, name: string, change: Partial<State>) => {
      const shares: Figure[] = [];
      let largestSize = 0;
      for (const rounds of roundCounts) {
        const before = await trials.run({ ...change, rounds, causal: true });
        const rowsBefore = (await trials.outputs()).out;
        largestSize = Math.max(largestSize, largestBucket(await trials.sizes()));
        const { job } = before;
        await trials.runJob({ ...job, vectors: withOtherFuture(job.vectors, first, seed) });
        const rowsAfter = (await trials.outputs()).out;
        largestSize = Math.max(largestSize, largestBucket(await trials.sizes()));
        const { shape } = job.vectors;
        const changedRows = rowsApart(rowsAfter, rowsBefore, shape, first, rowTolerance);
        shares.push(
          figure('trial-changed', `${key} ${rounds}`, changedRows / (shape.heads * first), formatShare, {
            title: words.future.changed(rounds),
            operands: [
              { name: words.future.rows, value: shape.heads * first },
              { name: words.future.changedRows, value: changedRows },
              ...settingOperands(before),
            ],
            note: words.future.note(n - first, rowTolerance),
          }),
        );
      }
      const largest = figure('trial-largest', key, largestSize, formatCount, {
        title: words.future.largest,
        operands: [{ name: words.future.safe, value: chunk + 1 }],
      });
      const side: Side = { name, figures: [...shares, largest], change: { ...change, causal: true } };
      return { side, shares, largest };
    };
    const masked = await measure('masked', words.future.masked, { bucketMask: true });
    const open = await measure('open', words.future.open, { bucketMask: false });
    const sides: Side[] = [masked.side, open.side];
    const isMaskEnough = masked.shares.every(({ value }) => value === 0);
    const longChunk = Math.max(4, masked.largest.value - 1);
    // If rows change in spite of the mask, chunks that hold the largest bucket prevent it.
    if (!isMaskEnough && longChunk <= limits.chunk) {
      const factors = (await trials.job({})).settings.factors.join(',');
      const change = { bucketMask: true, chunk: longChunk, buckets: factors, lookBack: Math.max(1, lookBack) };
      const long = await measure('masked-long-chunks', words.future.maskedLongChunks(longChunk), change);
      sides.splice(1, 0, long.side);
    }
    const safeSize = chunk + 1;
    const with4Rounds = { open: open.shares[1], masked: masked.shares[1] };
    const reason =
      masked.largest.value <= safeSize && lookBack > 0
        ? words.future.allFit
        : with4Rounds.masked.value > 0
          ? words.future.edgesMove
          : words.future.notSure;
    return {
      columns: [...roundCounts.map((rounds) => words.rounds(rounds)), words.columns.largest],
      sides,
      finding: [
        ...words.future.finding({ last: formatCount(n - first), tokens: formatCount(n), causal }, with4Rounds),
        ...reason(safeSize, masked.largest),
      ],
    };
  },
};

const wrap: Experiment = {
  id: 'wrap',
  title: words.wrap.title,
  why: words.wrap.why,
  async run(trials) {
    const figure = figureMaker(this.id);
    const sides: Side[] = [];
    for (const mask of ['masked', 'open'] as const) {
      for (const edge of ['unwrapped', 'wrapped'] as const) {
        const change = { wrap: edge === 'wrapped', bucketMask: mask === 'masked' };
        const result = await trials.run(change);
        const { out, order } = await trials.outputs();
        const full = (await trials.full()).out;
        const { shape } = result.job.vectors;
        const rows = firstChunkTokens(order, shape, result.job.settings);
        const key = `${mask} ${edge}`;
        const name = words.wrap[mask][edge];
        sides.push({
          name,
          change,
          figures: [
            figure('trial-edge-error', key, errorOfRows(out, full, rows, shape.d), formatNumber, {
              title: words.wrap.edgeError(name),
              operands: [{ name: words.wrap.rows, value: rows.length }, ...settingOperands(result)],
            }),
            figure('trial-error', key, relativeError(out, full), formatNumber, {
              title: words.wrap.error(name),
              operands: settingOperands(result),
            }),
          ],
        });
      }
    }
    const [maskedUnwrapped, maskedWrapped, openUnwrapped, openWrapped] = sides.map(({ figures }) => figures[0]);
    const open = { unwrapped: openUnwrapped, wrapped: openWrapped };
    const masked = { unwrapped: maskedUnwrapped, wrapped: maskedWrapped };
    const isMaskedSame = Math.abs(maskedWrapped.value - maskedUnwrapped.value) < 1e-6;
    return {
      columns: [words.wrap.columns.edgeError, words.wrap.columns.error],
      sides,
      finding: isMaskedSame ? words.wrap.findingMaskedSame(open) : words.wrap.finding(open, masked),
    };
  },
};

const self: Experiment = {
  id: 'self',
  title: words.self.title,
  why: words.self.why,
  async run(trials) {
    const figure = figureMaker(this.id);
    const result = await trials.run({});
    const { lse } = await trials.full();
    const { vectors, settings } = result.job;
    const formatScore = (value: number) => (value < 0 ? `−${formatCount(-value)}` : formatNumber(value));
    const figuresOf = (key: string, name: string, { score, weight }: OwnWeight) => ({
      score: figure('trial-own-score', key, score, formatScore, {
        title: words.self.score(name),
        operands: settingOperands(result),
        note: words.self.scoreNote,
      }),
      weight: figure('trial-own-weight', key, weight, formatShare, {
        title: words.self.weight(name),
        operands: [
          { name: words.self.tokens, value: vectors.shape.n * vectors.shape.heads },
          ...settingOperands(result),
        ],
        note: words.self.weightNote,
      }),
    });
    const weights = ownWeights(vectors.qk, lse, vectors.shape, settings);
    const masked = figuresOf('masked', words.self.masked, weights.masked);
    const open = figuresOf('open', words.self.open, weights.open);
    return {
      columns: [words.self.columns.score, words.self.columns.weight],
      sides: [
        { name: words.self.masked, figures: [masked.score, masked.weight] },
        { name: words.self.open, figures: [open.score, open.weight] },
      ],
      finding: words.self.finding(open, masked),
    };
  },
};

export const switches = { repeats, future, wrap, self };

/** The columns of experiments that measure each side with `measureSide`. */
export const comparisonColumns = [words.columns.error, words.columns.captured, words.columns.slots, words.columns.time];

/** Runs one side of an experiment and measures the figures of `comparisonColumns`. */
export async function measureSide(
  trials: Trials,
  experimentId: string,
  key: string,
  name: string,
  change: Partial<State>,
): Promise<Side> {
  const figure = figureMaker(experimentId);
  const result = await trials.run(change);
  const { points, queries } = await trials.curve();
  const { error, captured } = points[points.length - 1];
  const { settings } = result.job;
  const operands = [{ name: words.operands.queries, value: queries }, ...settingOperands(result)];
  const windowChunks = 1 + settings.lookBack + settings.lookAhead;
  const slots = settings.rounds * settings.chunk * windowChunks;
  const milliseconds = await trials.milliseconds(result.job);
  return {
    name,
    change,
    figures: [
      figure('trial-error', key, error, formatNumber, { title: words.figures.error(name), operands }),
      figure('trial-captured', key, captured, formatShare, { title: words.figures.captured(name), operands }),
      figure('trial-slots', key, slots, formatCount, {
        title: words.figures.slots(name),
        operands: [
          { name: words.operands.roundsR, value: settings.rounds },
          { name: words.operands.chunk, value: settings.chunk },
          { name: words.operands.windowChunks, value: windowChunks },
        ],
      }),
      figure('trial-milliseconds', key, milliseconds, formatNumber, {
        title: words.figures.time(name),
        operands: settingOperands(result),
        note: words.figures.timeNote,
      }),
    ],
  };
}
