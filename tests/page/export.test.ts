import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { charts } from '../../src/language/charts';
import { dialogs } from '../../src/language/dialogs';
import { evalOne, openBrowser, openPage, shot, waitIdle } from './browser';
import { colours, expectedFor, press } from './reformer';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const words = dialogs.export;

/** Presses a button of the dialog and returns the file that the page offers, with its name. */
async function exportFile(page: Page, name: string, format: string): Promise<{ name: string; bytes: Buffer }> {
  const file = await page.evaluate(
    async (label) => {
      const { createObjectURL } = URL;
      const { click } = HTMLAnchorElement.prototype;
      const offeredFile = new Promise<{ name: string; text: string }>((resolve, reject) => {
        let content: Blob | MediaSource | undefined;
        URL.createObjectURL = (blob) => {
          content = blob;
          return createObjectURL(blob);
        };
        HTMLAnchorElement.prototype.click = async function () {
          const bytes = new Uint8Array(await (content as Blob).arrayBuffer());
          let text = '';
          for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
          resolve({ name: this.download, text: btoa(text) });
        };
        setTimeout(() => reject(new Error(`The page offered no file for ${label}.`)), 20_000);
      });
      for (const button of document.querySelectorAll<HTMLElement>('#export li button')) {
        if (button.ariaLabel === label) button.click();
      }
      try {
        return await offeredFile;
      } finally {
        URL.createObjectURL = createObjectURL;
        HTMLAnchorElement.prototype.click = click;
      }
    },
    words.button(name, format),
  );
  return { name: file.name, bytes: Buffer.from(file.text, 'base64') };
}

test('the export dialog offers the stage, the charts and the numbers as files', async () => {
  const query = '?n=40&rounds=3';
  const { page, errors, requests } = await openPage(browser, query, { width: 1200, height: 800, fine: true });
  await waitIdle(page);
  await press(page, 'export');
  await page.waitForSelector('#export[open] li');
  await shot(page, 'export');
  const view = await evalOne(page, '#view', ({ clientWidth, clientHeight }) => ({ clientWidth, clientHeight }));
  const stage = await exportFile(page, words.stage, words.largePng);
  expect(stage.name).toBe(`${words.stageFile}.png`);
  const size = { width: stage.bytes.readUInt32BE(16), height: stage.bytes.readUInt32BE(20) };
  expect(size).toEqual({ width: 2 * view.clientWidth, height: 2 * view.clientHeight });
  expect((await colours(page, stage.bytes, { x: 0, y: 0, ...size })).distinct).toBeGreaterThan(200);
  // The SVG file needs no style sheet.
  const svg = (await exportFile(page, charts.rounds.title, 'SVG')).bytes.toString();
  expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).not.toContain('var(');
  expect(svg).not.toContain('class=');
  expect(svg).toContain(charts.rounds.names.captured);
  const png = await exportFile(page, charts.rounds.title, 'PNG');
  expect(png.name).toBe('reformer-rounds.png');
  const chart = { width: png.bytes.readUInt32BE(16), height: png.bytes.readUInt32BE(20) };
  expect((await colours(page, png.bytes, { x: 0, y: 0, ...chart })).distinct).toBeGreaterThan(5);
  const rows = (await exportFile(page, words.numbers, 'CSV')).bytes.toString().trim().split('\r\n');
  const { kind, index, value } = words.columns;
  expect(rows[0]).toBe(`${kind},${index},${value}`);
  const { curve } = expectedFor(query);
  for (const { rounds, error } of curve) {
    const row = rows.find((line) => line.startsWith(`curve-error,${rounds},`));
    expect(Number(row?.split(',')[2])).toBeCloseTo(error, 3);
  }
  expect(errors).toEqual([]);
  expect(requests).toEqual([]);
});
