import type { Page } from 'puppeteer-core';
import { until, waitIdle } from './browser';
import { test } from './fixture';

/** Device pixels of the canvas for each CSS pixel. */
const densityOf = (page: Page) =>
  page.$eval('#view canvas', (canvas) => (canvas as HTMLCanvasElement).width / canvas.clientWidth);

test.for([
  ['?n=32&chunk=4&rounds=2&d=8', true],
  ['?n=32&chunk=4&rounds=2&d=8', false],
  ['?scene=tower&taskLength=16&layers=2', true],
] as const)(
  'the stage of %s, with WebGPU %s, is drawn anew when the density of pixels changes',
  async ([link, webgpu], { open }) => {
    const { page } = await open(link, { fine: true, browser: { webgpu } });
    await page.setViewport({ width: 1000, height: 700, deviceScaleFactor: 1 });
    await waitIdle(page);
    const isTower = link.includes('tower');
    // The tower is drawn with two pixels for one, because nothing else smooths its edges.
    const expected = (density: number) => (isTower ? 2 : density);
    for (const density of [2, 1.25, 1]) {
      await page.setViewport({ width: 1000, height: 700, deviceScaleFactor: density });
      await until(
        `density ${density}`,
        async () => Math.abs((await densityOf(page)) - expected(density)) < 0.01,
        10_000,
      );
    }
    await waitIdle(page);
  },
);
