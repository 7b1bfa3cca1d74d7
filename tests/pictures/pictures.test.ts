import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer-core';
import { beforeAll, expect, inject } from 'vitest';
import { controls } from '../../src/state/schema';
import { frames, waitDrawn, waitFor, waitIdle } from '../page/browser';
import { test } from '../page/fixture';
import { setControl } from '../page/reformer';
import { differenceOf, readPng, tolerances } from '../support/pictures';

/**
 * Reference pictures of every scene at a quarter of their size, one set per browser, as browsers break lines differently. A run with
 * UPDATE_PICTURES=1 writes them again: look at them before you commit them.
 */
const folder = fileURLToPath(new URL(`./references/${inject('browser')}/`, import.meta.url));
const isUpdate = process.env.UPDATE_PICTURES === '1';

/** Largest share of differing pixels: room for measured times, which differ in each run, and less than a missing or moved part takes. */
const mostDifferent = 0.015;

beforeAll(() => mkdir(folder, { recursive: true }));

/** Pictures are reduced to this share of their width and height. */
const reduction = 1 / 4;

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

/** A screenshot once two in a row show the same. */
async function stillPicture(page: Page): Promise<Uint8Array> {
  await waitDrawn(page);
  let last = await page.screenshot();
  for (let tries = 0; tries < 60; tries++) {
    await frames(page, 3);
    const next = await page.screenshot();
    if (differenceOf(readPng(last), readPng(next)) === 0) return next;
    last = next;
  }
  throw new Error('The page keeps changing.');
}

/** Runs in the page: reduces a screenshot and compresses it as JPEG. Decodes that and another such picture, so that both have the same artefacts. */
async function reduce(now: string, then: string | undefined, share: number) {
  const decode = async (text: string) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return createImageBitmap(new Blob([bytes]));
  };
  const base64Of = async (blob: Blob) => {
    const reader = new FileReader();
    const address = await new Promise<string>((resolve) => {
      reader.onload = () => resolve(reader.result as string);
      reader.readAsDataURL(blob);
    });
    return address.slice(address.indexOf(',') + 1);
  };
  const draw = (source: ImageBitmap, width: number, height: number) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
    context.imageSmoothingQuality = 'high';
    context.drawImage(source, 0, 0, width, height);
    return canvas;
  };
  /** A PNG file of the picture at its own size. */
  const pngOf = async (source: ImageBitmap) =>
    base64Of(await draw(source, source.width, source.height).convertToBlob({ type: 'image/png' }));
  const image = await decode(now);
  const small = draw(image, Math.round(share * image.width), Math.round(share * image.height));
  const jpeg = await small.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
  return {
    jpeg: await base64Of(jpeg),
    picture: await pngOf(await createImageBitmap(jpeg)),
    reference: then && (await pngOf(await decode(then))),
  };
}

/** Marks the pixels of a reduced picture that show words outside the stage, and a pixel more on each side, for the smoothing. */
function maskWords(boxes: number[][], width: number, height: number): Uint8Array {
  const isWord = new Uint8Array(width * height);
  for (const [x, y, w, h] of boxes) {
    const [left, top] = [x, y].map((at) => Math.max(0, Math.floor(reduction * at) - 1));
    const right = Math.min(width, Math.ceil(reduction * (x + w)) + 1);
    const bottom = Math.min(height, Math.ceil(reduction * (y + h)) + 1);
    for (let row = top; row < bottom; row++) isWord.fill(1, row * width + left, row * width + Math.max(left, right));
  }
  return isWord;
}

/** A reduced screenshot, and the share of its pixels that differ visibly from another such picture. Words outside the stage do not count. */
async function compare(page: Page, old: Uint8Array | undefined): Promise<{ small: Buffer; different: number }> {
  const screenshot = Buffer.from(await stillPicture(page)).toString('base64');
  const boxes = await page.evaluate(boxesOfWords);
  const { jpeg, picture, reference } = await page.evaluate(
    reduce,
    screenshot,
    old && Buffer.from(old).toString('base64'),
    reduction,
  );
  const small = Buffer.from(jpeg, 'base64');
  if (reference === undefined) return { small, different: 1 };
  const [now, then] = [picture, reference].map((base64) => readPng(Buffer.from(base64, 'base64')));
  const mask = maskWords(boxes, now.width, now.height);
  return { small, different: differenceOf(now, then, tolerances.compressed, mask) };
}

const { choices } = controls.scene as unknown as { choices: Record<string, string> };
const scenes = Object.values(choices);

test.for([
  [1440, 900],
  [390, 844],
])('every scene looks like its reference picture at %i × %i, light and dark', async ([width, height], { open }) => {
  const query = '?taskLength=16&layers=2&theme=light';
  const { page } = await open(query, { width, height, fine: true, reducedMotion: true });
  const differences: Record<string, number> = {};
  for (const scene of scenes) {
    for (const theme of ['light', 'dark']) {
      await setControl(page, 'scene', scene);
      await setControl(page, 'theme', theme);
      await waitIdle(page);
      await page.evaluate(() => document.fonts.ready);
      // The drift of the streams is computed once the tower is shown.
      if (scene === 'tower') await waitFor(page, () => document.querySelector('[data-kind="drift"]') !== null);
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
});

/** Runs in the page: delays render pipelines until no compute pipeline has been compiled for 60 frames. */
function compileLate(): void {
  const { createRenderPipelineAsync, createComputePipelineAsync } = GPUDevice.prototype;
  let compiling = 0;
  GPUDevice.prototype.createComputePipelineAsync = async function (descriptor) {
    compiling++;
    return createComputePipelineAsync.call(this, descriptor).finally(() => compiling--);
  };
  GPUDevice.prototype.createRenderPipelineAsync = async function (descriptor) {
    const pipeline = createRenderPipelineAsync.call(this, descriptor);
    for (let calm = 0; calm < 60; calm = compiling > 0 ? 0 : calm + 1) await new Promise(requestAnimationFrame);
    return pipeline;
  };
}

test('the first picture is complete even when render pipelines compile after all compute pipelines', async ({
  open,
}) => {
  const firstPicture = async (before = () => {}) => {
    const { page } = await open('?d=3&scene=hashing', { fine: true, reducedMotion: true, before });
    await waitFor(page, () => performance.getEntriesByName('first picture').length > 0);
    await page.evaluate(() => document.fonts.ready);
    return page;
  };
  const { small } = await compare(await firstPicture(), undefined);
  const { different } = await compare(await firstPicture(compileLate), small);
  expect(different).toBeLessThan(mostDifferent);
});
