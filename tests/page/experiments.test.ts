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
import type { State } from '../../src/state/schema';
import { changed, fromQuery, settingsOf, shapeOf } from '../../src/state/state';
import { closePages, evalOne, openBrowser, openPage, shot, waitFor, waitIdle } from './browser';
import { expectedFor, press, setControl, shownNumbers } from './reformer';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() => closePages(browser));

/** What the core computes for a link and a change; `seed` is for the directions alone. */
function core(query: string, change: Partial<State> = {}, seed?: number) {
  const state = changed(fromQuery(query).state, change);
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

const last = (query: string, change: Partial<State> = {}) => {
  const { input, settings } = core(query, change);
  return roundsCurve(input, settings).at(-1);
};

/** Keeps what is offered as a file: `window.files`. */
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

/** What is said of a file that the page offers when a button is pressed. */
async function fileFrom(page: Page, button: string) {
  await page.click(button);
  await waitFor(page, () => (globalThis as unknown as { files: unknown[] }).files.length > 0);
  return page.evaluate(async () => {
    const { name, blob } = (globalThis as unknown as { files: { name: string; blob: Blob }[] }).files.pop() as {
      name: string;
      blob: Blob;
    };
    const text = blob.type === 'image/png' ? '' : await blob.text();
    const size = text.startsWith('seed') ? undefined : await pictureSize(blob);
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

test('the sweep: means over seeds are the core’s, files stand alone, and the page goes on as before', async () => {
  const query = '?n=64&rounds=2';
  const { page, errors } = await openPage(browser, query, { width: 1440, height: 900, before: keepFiles });
  await waitIdle(page);
  await press(page, 'sweep');
  await page.waitForSelector('#sweep[data-state="ready"]', { timeout: 90_000 });
  const seeds = [5, 6, 7, 8, 9];
  const curves = seeds.map((seed) => {
    const { input, settings } = core(query, { rounds: 16 }, seed);
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
  expect(csv.name).toBe('hash-rounds.csv');
  expect(rows[0]).toEqual(['seed', 'rounds', 'error', 'captured', 'milliseconds']);
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
  expect(svg.text).toContain('Error against full attention');
  expect(svg.size).toMatchObject(box);
  expect(svg.size?.colours).toBeGreaterThan(50);
  const png = await fileFrom(page, '#sweep .png');
  expect(png.size).toMatchObject({ width: 2 * box.width, height: 2 * box.height });
  expect(png.size?.colours).toBeGreaterThan(50);

  await page.keyboard.press('Escape');
  // Closed in the middle, it stops; the page computes on.
  await press(page, 'sweep');
  await page.keyboard.press('Escape');
  await setControl(page, 'rounds', '3');
  await waitIdle(page);
  const curve = await shownNumbers(page, 'curve-error');
  for (const point of expectedFor('?n=64&rounds=3').curve)
    expect(curve.get(String(point.rounds))).toBeCloseTo(point.error, 3);
  expect(errors).toEqual([]);
});

/** Unfolds experiments, one after the other. */
async function unfold(page: Page, ids: string[]): Promise<void> {
  for (const id of ids) {
    await page.waitForSelector(`#experiment-${id} summary`);
    await page.click(`#experiment-${id} summary`);
    await page.waitForSelector(`#experiment-${id}[data-state="ready"]`, { timeout: 90_000 });
  }
}

/** Expects a share of earlier rows to have moved by 10⁻⁵ of their length as in the core, give or take rows that move by half or twice as much. */
function expectMoved(share: number | undefined, query: string, change: Partial<State>): void {
  const { shape, settings, vectors, input, state } = core(query, { ...change, causal: true });
  const first = shape.n - Math.floor(shape.n / 4);
  const other = { ...withOtherFuture(vectors, first, state.seed), rotations: input.rotations };
  const [before, after] = [input, other].map((given) => lshAttention(given, settings).out);
  const beyond = (tolerance: number) => rowsApart(after, before, shape, first, tolerance) / first;
  expect(share).toBeGreaterThanOrEqual(beyond(2e-5) - 1e-9);
  expect(share).toBeLessThanOrEqual(beyond(5e-6) + 1e-9);
}

test('the experiments’ numbers are the core’s, and a side of a switch is put into the page', async () => {
  const query = '?n=64&rounds=3';
  const { page, errors } = await openPage(browser, query, { width: 1440, height: 900 });
  await waitIdle(page);
  await press(page, 'experiments');
  expect(await page.$$('#experiments [data-kind]')).toEqual([]);
  await unfold(page, ['repeats', 'future', 'wrap', 'factors', 'overflow', 'lookback', 'self', 'presets']);
  await shot(page, 'experiments');

  const error = await shownNumbers(page, 'trial-error');
  const captured = await shownNumbers(page, 'trial-captured');
  const expected = new Map<string, number | undefined>();
  for (const duplicates of ['divided', 'counted'] as const) {
    const { input, settings } = core(query, { duplicates, rounds: 16 });
    for (const point of roundsCurve(input, settings))
      expected.set(`repeats ${duplicates} ${point.rounds}`, point.error);
  }
  const compared: [string, Partial<State>][] = [
    ['factors flat, 16', { buckets: '16' }],
    ['factors factors 4 · 4', { buckets: '4,4' }],
    ...[4, 8, 16, 32, 64].map((count): [string, Partial<State>] => [
      `overflow ${count} buckets`,
      { buckets: String(count) },
    ]),
    ...[0, 1, 2].map((lookBack): [string, Partial<State>] => [`lookback look-back ${lookBack}`, { lookBack }]),
    ...(['paper', 'trax', 'lucidrains'] as const).map((preset): [string, Partial<State>] => [
      `presets ${preset}`,
      { preset },
    ]),
  ];
  for (const [index, change] of compared) {
    const point = last(query, change);
    expected.set(index, point?.error);
    expect(captured.get(index), index).toBeCloseTo(point?.captured ?? Number.NaN, 4);
  }
  expect(captured.size).toBe(compared.length);
  const edge = await shownNumbers(page, 'trial-edge-error');
  expect(edge.size).toBe(4);
  for (const bucketMask of [true, false]) {
    for (const wrap of [true, false]) {
      const { input, settings, shape } = core(query, { bucketMask, wrap });
      const { out, order } = lshAttention(input, settings);
      const full = fullAttention(input, settings).out;
      const name = `wrap ${bucketMask ? 'own bucket' : 'whole window'}, ${wrap ? 'wrapped' : 'not wrapped'}`;
      expected.set(name, relativeError(out, full));
      const rows = firstChunkTokens(order, shape, settings);
      expect(edge.get(name), name).toBeCloseTo(errorOfRows(out, full, rows, shape.d), 3);
    }
  }
  expect([...error.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [index, value] of expected) expect(error.get(index), index).toBeCloseTo(value ?? Number.NaN, 3);

  const changes = await shownNumbers(page, 'trial-changed');
  for (const rounds of [1, 4, 8]) {
    expectMoved(changes.get(`future own bucket only ${rounds}`), query, { bucketMask: true, rounds });
    const open = changes.get(`future the whole window ${rounds}`);
    expectMoved(open, query, { bucketMask: false, rounds });
    expect(open).toBeGreaterThan(0.5);
  }
  const crowded = await shownNumbers(page, 'trial-crowded');
  const largest = await shownNumbers(page, 'trial-largest');
  for (const count of [4, 8, 16, 32, 64]) {
    const { input, settings, sizesOf } = core(query, { buckets: String(count) });
    const sizes = sizesOf(lshAttention(input, settings).buckets);
    expect(crowded.get(`overflow ${count} buckets`)).toBeCloseTo(crowdedShare(sizes, 16), 6);
    expect(largest.get(`overflow ${count} buckets`)).toBe(largestBucket(sizes));
  }
  const { input, settings, shape, vectors } = core(query);
  const own = ownWeights(vectors.qk, fullAttention(input, settings).lse, shape, settings);
  const weights = await shownNumbers(page, 'trial-own-weight');
  expect(weights.get('self with the self mask')).toBeCloseTo(own.masked.weight, 6);
  expect(weights.get('self without')).toBeCloseTo(own.open.weight, 5);
  expect((await shownNumbers(page, 'trial-multiply-adds')).get('factors factors 4 · 4')).toBe(64 * 16 * 3 * 4);
  expect((await shownNumbers(page, 'trial-slots')).get('lookback look-back 2')).toBe(3 * 8 * 3);

  await page.click('#experiment-presets tr:nth-child(2) button');
  await waitIdle(page);
  expect(await page.$('#experiments[open]')).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(new URL(page.url()).search).toContain('preset=trax');
  expect((await shownNumbers(page, 'curve-error')).get('3')).toBeCloseTo(
    last(query, { preset: 'trax' })?.error ?? 0,
    3,
  );
  expect(errors).toEqual([]);
});

test('1024 tokens: a changed future moves more than half of the earlier rows in trax, none in the paper’s convention', async () => {
  const query = '?n=1024&d=16&chunk=64&preset=trax&rounds=1&scene=matrix';
  const { page, errors } = await openPage(browser, query, { width: 1000, height: 700 });
  await waitIdle(page);
  const experiment = async () => {
    await press(page, 'experiments');
    await unfold(page, ['future']);
    return { shares: await shownNumbers(page, 'trial-changed'), largest: await shownNumbers(page, 'trial-largest') };
  };
  const trax = await experiment();
  expect(trax.shares.get('future the whole window 4')).toBeGreaterThan(0.5);
  expectMoved(trax.shares.get('future the whole window 4'), query, { rounds: 4 });
  await page.keyboard.press('Escape');
  // The paper's, with chunks for which no bucket is too long.
  await setControl(page, 'preset', 'paper');
  await setControl(page, 'n', '256');
  await setControl(page, 'buckets', '32');
  await waitIdle(page);
  const paper = await experiment();
  expect(paper.largest.get('future own bucket only')).toBeLessThanOrEqual(65);
  for (const rounds of [1, 4, 8]) expect(paper.shares.get(`future own bucket only ${rounds}`)).toBe(0);
  expect(await evalOne(page, '#experiment-future .finding', (words) => words.textContent)).toContain(
    '0 % where it sees its own bucket only',
  );
  expect(errors).toEqual([]);
});
