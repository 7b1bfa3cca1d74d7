import type { Page } from 'puppeteer-core';
import { expect, test } from 'vitest';
import { random } from '../../src/shared/random';
import { frames, openBrowser, openPage, waitIdle } from '../page/browser';
import { act, heapOf, putBack, randomChanges, tensorBytes } from '../page/monkey';

const minutes = Number(process.env.SOAK_MINUTES ?? 60);
const seed = Number(process.env.SOAK_SEED ?? 1);
const start = [
  ['scene', 'both'],
  ['n', '4096'],
  ['d', '16'],
  ['heads', '1'],
  ['rounds', '4'],
] as const;

/** Mean milliseconds per frame over 60 frames while the camera moves. */
async function frameTime(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const times: number[] = [];
    for (let k = 0; k <= 60; k++) {
      dispatchEvent(new KeyboardEvent('keydown', { key: k % 2 ? '+' : '-', bubbles: true }));
      times.push(await new Promise<number>(requestAnimationFrame));
    }
    return (times[60] - times[0]) / 60;
  });
}

test(`${minutes} minutes of changes at 4096 tokens, seed ${seed}, leave heap, tensors and frame time nearly constant`, {
  timeout: (minutes + 10) * 60_000,
}, async () => {
  const browser = await openBrowser();
  try {
    const { page, errors } = await openPage(browser, '?n=4096', { width: 1280, height: 800, fine: true });
    await waitIdle(page);
    const draw = random(seed);
    const next = randomChanges(draw, { tokens: 4096, width: 32, except: ['n', 'heads'] });
    const measure = async (when: string) => {
      await putBack(page, start);
      const sizes = { heap: await heapOf(page), tensors: await tensorBytes(page), frame: await frameTime(page) };
      const [heap, tensors] = [sizes.heap, sizes.tensors].map((bytes) => (bytes / 2 ** 20).toFixed(2));
      console.log(`${when}: heap of ${heap} MiB, tensors of ${tensors} MiB, ${sizes.frame.toFixed(1)} ms per frame`);
      return sizes;
    };
    let changes = 0;
    const change = async (until: number) => {
      while (Date.now() < until) {
        await act(page, next.next().value);
        // Any part of the computation may be interrupted.
        await frames(page, draw.integer(13));
        if (++changes % 10 === 0) await waitIdle(page, 300_000);
      }
      await waitIdle(page, 300_000);
    };
    // After the first tenth of the time, every script is loaded and every buffer has been created once.
    const startTime = Date.now();
    const measurements: Awaited<ReturnType<typeof measure>>[] = [];
    for (let tenth = 1; tenth <= 10; tenth++) {
      await change(startTime + 6_000 * minutes * tenth);
      measurements.push(
        await measure(`after ${changes} changes, ${Math.round((Date.now() - startTime) / 60_000)} minutes`),
      );
    }
    const [before, after] = [measurements[0], measurements[9]];
    expect(after.heap / before.heap).toBeLessThan(1.25);
    expect(after.tensors / before.tensors).toBeLessThan(1.25);
    expect(after.frame / before.frame).toBeLessThan(1.5);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});
