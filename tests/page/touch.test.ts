import type { Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { evalOne, until, viewOf, waitIdle } from './browser';
import { test } from './fixture';

/** Swipes up on the stage with a finger. */
async function swipe(page: Page, by: number): Promise<void> {
  const { x, y, width, height } = await viewOf(page);
  const [left, top] = [x + width / 2, y + height * 0.7];
  const session = await page.createCDPSession();
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: number) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: at === undefined ? [] : [{ x: left, y: at }] });
  await touch('touchStart', top);
  for (let k = 1; k <= 25; k++) await touch('touchMove', top - (by * k) / 25);
  await touch('touchEnd');
}

test.for([false, true])(
  'with WebGPU %s, the stage leaves a finger that goes up or down to the page',
  async (webgpu, { open }) => {
    const { page } = await open('?n=32&chunk=4&rounds=2&d=8', { width: 390, height: 844, browser: { webgpu } });
    const action = await evalOne(page, '#view canvas', (canvas) => getComputedStyle(canvas).touchAction);
    expect(action).toBe(webgpu ? 'pan-y' : 'manipulation');
  },
);

// Puppeteer's touches scroll no page in Firefox.
test.runIf(inject('browser') === 'chromium').for([false, true])(
  'with WebGPU %s, a finger that swipes up on the stage scrolls the page',
  async (webgpu, { open }) => {
    const { page } = await open('?n=32&chunk=4&rounds=2&d=8', { width: 390, height: 844, browser: { webgpu } });
    await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 1, hasTouch: true, isMobile: true });
    await waitIdle(page);
    await swipe(page, 250);
    const scrolled = await until('the page has scrolled', () => page.evaluate(() => scrollY), 10_000);
    expect(scrolled).toBeGreaterThan(150);
  },
);
