/** Experiments on how tokens are hashed and how far a query looks back, and a comparison of the published conventions. */

import { bucketCount, type Preset, presets } from '../../algorithm/settings';
import { crowdedShare, hashCost, largestBucket, twoFactors } from '../../algorithm/statistics';
import { dialogs } from '../../language/dialogs';
import { experiments as words } from '../../language/experiments';
import { formatNumber } from '../../shared/format';
import { type Experiment, figureMaker, formatCount, formatShare, type Side, settingOperands } from './experiment';
import { comparisonColumns, measureSide } from './switches';

const factors: Experiment = {
  id: 'factors',
  title: words.factors.title,
  why: words.factors.why,
  async run(trials) {
    const figure = figureMaker(this.id);
    const base = await trials.job({});
    const count = bucketCount(base.settings);
    const sides: Side[] = [];
    for (const list of [[count], twoFactors(count)]) {
      const key = list.join(',');
      const name = list.length === 1 ? words.factors.flat(list[0]) : words.factors.factors(list.join(' · '));
      const change = { buckets: key };
      const result = await trials.run(change);
      const { points } = await trials.curve();
      const { error, captured } = points[points.length - 1];
      const { vectors, settings } = result.job;
      const { heads, n, d } = vectors.shape;
      const operands = settingOperands(result);
      const cost = hashCost(vectors.shape, settings);
      sides.push({
        name,
        change,
        figures: [
          figure('trial-multiply-adds', key, cost, formatCount, {
            title: words.factors.multiplyAdds(name),
            operands: [
              { name: words.factors.tokens, value: heads * n },
              { name: words.factors.headSize, value: d },
              { name: words.operands.roundsR, value: settings.rounds },
              { name: words.factors.directions, value: cost / (heads * n * d * settings.rounds) },
            ],
          }),
          figure('trial-hash-milliseconds', key, await trials.milliseconds(result.job, 'hash'), formatNumber, {
            title: words.factors.time(name),
            operands,
            note: words.factors.timeNote,
          }),
          figure('trial-captured', key, captured, formatShare, { title: words.figures.captured(name), operands }),
          figure('trial-error', key, error, formatNumber, { title: words.figures.error(name), operands }),
        ],
      });
    }
    const [flat, two] = sides.map(({ figures: [multiplyAdds, , captured] }) => ({ multiplyAdds, captured }));
    const costShare = formatShare(two.multiplyAdds.value / flat.multiplyAdds.value);
    return {
      columns: [
        words.factors.columns.multiplyAdds,
        words.factors.columns.time,
        words.columns.captured,
        words.columns.error,
      ],
      sides,
      finding: words.factors.finding(costShare, two, flat),
    };
  },
};

const overflow: Experiment = {
  id: 'overflow',
  title: words.overflow.title,
  why: words.overflow.why,
  async run(trials) {
    const figure = figureMaker(this.id);
    const { n, chunk } = trials.state;
    const chunks = n / chunk;
    const counts = [
      ...new Set([0.5, 1, 2, 4, 8].map((factor) => Math.min(128, Math.max(2, 2 * Math.round((factor * chunks) / 2))))),
    ];
    const sides: Side[] = [];
    for (const count of counts) {
      const key = String(count);
      const name = words.overflow.buckets(count);
      const change = { buckets: key };
      const result = await trials.run(change);
      const sizes = await trials.sizes();
      const { points } = await trials.curve();
      const { error, captured } = points[points.length - 1];
      const operands = settingOperands(result);
      sides.push({
        name,
        change,
        figures: [
          figure('trial-crowded', key, crowdedShare(sizes, 2 * chunk), formatShare, {
            title: words.overflow.crowded(2 * chunk, name),
            operands: [
              { name: words.overflow.limit, value: 2 * chunk },
              { name: words.overflow.mean, value: n / count },
              ...operands,
            ],
          }),
          figure('trial-largest', key, largestBucket(sizes), formatCount, {
            title: words.overflow.largest(name),
            operands,
          }),
          figure('trial-captured', key, captured, formatShare, { title: words.figures.captured(name), operands }),
          figure('trial-error', key, error, formatNumber, { title: words.figures.error(name), operands }),
        ],
      });
    }
    const results = sides.map(({ name, figures: [crowded, , , error] }) => ({ side: name, crowded, error }));
    const best = results.reduce((a, b) => (b.error.value < a.error.value ? b : a));
    return {
      columns: [words.overflow.columns.crowded, words.columns.largest, words.columns.captured, words.columns.error],
      sides,
      finding: words.overflow.finding(2 * chunk, results[0], results[results.length - 1], best),
    };
  },
};

const lookBack: Experiment = {
  id: 'lookback',
  title: words.lookBack.title,
  why: words.lookBack.why,
  async run(trials) {
    const sides: Side[] = [];
    for (const chunks of [0, 1, 2]) {
      const key = `look-back ${chunks}`;
      sides.push(await measureSide(trials, this.id, key, words.lookBack.side(chunks), { lookBack: chunks }));
    }
    const [none, one, two] = sides.map(({ figures: [error, , slots] }) => ({ error, slots }));
    return {
      columns: comparisonColumns,
      sides,
      finding: words.lookBack.finding([none.error, one.error, two.error], [none.slots, one.slots, two.slots]),
    };
  },
};

const presetNames: Record<Preset, string> = dialogs.presets;

const conventions: Experiment = {
  id: 'presets',
  title: words.presets.title,
  why: words.presets.why,
  async run(trials) {
    const sides: Side[] = [];
    for (const preset of Object.keys(presets) as Preset[])
      sides.push(await measureSide(trials, this.id, preset, presetNames[preset], { preset }));
    const sorted = sides
      .map(({ name, figures: [error, captured] }) => ({ side: name, error, captured }))
      .sort((a, b) => a.error.value - b.error.value);
    return {
      columns: comparisonColumns,
      sides,
      finding: words.presets.finding(sorted[0], sorted[sorted.length - 1]),
    };
  },
};

export const sizes = { factors, overflow, lookBack, conventions };
