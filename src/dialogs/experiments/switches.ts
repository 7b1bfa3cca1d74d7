/** Experiments on the switches of the conventions. */

import { rowsApart, withOtherFuture } from '../../algorithm/causality';
import { relativeError } from '../../algorithm/fidelity';
import { limits } from '../../algorithm/settings';
import { errorOfRows, firstChunkTokens, largestBucket, ownWeights } from '../../algorithm/statistics';
import { formatNumber } from '../../shared/format';
import type { State } from '../../state/schema';
import { type Experiment, type Figure, figures, madeWith, type Side, share, whole } from './experiment';
import type { Trials } from './trials';

const rounds = [1, 2, 4, 8, 16];

const repeats: Experiment = {
  id: 'repeats',
  title: 'Repeated pairs: divided or counted',
  why: 'A pair that meets in several rounds is one pair. Where every meeting counts, rounds add weight where it already is.',
  async run(trials) {
    const figure = figures(this.id);
    const lines: Figure[][] = [];
    const sides: Side[] = [];
    for (const duplicates of ['divided', 'counted'] as const) {
      const outcome = await trials.run({ duplicates, rounds: 16 });
      const { points } = await trials.curve();
      const all = points.map(({ rounds, error }) =>
        figure('trial-error', `${duplicates} ${rounds}`, error, formatNumber, {
          title: `Error with ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, repeated pairs ${duplicates}`,
          operands: madeWith(outcome),
        }),
      );
      lines.push(all);
      sides.push({ name: duplicates, figures: rounds.map((r) => all[r - 1]), change: { duplicates } });
    }
    const [divided, counted] = lines.map((line) => line[15]);
    const least = lines[1].reduce((a, b) => (b.value < a.value ? b : a));
    const at = lines[1].indexOf(least) + 1;
    const end: (string | Figure)[] =
      at < 16
        ? [
            '; counted, it is least with ',
            String(at),
            ` ${at === 1 ? 'round' : 'rounds'}, `,
            least,
            ', and no further round helps.',
          ]
        : ['; counted too it still falls.'];
    return {
      columns: rounds.map((r) => (r === 1 ? '1 round' : String(r))),
      sides,
      lines,
      finding: [
        'With 16 rounds the error is ',
        divided,
        ' where they are divided and ',
        counted,
        ' where they are counted',
        ...end,
      ],
    };
  },
};

/** How far a row must move, as a share of its length, to count as changed: float32 sums in another order differ less. */
export const moved = 1e-5;

const future: Experiment = {
  id: 'future',
  title: 'A later token changes earlier rows',
  why: 'No query attends to a later token. Yet later tokens are sorted too, and so move the edges of the chunks that decide which earlier keys a query sees.',
  async run(trials) {
    const figure = figures(this.id);
    const counts = [1, 4, 8];
    const { n, seed, causal } = trials.state;
    const first = n - Math.max(1, Math.floor(n / 4));
    const side = async (name: string, change: Partial<State>): Promise<Side & { largest: number }> => {
      const own: Figure[] = [];
      let largest = 0;
      for (const r of counts) {
        const before = await trials.run({ ...change, rounds: r, causal: true });
        const rows = (await trials.outputs()).out;
        largest = Math.max(largest, largestBucket(await trials.sizes()));
        const { job } = before;
        await trials.runJob({ ...job, vectors: withOtherFuture(job.vectors, first, seed) });
        const after = (await trials.outputs()).out;
        largest = Math.max(largest, largestBucket(await trials.sizes()));
        const { shape } = job.vectors;
        const apart = rowsApart(after, rows, shape, first, moved);
        own.push(
          figure('trial-changed', `${name} ${r}`, apart / (shape.heads * first), share, {
            title: `Earlier rows that change with ${r} ${r === 1 ? 'round' : 'rounds'}`,
            operands: [
              { name: 'rows before the edit', value: shape.heads * first },
              { name: 'of them changed', value: apart },
              ...madeWith(before),
            ],
            note: `The last ${n - first} tokens were replaced. A row counts as changed if it moves by more than ${moved} of its length.`,
          }),
        );
      }
      const size = figure('trial-largest', name, largest, whole, {
        title: 'Tokens of the largest bucket, before or after the edit',
        operands: [{ name: 'up to m + 1 every earlier token of a bucket is seen', value: trials.state.chunk + 1 }],
      });
      return { name, figures: [...own, size], change: { ...change, causal: true }, largest };
    };
    const mask = await side('own bucket only', { bucketMask: true });
    const open = await side('the whole window', { bucketMask: false });
    const sides: Side[] = [mask, open];
    const { chunk, lookBack } = trials.state;
    const enough = Math.max(4, mask.largest - 1);
    const fits = mask.largest <= chunk + 1 && lookBack > 0;
    const at4 = (which: Side) => which.figures[1];
    // Where the mask alone does not do, chunks long enough for the largest bucket do.
    if (mask.figures.slice(0, counts.length).some(({ value }) => value > 0) && enough <= limits.chunk) {
      const factors = (await trials.job({})).settings.factors.join(',');
      const change = { bucketMask: true, chunk: enough, buckets: factors, lookBack: Math.max(1, lookBack) };
      sides.splice(1, 0, await side(`own bucket only, chunks of ${enough}`, change));
    }
    const long = mask.figures[counts.length];
    const limit = `m + 1 = ${chunk + 1}`;
    const why = fits
      ? [`No bucket has more than ${limit} tokens, the largest `, long, ': no chunk edge hides a key of it.']
      : at4(mask).value > 0
        ? [
            'The largest bucket has ',
            long,
            ` tokens, and ${limit} is what is safe: later tokens move the edges that cut it.`,
          ]
        : ['The largest bucket has ', long, ` tokens, though, and only up to ${limit} is that sure.`];
    return {
      columns: [...counts.map((r) => (r === 1 ? '1 round' : `${r} rounds`)), 'largest bucket'],
      sides,
      finding: [
        `Other vectors for the last ${whole(n - first)} of ${whole(n)} tokens change `,
        at4(open),
        ' of the rows before them where a query sees its whole window, and ',
        at4(mask),
        ' where it sees its own bucket only (4 rounds',
        causal ? '). ' : ', made causal). ',
        ...why,
      ],
    };
  },
};

const wrap: Experiment = {
  id: 'wrap',
  title: 'The first chunk looks around, or nowhere',
  why: 'The first chunk of a round has none before it. trax and reformer-pytorch let it see the last chunk of the round before.',
  async run(trials) {
    const figure = figures(this.id);
    const sides: Side[] = [];
    for (const bucketMask of [true, false]) {
      for (const around of [false, true]) {
        const outcome = await trials.run({ wrap: around, bucketMask });
        const { out, order } = await trials.outputs();
        const full = (await trials.full()).out;
        const { shape } = outcome.job.vectors;
        const rows = firstChunkTokens(order, shape, outcome.job.settings);
        const name = `${bucketMask ? 'own bucket' : 'whole window'}, ${around ? 'wrapped' : 'not wrapped'}`;
        sides.push({
          name,
          change: { wrap: around, bucketMask },
          figures: [
            figure('trial-edge-error', name, errorOfRows(out, full, rows, shape.d), formatNumber, {
              title: `Error of first chunks: ${name}`,
              operands: [{ name: 'tokens in the first chunk of some round', value: rows.length }, ...madeWith(outcome)],
            }),
            figure('trial-error', name, relativeError(out, full), formatNumber, {
              title: `Error of all tokens: ${name}`,
              operands: madeWith(outcome),
            }),
          ],
        });
      }
    }
    const [maskOff, maskOn, openOff, openOn] = sides.map((side) => side.figures[0]);
    const same = Math.abs(maskOn.value - maskOff.value) < 1e-6;
    return {
      columns: ['error of first chunks', 'of all tokens'],
      sides,
      finding: [
        'Where a query sees its whole window, wrapping around takes the error of first chunks from ',
        openOff,
        ' to ',
        openOn,
        ...(same
          ? ['; where it sees its own bucket only it changes nothing: keys of another round’s chunk are masked.']
          : ['; where it sees its own bucket only, from ', maskOff, ' to ', maskOn, '.']),
      ],
    };
  },
};

const self: Experiment = {
  id: 'self',
  title: 'A token’s own weight, with and without the self mask',
  why: 'Query and key are one vector, so a token’s own score is its whole length ‖q‖ and beats nearly all others. The mask leaves it a slot of last resort.',
  async run(trials) {
    const figure = figures(this.id);
    const outcome = await trials.run({});
    const { lse } = await trials.full();
    const { vectors, settings } = outcome.job;
    const found = ownWeights(vectors.qk, lse, vectors.shape, settings);
    const side = (name: string, of: { score: number; weight: number }): Side => ({
      name,
      figures: [
        figure('trial-own-score', name, of.score, (value) => (value < 0 ? `−${whole(-value)}` : formatNumber(value)), {
          title: `Score of a token with itself, ${name}`,
          operands: madeWith(outcome),
          note: 'Of a vector with itself the cosine is 1.',
        }),
        figure('trial-own-weight', name, of.weight, share, {
          title: `Share of full attention on the token itself, ${name}`,
          operands: [{ name: 'tokens', value: vectors.shape.n * vectors.shape.heads }, ...madeWith(outcome)],
          note: 'A token with nothing else to see has its own weight either way.',
        }),
      ],
    });
    const sides = [side('with the self mask', found.masked), side('without', found.open)];
    return {
      columns: ['own score', 'own weight'],
      sides,
      finding: [
        'Without the mask a token would give ',
        sides[1].figures[1],
        ' of its attention to itself, by a score of ',
        sides[1].figures[0],
        '; with it, ',
        sides[0].figures[1],
        '.',
      ],
    };
  },
};

export const switches = { repeats, future, wrap, self };

/** Everything there is to compare of one run, in the same columns. */
export const comparedColumns = ['error', 'captured', 'slots a query', 'time, ms'];

/** Runs one side and measures those columns. */
export async function compared(trials: Trials, id: string, name: string, change: Partial<State>): Promise<Side> {
  const figure = figures(id);
  const outcome = await trials.run(change);
  const { points, queries } = await trials.curve();
  const { error, captured } = points[points.length - 1];
  const { settings } = outcome.job;
  const operands = [{ name: 'queries measured', value: queries }, ...madeWith(outcome)];
  const slots = settings.rounds * settings.chunk * (1 + settings.lookBack + settings.lookAhead);
  const milliseconds = await trials.milliseconds(outcome.job);
  return {
    name,
    change,
    figures: [
      figure('trial-error', name, error, formatNumber, { title: `Error: ${name}`, operands }),
      figure('trial-captured', name, captured, share, { title: `Full attention captured: ${name}`, operands }),
      figure('trial-slots', name, slots, whole, {
        title: `Scored slots of a query: ${name}`,
        operands: [
          { name: 'hash rounds R', value: settings.rounds },
          { name: 'chunk m', value: settings.chunk },
          { name: 'chunks in the window', value: 1 + settings.lookBack + settings.lookAhead },
        ],
      }),
      figure('trial-milliseconds', name, milliseconds, formatNumber, {
        title: `Time: ${name}`,
        operands: madeWith(outcome),
        note: 'The middle one of three runs on this device, or the only one of a long run.',
      }),
    ],
  };
}
