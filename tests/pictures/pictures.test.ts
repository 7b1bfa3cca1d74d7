import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { controls } from '../../src/state/schema';
import { closePages, openBrowser, openPage, waitFor, waitIdle } from '../page/browser';
import { setControl } from '../page/reformer';

/**
 * Reference pictures of every scene at a quarter of their size, one set per browser, as browsers break lines differently. A run with
 * UPDATE_PICTURES=1 writes them again: look at them before you commit them.
 */
const folder = fileURLToPath(new URL(`./references/${inject('browser')}/`, import.meta.url));
const isUpdate = process.env.UPDATE_PICTURES === '1';

/** Largest share of differing pixels: room for measured times, which differ in each run, and less than a missing or moved part takes. */
const mostDifferent = 0.015;

let browser: Browser;
beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  browser = await openBrowser({ reducedMotion: true });
});
afterAll(() => browser.close());
afterEach(() => closePages(browser));

/** Runs in the page: boxes [x, y, width, height] of all words outside the stage, in CSS pixels. They may be rephrased; the rest may not change. */
function boxesOfWords(): number[][] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const elements = new Set<Element>();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent && node.textContent?.trim() && !parent.closest('#view'))
      elements.add(parent.closest('select') ?? parent);
  }
  return [...elements].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height];
  });
}

/**
 * A screenshot at a quarter of its size, and the share of its pixels that differ visibly from another such picture. Pixels of words outside the stage
 * do not count.
 */
async function compare(page: Page, reference: Uint8Array | undefined): Promise<{ small: Buffer; different: number }> {
  const boxes = await page.evaluate(boxesOfWords);
  const picture = Buffer.from(await page.screenshot()).toString('base64');
  const { base64, different } = await page.evaluate(
    async (now, then, words) => {
      const decode = async (text: string) => {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        return createImageBitmap(new Blob([bytes]));
      };
      const image = await decode(now);
      const [width, height] = [image.width, image.height].map((side) => Math.round(side / 4));
      const draw = (source: ImageBitmap) => {
        const canvas = new OffscreenCanvas(width, height);
        const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
        context.imageSmoothingQuality = 'high';
        context.drawImage(source, 0, 0, width, height);
        return { canvas, pixels: context.getImageData(0, 0, width, height).data };
      };
      const { canvas } = draw(image);
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
      const text = Array.from(new Uint8Array(await blob.arrayBuffer()), (byte) => String.fromCharCode(byte)).join('');
      if (!then) return { base64: btoa(text), different: 1 };
      // Compressed as JPEG like the reference, for the same artefacts.
      const { pixels } = draw(await createImageBitmap(blob));
      const old = await decode(then);
      if (old.width !== width || old.height !== height) return { base64: btoa(text), different: 1 };
      const before = draw(old).pixels;
      const isWord = new Uint8Array(width * height);
      for (const [x, y, w, h] of words) {
        // A pixel more on each side, for the smoothing of both pictures.
        const [left, top] = [x, y].map((at) => Math.max(0, Math.floor(at / 4) - 1));
        const right = Math.min(width, Math.ceil((x + w) / 4) + 1);
        const bottom = Math.min(height, Math.ceil((y + h) / 4) + 1);
        for (let row = top; row < bottom; row++)
          isWord.fill(1, row * width + left, row * width + Math.max(left, right));
      }
      let count = 0;
      let all = 0;
      for (let k = 0; k < pixels.length; k += 4) {
        if (isWord[k / 4]) continue;
        all++;
        const away = [0, 1, 2].map((c) => Math.abs(pixels[k + c] - before[k + c]));
        if (Math.max(...away) > 40) count++;
      }
      return { base64: btoa(text), different: count / all };
    },
    picture,
    reference && Buffer.from(reference).toString('base64'),
    boxes,
  );
  return { small: Buffer.from(base64, 'base64'), different };
}

const { choices } = controls.scene as unknown as { choices: Record<string, string> };
const scenes = Object.values(choices);

describe.each([
  [1440, 900],
  [390, 844],
])('at %i × %i', (width, height) => {
  test('every scene looks like its reference picture, light and dark', async () => {
    const query = '?taskLength=16&layers=2&theme=light';
    const { page, errors } = await openPage(browser, query, { width, height, fine: true, reducedMotion: true });
    await waitIdle(page);
    const differences: Record<string, number> = {};
    for (const scene of scenes) {
      for (const theme of ['light', 'dark']) {
        await setControl(page, 'scene', scene);
        await setControl(page, 'theme', theme);
        await waitIdle(page);
        await page.evaluate(() => document.fonts.ready);
        // The drift of the streams is computed once the tower is shown.
        if (scene === 'tower') await waitFor(page, () => document.querySelector('[data-kind="drift"]') !== null);
        // Time for the frame that shows it, and for changes of size that follow.
        await new Promise((resolve) => setTimeout(resolve, 600));
        const path = `${folder}${scene}-${theme}-${width}.jpg`;
        const { small, different } = await compare(page, existsSync(path) ? await readFile(path) : undefined);
        if (isUpdate) await writeFile(path, small);
        else differences[`${scene} ${theme}`] = different;
      }
    }
    console.log(
      Object.entries(differences)
        .map(([name, share]) => `${name}: ${(100 * share).toFixed(2)} %`)
        .join(', '),
    );
    expect(Object.entries(differences).filter(([, share]) => share > mostDifferent)).toEqual([]);
    expect(errors).toEqual([]);
  });
});

/** Runs in the page: delays render pipelines until all compute pipelines are compiled. */
function compileLate(): void {
  const { createRenderPipelineAsync } = GPUDevice.prototype;
  GPUDevice.prototype.createRenderPipelineAsync = async function (descriptor) {
    const pipeline = createRenderPipelineAsync.call(this, descriptor);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    return pipeline;
  };
}

test('the first picture is complete even when render pipelines compile late', async () => {
  const firstPicture = async (before = () => {}) => {
    const { page, errors } = await openPage(browser, '?d=3&scene=hashing', { fine: true, reducedMotion: true, before });
    await waitFor(page, () => performance.getEntriesByName('first picture').length > 0);
    await waitIdle(page);
    await page.evaluate(() => document.fonts.ready);
    expect(errors).toEqual([]);
    return page;
  };
  const { small } = await compare(await firstPicture(), undefined);
  const { different } = await compare(await firstPicture(compileLate), small);
  expect(different).toBeLessThan(mostDifferent);
});
