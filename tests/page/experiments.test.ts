import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { dialogs } from '../../src/language/dialogs';
import { experiments } from '../../src/language/experiments';
import { coloursOf, readPng } from '../support/pictures';
import { evalAll, evalOne, linkOf, shot, waitIdle } from './browser';
import { curveOf, expectedExperiments, expectMovedShare, sweepCurves } from './experiment-numbers';
import { test } from './fixture';
import { drawSvg, offeredFile, paintsOf } from './offered-files';
import { expectedFor, press, setControl, shownNumbers } from './reformer';

/** Expects the page to show just the plain engine's numbers of these kinds. */
async function expectNumbers(page: Page, query: string, kinds: RegExp): Promise<void> {
  const expected = [...expectedExperiments(query)].filter(([name]) => kinds.test(name));
  const shown = await evalAll(page, '[data-kind]', (elements) =>
    elements.map((element): [string, number] => {
      const { kind, index, value } = (element as HTMLElement | SVGElement).dataset;
      return [`${kind} ${index}`, Number(value)];
    }),
  ).then((entries) => new Map(entries.filter(([name]) => kinds.test(name))));
  expect([...shown.keys()].sort()).toEqual(expected.map(([name]) => name).sort());
  for (const [name, [least, most]] of expected) {
    expect(shown.get(name), name).toBeGreaterThanOrEqual(least);
    expect(shown.get(name), name).toBeLessThanOrEqual(most);
  }
}

test('the sweep shows the plain engine’s means over seeds, offers files that need no style sheet, and stops when it is closed', async ({
  open,
}) => {
  const query = '?n=64&rounds=2';
  const { page } = await open(query, { width: 1440, height: 900 });
  await press(page, 'sweep');
  await page.waitForSelector('#sweep[data-state="ready"]');
  await expectNumbers(page, query, /^sweep-(error|captured)/);
  const times = await shownNumbers(page, 'sweep-milliseconds');
  expect([...times.keys()].sort((a, b) => Number(a) - Number(b))).toEqual(['1', '2', '4', '8', '16']);
  expect(Math.min(...times.values())).toBeGreaterThan(0);
  await shot(page, 'sweep');

  const fileFrom = (button: string) => offeredFile(page, () => page.click(button));
  const csv = await fileFrom('#sweep .csv');
  const rows = csv.bytes
    .toString()
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
  const { file, columns, quantities } = dialogs.sweep;
  expect(csv.name).toBe(`${file}.csv`);
  expect(rows[0]).toEqual([columns.seed, columns.rounds, columns.error, columns.captured, columns.milliseconds]);
  expect(rows).toHaveLength(1 + 5 * 16);
  const curves = sweepCurves(query);
  for (const [seed, rounds, value] of rows.slice(1)) {
    const point = curves.get(Number(seed))?.[Number(rounds) - 1];
    expect(Number(value)).toBeCloseTo(point?.error ?? Number.NaN, 3);
  }
  const box = await evalOne(page, '#sweep svg', (svg) => {
    const { width, height } = svg.getBoundingClientRect();
    return { width: Math.round(width), height: Math.round(height) };
  });
  const svg = await fileFrom('#sweep .svg');
  expect(svg.type).toBe('image/svg+xml');
  const text = svg.bytes.toString();
  expect(text).not.toMatch(/ class=|var\(| style=/);
  expect(text).toContain(quantities.error);
  const alone = await drawSvg(page, text);
  expect(alone).toMatchObject(box);
  const png = await fileFrom('#sweep .png');
  const large = readPng(png.bytes);
  expect(large).toMatchObject({ width: 2 * box.width, height: 2 * box.height });
  // Each panel draws its means in a colour of its own.
  const paints = await paintsOf(page, '#sweep svg .curve', 'stroke');
  expect(paints).toHaveLength(3);
  for (const picture of [alone, large]) {
    const colours = coloursOf(picture);
    for (const paint of paints) expect(colours.get(paint), paint).toBeGreaterThan(20);
  }

  await page.keyboard.press('Escape');
  // Closing the dialog stops the sweep, and the page still computes.
  await press(page, 'sweep');
  await page.keyboard.press('Escape');
  await setControl(page, 'rounds', '3');
  await waitIdle(page);
  const curve = await shownNumbers(page, 'curve-error');
  for (const point of expectedFor('?n=64&rounds=3').curve)
    expect(curve.get(String(point.rounds))).toBeCloseTo(point.error, 3);
});

/** Opens experiments in order, and waits for the result of each. */
async function openExperiments(page: Page, ids: string[]): Promise<void> {
  for (const id of ids) {
    await page.waitForSelector(`#experiment-${id} summary`);
    await page.click(`#experiment-${id} summary`);
    await page.waitForSelector(`#experiment-${id}[data-state="ready"]`);
  }
}

test('the experiments show the plain engine’s numbers, and a button shows a side of an experiment on the page', async ({
  open,
}) => {
  const query = '?n=64&rounds=3';
  const { page } = await open(query, { width: 1440, height: 900 });
  await press(page, 'experiments');
  expect(await page.$$('#experiments [data-kind]')).toEqual([]);
  await openExperiments(page, ['repeats', 'future', 'wrap', 'factors', 'overflow', 'lookback', 'self', 'presets']);
  await shot(page, 'experiments');

  await expectNumbers(page, query, /^trial-(?!.*milliseconds)/);
  const changes = await shownNumbers(page, 'trial-changed');
  for (const rounds of [1, 4, 8]) expect(changes.get(`future open ${rounds}`)).toBeGreaterThan(0.5);

  await page.click('#experiment-presets tr:nth-child(2) button');
  await waitIdle(page);
  expect(await page.$('#experiments[open]')).toBeNull();
  expect(await linkOf(page)).toContain('preset=trax');
  expect((await shownNumbers(page, 'curve-error')).get('3')).toBeCloseTo(
    curveOf(query, { preset: 'trax' })[2].error,
    3,
  );
});

test('the experiment on later tokens finds more than half of the earlier rows changed in trax, and none in the paper’s convention', async ({
  open,
}) => {
  const query = '?n=1024&d=16&chunk=64&preset=trax&rounds=1&scene=matrix';
  const { page } = await open(query, { width: 1000, height: 700 });
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
});
