import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { causeOf, placementOfToken } from '../../src/algorithm/missed-pairs';
import { kinds } from '../../src/explain';
import { experiments as experimentWords } from '../../src/language/experiments';
import { explain as words } from '../../src/language/explain';
import { memo } from '../../src/shared/memo';
import { evalAll, evalOne, linkOf, shot, until, waitFor } from './browser';
import { expectedExperiments } from './experiment-numbers';
import { test } from './fixture';
import { comparedNumbers, type Expected, expectedFor, press } from './reformer';

/** A shown number, and what its card says. */
interface Shown {
  kind: string;
  index: string;
  value: string;
  title: string;
  written: string;
  operands: [string, string][];
}

/** More readings than the page redraws its numbers after it is at rest. */
const mostReadings = 20;

/** All shown numbers with their cards. Reads them again while a card does not match its number, because the page may redraw meanwhile. */
async function explained(page: Page, within = 'main'): Promise<Shown[]> {
  let all = await explainedNow(page, within);
  for (let reading = 1; reading < mostReadings && !all.every(hasOwnCard); reading++) {
    all = await explainedNow(page, within);
  }
  return all;
}

/** True if the card shows the number's own value. After a redraw it may still show the number before. */
const hasOwnCard = ({ title, ...shown }: Shown): boolean => title !== '' && !(excess(shown) > 0);

/** How far the card's number is from the shown one, beyond the rounding of its digits. 0 for a cause, which is a word. */
function excess({ kind, written, value }: Pick<Shown, 'kind' | 'written' | 'value'>): number {
  if (kind === 'missed-cause') return 0;
  const number = numberIn(written.replace(words.bytes(''), ''));
  return Math.abs(number - Number(value)) - 1e-5 * Math.abs(number);
}

async function explainedNow(page: Page, within: string): Promise<Shown[]> {
  // The page fetches the explanations at the first focus. It may redraw the focused number meanwhile, so the loop repeats the focus.
  await until(`a number in ${within} has an explanation`, async () => {
    await page.evaluate((root) => document.querySelector<HTMLElement>(`${root} [data-kind]`)?.focus(), within);
    return page.$('#explain:popover-open');
  });
  return page.evaluate((root) => {
    const card = document.querySelector('#explain') as HTMLElement;
    return [...document.querySelectorAll<HTMLElement | SVGElement>(`${root} [data-kind]`)].map((element) => {
      element.focus();
      const open = card.matches(':popover-open');
      const words = (selector: string) => (open ? (card.querySelector(selector)?.textContent ?? '') : '');
      const { kind = '', index = '', value = '' } = element.dataset;
      const operands = [...card.querySelectorAll('tr')].map((row): [string, string] => [
        row.cells[0].textContent ?? '',
        row.cells[1].textContent ?? '',
      ]);
      return { kind, index, value, title: words('h3'), written: words('.how b'), operands: open ? operands : [] };
    });
  }, within);
}

const bytesIn = (text: string): number => {
  const [, number, unit] = /([\d.]+) (B|KiB|MiB)/.exec(text) ?? [];
  return Number(number) * { B: 1, KiB: 1024, MiB: 2 ** 20 }[unit as 'B']!;
};

const numberIn = (text: string): number => Number(text.replaceAll(',', '').replace('−', '-'));

const operand = ({ operands }: Shown, start: string): number =>
  numberIn(operands.find(([name]) => name.startsWith(start))?.[1] ?? 'none');

/** Checks a number against the CPU engine's, or only against the operands of its card. */
type Check = (shown: Shown, expected: Expected) => void;

const close =
  (of: (index: string, expected: Expected) => number | undefined, digits: number): Check =>
  (shown, expected) =>
    expect(Number(shown.value), `${shown.kind} ${shown.index}`).toBeCloseTo(
      of(shown.index, expected) ?? Number.NaN,
      digits,
    );

const point = (index: string, { curve }: Expected) =>
  curve.find(({ rounds }) => rounds === Number(index.split(' ')[0]));

/** Buckets and sorted positions of a missed key and of the query, in the round of an index "key round". */
const inRound = (index: string, { placement, token, settings }: Expected) => {
  const [key, round] = index.split(' ').map(Number);
  const at = (round - 1) * placement.n;
  const of = (which: number) => ({ bucket: placement.buckets[at + which], rank: placement.rank[at + which] });
  return { key: of(key), query: of(token), chunk: settings.chunk };
};

/** A measured time has no expected value. Firefox rounds its clock to whole milliseconds. */
const isTime: Check = ({ value, kind }) => {
  expect(Number(value), kind).toBeGreaterThanOrEqual(0);
  expect(Number(value), kind).toBeLessThan(60_000);
};

const dialogsQuery = '?n=32&chunk=4&rounds=2';
const experimentNumbers = memo(
  () => dialogsQuery,
  () => expectedExperiments(dialogsQuery),
);

/** The number of a sweep or an experiment is the CPU engine's. */
const isExperiment: Check = ({ kind, index, value }) => {
  const [least, most] = experimentNumbers().get(`${kind} ${index}`) ?? [];
  expect(Number(value), `${kind} ${index}`).toBeGreaterThanOrEqual(least ?? Number.NaN);
  expect(Number(value), `${kind} ${index}`).toBeLessThanOrEqual(most ?? Number.NaN);
};

const both =
  (...all: Check[]): Check =>
  (shown, expected) => {
    for (const check of all) check(shown, expected);
  };

/** The number is the mean of the operands on its card. */
const isMean: Check = ({ operands, value, kind }) => {
  const values = operands.map(([, text]) => numberIn(text));
  const mean = values.reduce((a, b) => a + b) / values.length;
  expect(Math.abs(mean / Number(value) - 1), kind).toBeLessThan(1e-5);
};

/** The number is the product of the first `count` operands on its card. */
const isProduct =
  (count: number): Check =>
  ({ operands, value }) => {
    const values = operands.slice(0, count).map(([, text]) => numberIn(text));
    expect(values).toHaveLength(count);
    expect(values.reduce((a, b) => a * b)).toBe(Number(value));
  };

const { figures, operands: names } = words;

/** A check for every declared kind of number. A missing one does not compile. */
const checks: Record<keyof typeof kinds, Check> = {
  bucket: (shown, expected) => {
    close((index) => expected.rounds[Number(index)].bucket, 10)(shown, expected);
    // The card lists the largest product first. Its direction and sign give the bucket.
    const [sign, direction] = /^([+−])x·r(\d+)/.exec(shown.operands[0][0])?.slice(1) ?? [];
    expect(Number(direction) + (sign === '+' ? 0 : expected.settings.factors[0] / 2)).toBe(Number(shown.value));
    const values = shown.operands.map(([, value]) => numberIn(value));
    expect(values).toEqual([...values].sort((a, b) => b - a));
  },
  // sphere.test.ts checks the value by its definition. Here the operands must add up to it.
  'hash-dot': (shown) => {
    const sum = shown.operands.reduce((total, [, text]) => total + numberIn(text), 0);
    expect(sum).toBeCloseTo(Number(shown.value), 3);
  },
  chunk: (shown, expected) => {
    close((index) => expected.rounds[Number(index)].chunk, 10)(shown, expected);
    expect(Math.floor(operand(shown, figures.chunk.position) / operand(shown, names.chunkLength))).toBe(
      Number(shown.value),
    );
  },
  rank: (shown, expected) => {
    close((index) => expected.rounds[Number(index)].rank, 10)(shown, expected);
    const parts = shown.operands.map(([, value]) => numberIn(value));
    expect(parts[0] + parts[1]).toBe(Number(shown.value));
  },
  'chunk-place': (shown, expected) => {
    close((index) => expected.rounds[Number(index)].rank % expected.settings.chunk, 10)(shown, expected);
    expect(
      operand(shown, figures.chunk.position) -
        operand(shown, names.chunkLength) * operand(shown, figures.chunk.chunkOf),
    ).toBe(Number(shown.value));
  },
  'round-weight': (shown, expected) => {
    close((index) => expected.rounds[Number(index)].weight, 4)(shown, expected);
    const all = shown.operands.map(([, value]) => Math.exp(numberIn(value)));
    expect(all[Number(shown.index)] / all.reduce((a, b) => a + b)).toBeCloseTo(Number(shown.value), 4);
  },
  'key-weight': (shown, expected) => {
    close((index) => expected.seen.get(Number(index))?.weight, 4)(shown, expected);
    const score = operand(shown, shown.index === String(expected.token) ? names.selfMask : names.score);
    expect(Math.exp(score - operand(shown, figures['key-weight'].lse))).toBeCloseTo(Number(shown.value), 4);
  },
  'key-full': (shown, expected) => {
    close((index) => expected.seen.get(Number(index))?.full, 4)(shown, expected);
    const isOwn = shown.index === String(expected.token);
    const score = operand(shown, isOwn ? names.selfMask : names.score);
    if (!isOwn) expect(operand(shown, 'q·k') / operand(shown, names.keyLength)).toBeCloseTo(score, 4);
    expect(Math.exp(score - operand(shown, figures['key-full'].lse))).toBeCloseTo(Number(shown.value), 4);
  },
  'missed-full': (shown, expected) => {
    close((index) => expected.missed.get(Number(index)), 4)(shown, expected);
    expect(Math.exp(operand(shown, names.score) - operand(shown, figures['key-full'].lse))).toBeCloseTo(
      Number(shown.value),
      4,
    );
  },
  'keys-seen': close((_, { seen }) => seen.size, 10),
  'token-captured': (shown, expected) => {
    close(() => expected.captured, 4)(shown, expected);
    const parts = shown.operands.map(([, value]) => numberIn(value));
    expect(parts.reduce((a, b) => a + b)).toBeCloseTo(Number(shown.value), 4);
  },
  'next-probability': ({ operands, value }) => {
    const of = (name: string) => numberIn(operands.find(([label]) => label === name)?.[1] ?? 'none');
    const { exponential, sum } = figures['next-probability'].operands;
    expect(of(exponential) / of(sum)).toBeCloseTo(Number(value), 5);
  },
  'curve-error': close((index, expected) => point(index, expected)?.error, 3),
  'curve-captured': close((index, expected) => point(index, expected)?.captured, 4),
  'bucket-size': close((index, { sizes }) => sizes[Number(index)], 10),
  'step-milliseconds': isTime,
  'lost-share': close((index, expected) => point(index, expected)?.lost[index.split(' ')[1] as 'chunkEdge'], 4),
  'captured-share': close((index, expected) => point(index, expected)?.captured, 4),
  'legend-share': close((index, { curve }) => {
    const last = curve[curve.length - 1];
    return index === 'captured' ? last.captured : last.lost[index as 'chunkEdge'];
  }, 4),
  'missed-cause': ({ value, index }, { placement, settings, token }) =>
    expect(value).toBe(
      causeOf(placementOfToken(placement, token), placementOfToken(placement, Number(index)), settings),
    ),
  'missed-bucket': close((index, expected) => inRound(index, expected).key.bucket, 10),
  'missed-query-bucket': close((index, expected) => inRound(index, expected).query.bucket, 10),
  'missed-distance': close((index, expected) => {
    const { key, query } = inRound(index, expected);
    return Math.abs(key.rank - query.rank);
  }, 10),
  'missed-chunk': close((index, expected) => {
    const { key, chunk } = inRound(index, expected);
    return Math.floor(key.rank / chunk);
  }, 10),
  'missed-query-chunk': close((index, expected) => {
    const { query, chunk } = inRound(index, expected);
    return Math.floor(query.rank / chunk);
  }, 10),
  // A and B are the same setting here. compare.test.ts compares different settings.
  compared: (shown, expected) => {
    const [what, side] = shown.index.split(' ');
    if (what === 'milliseconds') isTime(shown, expected);
    else if (side === 'difference') expect(Number(shown.value)).toBe(0);
    else expect(Number(shown.value), shown.index).toBeCloseTo(comparedNumbers(expected)[what] ?? Number.NaN, 3);
  },
  'activation-bytes': (shown) => {
    // All rows except Table 3's add up to the number. Each is rounded to a tenth of its unit.
    const buffers = shown.operands.filter(([name]) => name !== figures['activation-bytes'].table3);
    expect(buffers).toHaveLength(shown.operands.length - 1);
    const parts = buffers.map(([, text]) => bytesIn(text));
    const sum = parts.reduce((a, b) => a + b);
    expect(Math.abs(sum / Number(shown.value) - 1), shown.index).toBeLessThan(0.02);
  },
  // At phase 3, two attention layers keep bucket ids: 4 bytes for each of 16 sequences, 4 heads, 4 rounds, 16 tokens.
  'kept-bytes': ({ value }) => expect(Number(value)).toBe(2 * 4 * 16 * 4 * 4 * 16),
  'shared-bytes': (shown) => {
    const sum = shown.operands.reduce((total, [, text]) => total + bytesIn(text), 0);
    expect(Math.abs(sum / Number(shown.value) - 1)).toBeLessThan(0.02);
  },
  drift: ({ value }) => {
    expect(Number(value)).toBeGreaterThan(0);
    expect(Number(value)).toBeLessThan(1e-4);
  },
  flipped: ({ value }) => expect(Number(value)).toBeLessThan(0.02),
  // layers.test.ts compares losses and accuracies with the CPU engine's. Here the operands must give the number.
  loss: (shown) => expect(operand(shown, figures.loss.perplexity)).toBeCloseTo(Math.exp(Number(shown.value)), 2),
  accuracy: (shown) =>
    expect(operand(shown, figures.accuracy.correct) / operand(shown, names.predicted)).toBeCloseTo(
      Number(shown.value),
      6,
    ),
  'text-loss': (shown) => {
    if (shown.index !== 'model') return;
    const { perToken, bytesPerToken } = figures['text-loss'].operands;
    expect(operand(shown, perToken) / operand(shown, bytesPerToken)).toBeCloseTo(Number(shown.value), 4);
  },
  'sweep-error': both(isMean, isExperiment),
  'sweep-captured': both(isMean, isExperiment),
  'sweep-milliseconds': both(isMean, isTime),
  'trial-error': isExperiment,
  'trial-captured': isExperiment,
  'trial-slots': both(isProduct(3), isExperiment),
  'trial-milliseconds': isTime,
  'trial-changed': (shown, expected) => {
    isExperiment(shown, expected);
    expect(
      operand(shown, experimentWords.future.changedRows) / operand(shown, experimentWords.future.rows),
    ).toBeCloseTo(Number(shown.value), 5);
  },
  'trial-largest': isExperiment,
  'trial-edge-error': isExperiment,
  'trial-multiply-adds': both(isProduct(4), isExperiment),
  'trial-hash-milliseconds': isTime,
  'trial-crowded': isExperiment,
  'trial-own-score': isExperiment,
  'trial-own-weight': isExperiment,
  // 12 layers of width 1024, feed-forward 4096, 8 heads; a query meets 128 keys in one round; 4 bytes a number.
  'table3-bytes': ({ index, value }) => {
    const [curve, tokens] = index.split(' ');
    const n = Number(tokens);
    const layer = { standard: Math.max(4096 * n, 8 * n * n) * 12, reversible: Math.max(1024 * n, 8 * n * n) };
    const numbers: Record<string, number> = { ...layer, reformer: Math.max(1024 * n, 8 * n * 128) };
    expect(Number(value), index).toBe(4 * numbers[curve]);
  },
  'table3-tokens': ({ index, value }) => {
    const limit: Record<string, number> = {
      standard: Math.sqrt(16e9 / (4 * 8 * 12)),
      reversible: Math.sqrt(16e9 / (4 * 8)),
      reformer: 16e9 / (4 * 1024),
    };
    expect(Number(value), index).toBe(Math.floor(limit[index]));
  },
};

/** The kinds that each test finds on the page. */
const kindsIn = {
  attention: [
    'bucket',
    'bucket-size',
    'captured-share',
    'chunk',
    'compared',
    'curve-captured',
    'curve-error',
    'key-full',
    'key-weight',
    'keys-seen',
    'legend-share',
    'lost-share',
    'missed-bucket',
    'missed-cause',
    'missed-chunk',
    'missed-distance',
    'missed-full',
    'missed-query-bucket',
    'missed-query-chunk',
    'round-weight',
    'step-milliseconds',
    'token-captured',
  ],
  words: ['next-probability'],
  ownText: ['text-loss'],
  sphere: ['hash-dot'],
  play: ['chunk-place', 'rank'],
  layers: ['accuracy', 'activation-bytes', 'drift', 'flipped', 'kept-bytes', 'loss', 'shared-bytes'],
  lecture: ['table3-bytes', 'table3-tokens'],
  dialogs: [
    'sweep-captured',
    'sweep-error',
    'sweep-milliseconds',
    'trial-captured',
    'trial-changed',
    'trial-crowded',
    'trial-edge-error',
    'trial-error',
    'trial-hash-milliseconds',
    'trial-largest',
    'trial-milliseconds',
    'trial-multiply-adds',
    'trial-own-score',
    'trial-own-weight',
    'trial-slots',
  ],
} as const satisfies Record<string, readonly (keyof typeof kinds)[]>;

/** Checks all numbers, and that they are of all these kinds. */
function expectAll(all: Shown[], expected: Expected | undefined, expectedKinds: readonly string[]): void {
  expect([...new Set(all.map(({ kind }) => kind))].sort()).toEqual([...expectedKinds].sort());
  for (const shown of all) {
    expect(shown.title, `${shown.kind} ${shown.index} has no explanation`).not.toBe('');
    expect(excess(shown), shown.kind).toBeLessThanOrEqual(0);
    checks[shown.kind as keyof typeof checks](shown, expected as Expected);
  }
}

test('every number of the attention view has an explanation and equals the CPU engine’s', async ({ open }) => {
  const query = '?n=200&buckets=4&rounds=3&lookBack=0&token=150';
  const { page } = await open(query, { width: 1440, height: 900 });
  await press(page, 'compare');
  await evalAll(page, '[data-kind="missed-cause"]', (buttons) => {
    for (const button of buttons) if (button.getAttribute('aria-expanded') === 'false') (button as HTMLElement).click();
  });
  await waitFor(page, () => document.querySelector('[data-kind="missed-distance"][tabindex]') !== null);
  // A hovered number opens its card. All others are read by focus.
  await page.hover('[data-kind="key-weight"]');
  await page.waitForSelector('#explain:popover-open');
  await shot(page, 'explained');
  expectAll(await explained(page), expectedFor(query), kindsIn.attention);
  await page.keyboard.press('Escape');
  expect(await page.$('#explain:popover-open')).toBeNull();
  // The card's button opens the kernel's source.
  await page.focus('[data-kind="bucket"]');
  await page.evaluate(() => (document.querySelector('#explain .origin button') as HTMLElement).click());
  expect(await evalOne(page, '#source[open] pre', (text) => text.textContent)).toContain('fn main');
  await page.keyboard.press('Escape');
  expect(await page.$('#source[open]')).toBeNull();
  // In a table, arrow keys move between numbers and do not select another token.
  await page.focus('[data-kind="bucket"]');
  await page.keyboard.press('ArrowRight');
  expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.kind)).toBe('chunk');
  expect(await linkOf(page)).toContain('token=150');
});

test('the probabilities of the next words have explanations that give them', async ({ open }) => {
  const { page } = await open('?input=text&temperature=0.5&topK=20', { width: 1440, height: 900 });
  await waitFor(page, () => document.querySelector('[data-kind="next-probability"][tabindex]') !== null);
  const all = (await explained(page)).filter(({ kind }) => kind === 'next-probability');
  expect(all).toHaveLength(10);
  expectAll(all, undefined, kindsIn.words);
});

test.for(['', '&d=3&input=sphere&buckets=4,6'])(
  'the dot products beside the sphere have explanations that add up (link with "%s")',
  async (more, { open }) => {
    const { page } = await open(`?scene=sphere&turn=40${more}`, { width: 1440, height: 900 });
    await waitFor(page, () => document.querySelector('[data-kind="hash-dot"][tabindex]') !== null);
    const all = (await explained(page)).filter(({ kind }) => kind === 'hash-dot');
    expect(all).toHaveLength(more ? 10 : 12);
    expectAll(all, undefined, kindsIn.sphere);
  },
);

test('every number of the layers view has an explanation that adds up', async ({ open }) => {
  const query = '?scene=tower&taskLength=16&layers=2&towerPhase=3';
  const { page } = await open(query, { width: 1440, height: 900 });
  await press(page, 'step');
  await waitFor(
    page,
    () =>
      ['drift', 'flipped', 'loss'].every((kind) => document.querySelector(`[data-kind="${kind}"]`)) &&
      document.querySelectorAll('[data-kind="accuracy"]').length >= 1,
  );
  expectAll(await explained(page), undefined, kindsIn.layers);
});

test('every number of the chart of 16 GB has an explanation and equals the formula, wherever its slider stands', async ({
  open,
}) => {
  const { page } = await open('?step=09.1', { width: 1440, height: 900 });
  const tokens: string[] = [];
  for (const press of [0, 1, 2]) {
    if (press) await page.click('#figure .acts button');
    await waitFor(page, () => document.querySelector('#figure [data-kind][tabindex]') !== null);
    const all = await explained(page, '#figure');
    expectAll(all, undefined, kindsIn.lecture);
    expect(all).toHaveLength(6);
    for (const { kind, index } of all) if (kind === 'table3-bytes') tokens.push(index);
  }
  expect(new Set(tokens).size).toBe(9);
  await shot(page, 'memory-line');
});

test.for(['?input=twins&theme=light', '?n=100&chunk=12&rounds=3&token=70&round=2&buckets=6&lookAhead=1'])(
  'at every mark, the numbers beside the followed token are the plain engine’s and explained: %s',
  async (query, { open }) => {
    const byPhase: [number, readonly string[]][] = [
      [2, ['bucket', 'hash-dot']],
      [3, ['rank']],
      [4, ['chunk', 'chunk-place']],
      [5, ['key-weight']],
      [5.9, ['round-weight']],
    ];
    for (const [phase, expectedKinds] of byPhase) {
      const link = `${query}&phase=${phase}`;
      const { page } = await open(link);
      await page.waitForSelector('#follow [data-kind]');
      expectAll(await explained(page, '#follow'), expectedFor(link), expectedKinds);
      await page.close();
    }
  },
);

test('every number of the rounds sweep and of the experiments has an explanation that adds up', async ({ open }) => {
  const { page } = await open(dialogsQuery, { width: 1440, height: 900 });
  await press(page, 'sweep');
  await page.waitForSelector('#sweep[data-state="ready"]');
  await page.waitForSelector('#sweep [data-kind][tabindex]');
  const sweep = await explained(page, '#sweep');
  await page.keyboard.press('Escape');
  expect(await page.$('#explain:popover-open')).toBeNull();
  expect(await page.$('#sweep[open]')).not.toBeNull();
  await page.keyboard.press('Escape');
  await press(page, 'experiments');
  await page.waitForSelector('#experiments[open] details');
  const count = await evalAll(page, '#experiments details', (all) => {
    for (const one of all) one.open = true;
    return all.length;
  });
  await waitFor(
    page,
    (all) => document.querySelectorAll('#experiments details[data-state="ready"]').length === all,
    count,
  );
  await waitFor(page, () => !document.querySelector('#experiments table:not(:has([tabindex]))'));
  expectAll([...sweep, ...(await explained(page, '#experiments'))], undefined, kindsIn.dialogs);
});

test('the views and dialogs together show every declared kind of number', () => {
  expect([...new Set(Object.values(kindsIn).flat())].sort()).toEqual(Object.keys(kinds).sort());
});
