import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evalOne, openBrowser, openPage, shot, waitIdle } from './browser';
import { colours, expectedFor, press } from './reformer';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** Presses a button of the dialog and returns the file that the page gives, with its name. */
async function taken(page: Page, label: string): Promise<{ name: string; bytes: Buffer }> {
  const file = await page.evaluate(async (wanted) => {
    const { createObjectURL } = URL;
    const { click } = HTMLAnchorElement.prototype;
    const given = new Promise<{ name: string; text: string }>((resolve, reject) => {
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
      setTimeout(() => reject(new Error(`nothing was given for ${wanted}`)), 20_000);
    });
    for (const button of document.querySelectorAll<HTMLElement>('#export li button')) {
      if (button.ariaLabel === wanted) button.click();
    }
    try {
      return await given;
    } finally {
      URL.createObjectURL = createObjectURL;
      HTMLAnchorElement.prototype.click = click;
    }
  }, label);
  return { name: file.name, bytes: Buffer.from(file.text, 'base64') };
}

test('the stage, charts and numbers are given as files', async () => {
  const query = '?n=40&rounds=3';
  const { page, errors, requests } = await openPage(browser, query, { width: 1200, height: 800, fine: true });
  await waitIdle(page);
  await press(page, 'export');
  await page.waitForSelector('#export[open] li');
  await shot(page, 'export');
  const view = await evalOne(page, '#view', ({ clientWidth, clientHeight }) => ({ clientWidth, clientHeight }));
  const stage = await taken(page, 'The stage: PNG, twice the size');
  expect(stage.name).toBe('reformer-stage.png');
  const size = { width: stage.bytes.readUInt32BE(16), height: stage.bytes.readUInt32BE(20) };
  expect(size).toEqual({ width: 2 * view.clientWidth, height: 2 * view.clientHeight });
  expect((await colours(page, stage.bytes, { x: 0, y: 0, ...size })).distinct).toBeGreaterThan(200);
  // Of the same error as on the page, and standing alone.
  const svg = (await taken(page, 'Against full attention: SVG')).bytes.toString();
  expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).not.toContain('var(');
  expect(svg).not.toContain('class=');
  expect(svg).toContain('captured');
  const png = await taken(page, 'Against full attention: PNG');
  expect(png.name).toBe('reformer-rounds.png');
  const chart = { width: png.bytes.readUInt32BE(16), height: png.bytes.readUInt32BE(20) };
  expect((await colours(page, png.bytes, { x: 0, y: 0, ...chart })).distinct).toBeGreaterThan(5);
  const rows = (await taken(page, 'All numbers that are shown: CSV')).bytes.toString().trim().split('\r\n');
  expect(rows[0]).toBe('kind,index,value');
  const { curve } = expectedFor(query);
  for (const { rounds, error } of curve) {
    const row = rows.find((line) => line.startsWith(`curve-error,${rounds},`));
    expect(Number(row?.split(',')[2])).toBeCloseTo(error, 3);
  }
  expect(errors).toEqual([]);
  expect(requests).toEqual([]);
});
