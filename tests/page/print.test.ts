import type { Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { coloursOf, readPng } from '../support/pictures';
import { evalOne, frames, shot, until, viewOf, waitIdle } from './browser';
import { test } from './fixture';

/** Red, green and blue of a CSS colour, 0 to 255. */
const channels = (colour: string) => (colour.match(/\d+(\.\d+)?/g) ?? []).slice(0, 3).map(Number);

const colourOf = (page: Page, selector: string) =>
  evalOne(page, selector, (element) => getComputedStyle(element).color);

/** Widths of the pictures in a PDF file, in pixels. */
const picturesIn = (pdf: Uint8Array): number[] =>
  [
    ...Buffer.from(pdf)
      .toString('latin1')
      .matchAll(/\/Subtype\s*\/Image[^>]*?\/Width (\d+)|\/Width (\d+)[^>]*?\/Subtype\s*\/Image/g),
  ].map(([, first, second]) => Number(first ?? second));

const pages: [string, boolean][] = [
  ['?n=32&chunk=4&rounds=2&d=8&theme=dark', true],
  ['?n=32&chunk=4&rounds=2&d=8&theme=dark', false],
  ['?scene=tower&taskLength=16&layers=2&theme=dark', true],
];

test.for(pages)(
  '%s (WebGPU %s) prints a picture of the stage in light colours, and is dark again afterwards',
  async ([link, webgpu], { open }) => {
    const { page } = await open(link, { width: 1440, height: 900, fine: true, browser: { webgpu } });
    const before = await page.evaluate(() => {
      const sizes: [number, number][] = [];
      Object.assign(globalThis, { sizes });
      addEventListener('beforeprint', () => {
        const picture = document.querySelector<HTMLCanvasElement>('.stage-print');
        sizes.push([picture?.width ?? 0, picture?.height ?? 0]);
      });
      return document.documentElement.dataset.theme;
    });
    expect(before).toBe('dark');
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    await until('the page is dark again', () => page.evaluate(() => document.documentElement.dataset.theme === 'dark'));
    expect(await page.$('.stage-print')).toBeNull();
    const [[width]] = await page.evaluate(() => (globalThis as unknown as { sizes: [number, number][] }).sizes);
    expect(width).toBeGreaterThan(500);
    // The tower's picture is drawn from one of twice its size.
    expect(Math.max(...picturesIn(pdf))).toBeGreaterThanOrEqual(width);
  },
);

// Puppeteer shows the styles of paper on the screen in Chromium only.
test.runIf(inject('browser') === 'chromium').for(pages)(
  '%s (WebGPU %s) is dark on light on paper, without the panel',
  async ([link, webgpu], { open }) => {
    const { page } = await open(link, { width: 1440, height: 900, fine: true, browser: { webgpu } });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMediaType('print');
    await frames(page, 2);
    for (const selector of ['#words h2', '#charts figcaption b', '#device']) {
      expect(Math.max(...channels(await colourOf(page, selector))), selector).toBeLessThan(130);
    }
    expect(await evalOne(page, '.stage-canvas', (canvas) => getComputedStyle(canvas).display)).toBe('none');
    expect(await evalOne(page, '#panel', (panel) => getComputedStyle(panel).display)).toBe('none');
    await evalOne(page, '.stage-print', (picture) => picture.scrollIntoView());
    await frames(page, 2);
    const colours = coloursOf(
      readPng(await shot(page, `print-${link.includes('tower') ? 'tower' : webgpu}`)),
      await viewOf(page, '.stage-print'),
    );
    const [[commonest]] = [...colours].sort(([, a], [, b]) => b - a);
    expect(colours.size).toBeGreaterThan(200);
    expect(Number.parseInt(commonest.slice(1, 3), 16)).toBeGreaterThan(230);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.emulateMediaType('screen');
    await waitIdle(page);
    await until('the page is dark again', () => page.evaluate(() => document.documentElement.dataset.theme === 'dark'));
  },
);
