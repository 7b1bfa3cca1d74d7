/** Experiments on how tokens are hashed and how far a query looks, and the published conventions side by side. */

import { bucketCount, type Preset, presets } from '../../algorithm/settings';
import { crowdedShare, hashCost, largestBucket, twoFactors } from '../../algorithm/statistics';
import { formatNumber } from '../../shared/format';
import { type Experiment, figures, madeWith, type Side, share, whole } from './experiment';
import { compared, comparedColumns } from './switches';

const factors: Experiment = {
  id: 'factors',
  title: 'One flat hash, or two factors',
  why: 'B buckets by one argmax need B/2 directions. Two hashes of √B buckets each, as digits of one number, need far fewer, but cut space into other regions.',
  async run(trials) {
    const figure = figures(this.id);
    const base = await trials.job({});
    const count = bucketCount(base.settings);
    const sides: Side[] = [];
    for (const list of [[count], twoFactors(count)]) {
      const name = list.length === 1 ? `flat, ${list[0]}` : `factors ${list.join(' · ')}`;
      const change = { buckets: list.join(',') };
      const outcome = await trials.run(change);
      const { points } = await trials.curve();
      const { error, captured } = points[points.length - 1];
      const { vectors, settings } = outcome.job;
      const { heads, n, d } = vectors.shape;
      const operands = madeWith(outcome);
      const cost = hashCost(vectors.shape, settings);
      sides.push({
        name,
        change,
        figures: [
          figure('trial-multiply-adds', name, cost, whole, {
            title: `Multiply-adds of hashing: ${name}`,
            operands: [
              { name: 'heads × tokens', value: heads * n },
              { name: 'head size d', value: d },
              { name: 'hash rounds R', value: settings.rounds },
              { name: 'directions of a round', value: cost / (heads * n * d * settings.rounds) },
            ],
          }),
          figure('trial-hash-milliseconds', name, await trials.milliseconds(outcome.job, 'hash'), formatNumber, {
            title: `Time of hashing: ${name}`,
            operands,
            note: 'The middle one of three runs on this device, or the only one of a long run; browsers round the clock.',
          }),
          figure('trial-captured', name, captured, share, { title: `Full attention captured: ${name}`, operands }),
          figure('trial-error', name, error, formatNumber, { title: `Error: ${name}`, operands }),
        ],
      });
    }
    const [flat, two] = sides.map((side) => side.figures);
    return {
      columns: ['multiply-adds', 'hash time, ms', 'captured', 'error'],
      sides,
      finding: [
        `Two factors take ${share(two[0].value / flat[0].value)} of the multiply-adds, `,
        two[0],
        ' for ',
        flat[0],
        '. They capture ',
        two[2],
        ' of full attention, the flat hash ',
        flat[2],
        '.',
      ],
    };
  },
};

const overflow: Experiment = {
  id: 'overflow',
  title: 'Buckets longer than two chunks',
  why: 'Of a bucket with more than 2m tokens some pair is always missed. More buckets are shorter, but part similar vectors.',
  async run(trials) {
    const figure = figures(this.id);
    const { n, chunk } = trials.state;
    const usual = n / chunk;
    const counts = [
      ...new Set([0.5, 1, 2, 4, 8].map((of) => Math.min(128, Math.max(2, 2 * Math.round((of * usual) / 2))))),
    ];
    const sides: Side[] = [];
    for (const count of counts) {
      const name = `${count} buckets`;
      const change = { buckets: String(count) };
      const outcome = await trials.run(change);
      const sizes = await trials.sizes();
      const { points } = await trials.curve();
      const { error, captured } = points[points.length - 1];
      const operands = madeWith(outcome);
      sides.push({
        name,
        change,
        figures: [
          figure('trial-crowded', name, crowdedShare(sizes, 2 * chunk), share, {
            title: `Tokens in buckets of more than ${2 * chunk} tokens: ${name}`,
            operands: [{ name: '2m', value: 2 * chunk }, { name: 'mean n / B', value: n / count }, ...operands],
          }),
          figure('trial-largest', name, largestBucket(sizes), whole, {
            title: `Tokens of the largest bucket: ${name}`,
            operands,
          }),
          figure('trial-captured', name, captured, share, { title: `Full attention captured: ${name}`, operands }),
          figure('trial-error', name, error, formatNumber, { title: `Error: ${name}`, operands }),
        ],
      });
    }
    const best = sides.reduce((a, b) => (b.figures[3].value < a.figures[3].value ? b : a));
    const [few, many] = [sides[0], sides[sides.length - 1]];
    return {
      columns: ['tokens above 2m', 'largest', 'captured', 'error'],
      sides,
      finding: [
        `With ${few.name} `,
        few.figures[0],
        ` of the tokens are in buckets above 2m = ${2 * chunk}, with ${many.name} `,
        many.figures[0],
        `; the error is least with ${best.name}, `,
        best.figures[3],
        '.',
      ],
    };
  },
};

const lookBack: Experiment = {
  id: 'lookback',
  title: 'Looking back 0, 1 or 2 chunks',
  why: 'Chunks are cut at equal lengths, so a bucket is often split over two. The chunk before brings back what the edge parted.',
  async run(trials) {
    const sides: Side[] = [];
    for (const back of [0, 1, 2]) sides.push(await compared(trials, this.id, `look-back ${back}`, { lookBack: back }));
    const [none, one, two] = sides.map((side) => side.figures);
    return {
      columns: comparedColumns,
      sides,
      finding: [
        'The first chunk back takes the error from ',
        none[0],
        ' to ',
        one[0],
        ', the second to ',
        two[0],
        '; a query scores ',
        none[2],
        ', ',
        one[2],
        ' and ',
        two[2],
        ' slots for it.',
      ],
    };
  },
};

const conventions: Experiment = {
  id: 'presets',
  title: 'The three published conventions',
  why: 'The paper, Google’s trax and reformer-pytorch differ in what a query sees and how pairs count. Each is measured against full attention with its own score.',
  async run(trials) {
    const sides: Side[] = [];
    for (const preset of Object.keys(presets) as Preset[])
      sides.push(await compared(trials, this.id, preset, { preset }));
    const sorted = [...sides].sort((a, b) => a.figures[0].value - b.figures[0].value);
    const [best, worst] = [sorted[0], sorted[sorted.length - 1]];
    return {
      columns: comparedColumns,
      sides,
      finding: [
        `On the same vectors ${best.name} is nearest to its full attention, with an error of `,
        best.figures[0],
        ` and `,
        best.figures[1],
        ` captured; ${worst.name} is farthest, with `,
        worst.figures[0],
        ' and ',
        worst.figures[1],
        '.',
      ],
    };
  },
};

export const sizes = { factors, overflow, lookBack, conventions };
