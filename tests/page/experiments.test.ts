import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { rowsApart, withOtherFuture } from '../../src/algorithm/causality';
import { relativeError, roundsCurve } from '../../src/algorithm/fidelity';
import { fullAttention } from '../../src/algorithm/full';
import { bucketSizes, rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { lshAttention } from '../../src/algorithm/lsh';
import {
  crowdedShare,
  errorOfRows,
  firstChunkTokens,
  largestBucket,
  ownWeights,
  spread,
} from '../../src/algorithm/statistics';
import { dialogs } from '../../src/language/dialogs';
import { experiments } from '../../src/language/experiments';
import type { State } from '../../src/state/schema';
import { applyChange, fromQuery, settingsOf, shapeOf } from '../../src/state/state';
import { closePages, evalOne, openBrowser, openPage, shot, waitFor, waitIdle } from './browser';
import { expectedFor, press, setControl, shownNumbers } from './reformer';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() => closePages(browser));

/** Inputs of the plain engine for a link and a change. `seed` replaces the seed of the directions only. */
function inputsOf(query: string, change: Partial<State> = {}, seed?: number) {
  const state = applyChange(fromQuery(query).state, change);
  const shape = shapeOf(state);
  const settings = settingsOf(state);
  const vectors = twins(shape, state);
  const input = { ...vectors, rotations: rotations(shape, settings, seed ?? state.seed) };
  const sizesOf = (buckets: Int32Array) =>
    Array.from({ length: settings.rounds }, (_, r) =>
      bucketSizes(buckets.subarray(r * shape.n, (r + 1) * shape.n), settings),
    );
  return { state, shape, settings, vectors, input, sizesOf };
}

const lastPoint = (query: string, change: Partial<State> = {}) => {
  const { input, settings } = inputsOf(query, change);
  return roundsCurve(input, settings).at(-1);
};

/** Collects the files that the page offers in `globalThis.files`. Runs in the page. */
function keepFiles(): void {
  const files: { name: string; blob: Blob }[] = [];
  Object.assign(globalThis, { files });
  const blobs = new Map<string, Blob>();
  const { createObjectURL } = URL;
  URL.createObjectURL = (blob: Blob) => {
    const address = createObjectURL.call(URL, blob);
    blobs.set(address, blob);
    return address;
  };
  HTMLAnchorElement.prototype.click = function () {
    files.push({ name: this.download, blob: blobs.get(this.href) as Blob });
  };
}

/** Name, type and content of the file that the page offers when a button is pressed. */
async function fileFrom(page: Page, button: string) {
  await page.click(button);
  await waitFor(page, () => (globalThis as unknown as { files: unknown[] }).files.length > 0);
  return page.evaluate(async () => {
    const { name, blob } = (globalThis as unknown as { files: { name: string; blob: Blob }[] }).files.pop() as {
      name: string;
      blob: Blob;
    };
    const text = blob.type === 'image/png' ? '' : await blob.text();
    const size = blob.type === 'text/csv' ? undefined : await pictureSize(blob);
    return { name, type: blob.type, text, size };

    async function pictureSize(picture: Blob) {
      const image = new Image();
      image.src = URL.createObjectURL(picture);
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set<number>();
      for (let i = 0; i < data.length; i += 4) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
      return { width: canvas.width, height: canvas.height, colours: colours.size };
    }
  });
}

test('the sweep shows the plain engine’s means over seeds, offers files that need no style sheet, and stops when it is closed', async () => {
  const query = '?n=64&rounds=2';
  const { page, errors } = await openPage(browser, query, { width: 1440, height: 900, before: keepFiles });
  await waitIdle(page);
  await press(page, 'sweep');
  await page.waitForSelector('#sweep[data-state="ready"]', { timeout: 90_000 });
  const seeds = [5, 6, 7, 8, 9];
  const curves = seeds.map((seed) => {
    const { input, settings } = inputsOf(query, { rounds: 16 }, seed);
    return roundsCurve(input, settings);
  });
  const error = await shownNumbers(page, 'sweep-error');
  const captured = await shownNumbers(page, 'sweep-captured');
  expect(error.size).toBe(16);
  for (let k = 0; k < 16; k++) {
    expect(error.get(String(k + 1))).toBeCloseTo(spread(curves.map((curve) => curve[k].error)).mean, 3);
    expect(captured.get(String(k + 1))).toBeCloseTo(spread(curves.map((curve) => curve[k].captured)).mean, 4);
  }
  const times = await shownNumbers(page, 'sweep-milliseconds');
  expect([...times.keys()].sort((a, b) => Number(a) - Number(b))).toEqual(['1', '2', '4', '8', '16']);
  for (const time of times.values()) expect(time).toBeGreaterThan(0);
  await shot(page, 'sweep');

  const csv = await fileFrom(page, '#sweep .csv');
  const rows = csv.text
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
  const { file, columns, quantities } = dialogs.sweep;
  expect(csv.name).toBe(`${file}.csv`);
  expect(rows[0]).toEqual([columns.seed, columns.rounds, columns.error, columns.captured, columns.milliseconds]);
  expect(rows).toHaveLength(1 + 5 * 16);
  for (const [seed, rounds, value] of rows.slice(1))
    expect(Number(value)).toBeCloseTo(curves[seeds.indexOf(Number(seed))][Number(rounds) - 1].error, 3);
  const box = await evalOne(page, '#sweep svg', (svg) => {
    const { width, height } = svg.getBoundingClientRect();
    return { width: Math.round(width), height: Math.round(height) };
  });
  const svg = await fileFrom(page, '#sweep .svg');
  expect(svg.type).toBe('image/svg+xml');
  expect(svg.text).not.toMatch(/ class=|var\(| style=/);
  expect(svg.text).toContain(quantities.error);
  expect(svg.size).toMatchObject(box);
  expect(svg.size?.colours).toBeGreaterThan(50);
  const png = await fileFrom(page, '#sweep .png');
  expect(png.size).toMatchObject({ width: 2 * box.width, height: 2 * box.height });
  expect(png.size?.colours).toBeGreaterThan(50);

  await page.keyboard.press('Escape');
  // Closing the dialog stops the sweep, and the page still computes.
  await press(page, 'sweep');
  await page.keyboard.press('Escape');
  await setControl(page, 'rounds', '3');
  await waitIdle(page);
  const curve = await shownNumbers(page, 'curve-error');
  for (const point of expectedFor('?n=64&rounds=3').curve)
    expect(curve.get(String(point.rounds))).toBeCloseTo(point.error, 3);
  expect(errors).toEqual([]);
});

/** Opens experiments in order, and waits for the result of each. */
async function openExperiments(page: Page, ids: string[]): Promise<void> {
  for (const id of ids) {
    await page.waitForSelector(`#experiment-${id} summary`);
    await page.click(`#experiment-${id} summary`);
    await page.waitForSelector(`#experiment-${id}[data-state="ready"]`, { timeout: 90_000 });
  }
}

/** Expects the plain engine's share of earlier rows that move by more than 10⁻⁵ of their length, within the shares for half and for twice 10⁻⁵. */
function expectMovedShare(share: number | undefined, query: string, change: Partial<State>): void {
  const { shape, settings, vectors, input, state } = inputsOf(query, { ...change, causal: true });
  const first = shape.n - Math.floor(shape.n / 4);
  const other = { ...withOtherFuture(vectors, first, state.seed), rotations: input.rotations };
  const [before, after] = [input, other].map((vectors) => lshAttention(vectors, settings).out);
  const shareBeyond = (tolerance: number) => rowsApart(after, before, shape, first, tolerance) / first;
  expect(share).toBeGreaterThanOrEqual(shareBeyond(2e-5) - 1e-9);
  expect(share).toBeLessThanOrEqual(shareBeyond(5e-6) + 1e-9);
}

test('the experiments show the plain engine’s numbers, and a button shows a side of an experiment on the page', async () => {
  const query = '?n=64&rounds=3';
  const { page, errors } = await openPage(browser, query, { width: 1440, height: 900 });
  await waitIdle(page);
  await press(page, 'experiments');
  expect(await page.$$('#experiments [data-kind]')).toEqual([]);
  await openExperiments(page, ['repeats', 'future', 'wrap', 'factors', 'overflow', 'lookback', 'self', 'presets']);
  await shot(page, 'experiments');

  const error = await shownNumbers(page, 'trial-error');
  const captured = await shownNumbers(page, 'trial-captured');
  const expected = new Map<string, number | undefined>();
  for (const duplicates of ['divided', 'counted'] as const) {
    const { input, settings } = inputsOf(query, { duplicates, rounds: 16 });
    for (const point of roundsCurve(input, settings))
      expected.set(`repeats ${duplicates} ${point.rounds}`, point.error);
  }
  const sides: [string, Partial<State>][] = [
    ['factors 16', { buckets: '16' }],
    ['factors 4,4', { buckets: '4,4' }],
    ...[4, 8, 16, 32, 64].map((count): [string, Partial<State>] => [`overflow ${count}`, { buckets: String(count) }]),
    ...[0, 1, 2].map((lookBack): [string, Partial<State>] => [`lookback look-back ${lookBack}`, { lookBack }]),
    ...(['paper', 'trax', 'lucidrains'] as const).map((preset): [string, Partial<State>] => [
      `presets ${preset}`,
      { preset },
    ]),
  ];
  for (const [index, change] of sides) {
    const point = lastPoint(query, change);
    expected.set(index, point?.error);
    expect(captured.get(index), index).toBeCloseTo(point?.captured ?? Number.NaN, 4);
  }
  expect(captured.size).toBe(sides.length);
  const edge = await shownNumbers(page, 'trial-edge-error');
  expect(edge.size).toBe(4);
  for (const bucketMask of [true, false]) {
    for (const wrap of [true, false]) {
      const { input, settings, shape } = inputsOf(query, { bucketMask, wrap });
      const { out, order } = lshAttention(input, settings);
      const full = fullAttention(input, settings).out;
      const index = `wrap ${bucketMask ? 'masked' : 'open'} ${wrap ? 'wrapped' : 'unwrapped'}`;
      expected.set(index, relativeError(out, full));
      const rows = firstChunkTokens(order, shape, settings);
      expect(edge.get(index), index).toBeCloseTo(errorOfRows(out, full, rows, shape.d), 3);
    }
  }
  expect([...error.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [index, value] of expected) expect(error.get(index), index).toBeCloseTo(value ?? Number.NaN, 3);

  const changes = await shownNumbers(page, 'trial-changed');
  for (const rounds of [1, 4, 8]) {
    expectMovedShare(changes.get(`future masked ${rounds}`), query, { bucketMask: true, rounds });
    const open = changes.get(`future open ${rounds}`);
    expectMovedShare(open, query, { bucketMask: false, rounds });
    expect(open).toBeGreaterThan(0.5);
  }
  const crowded = await shownNumbers(page, 'trial-crowded');
  const largest = await shownNumbers(page, 'trial-largest');
  for (const count of [4, 8, 16, 32, 64]) {
    const { input, settings, sizesOf } = inputsOf(query, { buckets: String(count) });
    const sizes = sizesOf(lshAttention(input, settings).buckets);
    expect(crowded.get(`overflow ${count}`)).toBeCloseTo(crowdedShare(sizes, 16), 6);
    expect(largest.get(`overflow ${count}`)).toBe(largestBucket(sizes));
  }
  const { input, settings, shape, vectors } = inputsOf(query);
  const ownWeight = ownWeights(vectors.qk, fullAttention(input, settings).lse, shape, settings);
  const weights = await shownNumbers(page, 'trial-own-weight');
  expect(weights.get('self masked')).toBeCloseTo(ownWeight.masked.weight, 6);
  expect(weights.get('self open')).toBeCloseTo(ownWeight.open.weight, 5);
  expect((await shownNumbers(page, 'trial-multiply-adds')).get('factors 4,4')).toBe(64 * 16 * 3 * 4);
  expect((await shownNumbers(page, 'trial-slots')).get('lookback look-back 2')).toBe(3 * 8 * 3);

  await page.click('#experiment-presets tr:nth-child(2) button');
  await waitIdle(page);
  expect(await page.$('#experiments[open]')).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(new URL(page.url()).search).toContain('preset=trax');
  expect((await shownNumbers(page, 'curve-error')).get('3')).toBeCloseTo(
    lastPoint(query, { preset: 'trax' })?.error ?? 0,
    3,
  );
  expect(errors).toEqual([]);
});

test('the experiment on later tokens finds more than half of the earlier rows changed in trax, and none in the paper’s convention', async () => {
  const query = '?n=1024&d=16&chunk=64&preset=trax&rounds=1&scene=matrix';
  const { page, errors } = await openPage(browser, query, { width: 1000, height: 700 });
  await waitIdle(page);
  const experiment = async () => {
    await press(page, 'experiments');
    await openExperiments(page, ['future']);
    return { shares: await shownNumbers(page, 'trial-changed'), largest: await shownNumbers(page, 'trial-largest') };
  };
  const trax = await experiment();
  expect(trax.shares.get('future open 4')).toBeGreaterThan(0.5);
  expectMovedShare(trax.shares.get('future open 4'), query, { rounds: 4 });
  await page.keyboard.press('Escape');
  // In the paper's convention, with so many buckets that none is larger than a chunk.
  await setControl(page, 'preset', 'paper');
  await setControl(page, 'n', '256');
  await setControl(page, 'buckets', '32');
  await waitIdle(page);
  const paper = await experiment();
  expect(paper.largest.get('future masked')).toBeLessThanOrEqual(65);
  for (const rounds of [1, 4, 8]) expect(paper.shares.get(`future masked ${rounds}`)).toBe(0);
  const finding = experiments.future.finding(
    { last: '64', tokens: '256', causal: true },
    { open: '<open>', masked: '0 %' },
  );
  const shown = await evalOne(page, '#experiment-future .finding', ({ textContent }) => textContent);
  for (const words of finding.join('').split('<open>')) expect(shown).toContain(words);
  expect(errors).toEqual([]);
});
