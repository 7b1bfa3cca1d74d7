import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { charts } from '../../src/language/charts';
import { dialogs } from '../../src/language/dialogs';
import { themes } from '../../src/state/palette';
import { coloursOf, readPng } from '../support/pictures';
import { evalAll, evalOne, shot } from './browser';
import { test } from './fixture';
import { drawSvg, type OfferedFile, offeredFile, paintsOf } from './offered-files';
import { expectedFor, press } from './reformer';

const words = dialogs.export;

/** Presses a button of the dialog and returns the file that the page offers. */
const exportFile = (page: Page, name: string, format: string): Promise<OfferedFile> =>
  offeredFile(page, () =>
    evalAll(
      page,
      '#export li button',
      (buttons, label) => buttons.find(({ ariaLabel }) => ariaLabel === label)?.dispatchEvent(new Event('click')),
      words.button(name, format),
    ).then(() => {}),
  );

test('the export dialog offers the stage, the charts and the numbers as files that show what the page shows', async ({
  open,
}) => {
  const query = '?n=40&rounds=3&theme=light';
  const { page } = await open(query, { width: 1200, height: 800, fine: true });
  await press(page, 'export');
  await page.waitForSelector('#export[open] li');
  await shot(page, 'export');

  const view = await evalOne(page, '#view', ({ clientWidth, clientHeight }) => ({ clientWidth, clientHeight }));
  const stage = await exportFile(page, words.stage, words.largePng);
  expect(stage.name).toBe(`${words.stageFile}.png`);
  const drawn = readPng(stage.bytes);
  expect([drawn.width, drawn.height]).toEqual([2 * view.clientWidth, 2 * view.clientHeight]);
  const stageColours = coloursOf(drawn);
  // Half of the matrix is later than its query.
  for (const colour of [themes.light.paper, themes.light.outside]) {
    expect(stageColours.get(colour), colour).toBeGreaterThan(0.05 * drawn.width * drawn.height);
  }
  expect(stageColours.size).toBeGreaterThan(200);

  const svg = (await exportFile(page, charts.rounds.title, 'SVG')).bytes.toString();
  expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).not.toContain('var(');
  expect(svg).not.toContain('class=');
  expect(svg).toContain(charts.rounds.names.captured);
  const png = await exportFile(page, charts.rounds.title, 'PNG');
  expect(png.name).toBe('reformer-rounds.png');
  const paints = [
    ...(await paintsOf(page, '#chart-rounds .curve', 'stroke')),
    ...(await paintsOf(page, '#chart-rounds .dots :is(circle, rect)', 'fill')),
  ];
  // One colour for the error and one for the captured weight.
  expect(new Set(paints).size).toBe(2);
  for (const picture of [await drawSvg(page, svg), readPng(png.bytes)]) {
    const colours = coloursOf(picture);
    expect(colours.get(themes.light.paper) ?? colours.get('#ffffff'), 'background').toBeGreaterThan(
      0.5 * picture.width * picture.height,
    );
    for (const paint of paints) expect(colours.get(paint), paint).toBeGreaterThan(20);
  }

  const rows = (await exportFile(page, words.numbers, 'CSV')).bytes.toString().trim().split('\r\n');
  const { kind, index, value } = words.columns;
  expect(rows[0]).toBe(`${kind},${index},${value}`);
  const { curve } = expectedFor(query);
  for (const { rounds, error } of curve) {
    const row = rows.find((line) => line.startsWith(`curve-error,${rounds},`));
    expect(Number(row?.split(',')[2])).toBeCloseTo(error, 3);
  }
});
