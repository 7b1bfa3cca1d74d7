import type { Page } from 'puppeteer-core';
import { expect, vi } from 'vitest';
import { steps } from '../../src/lecture/content';
import { frames, waitFor, waitIdle } from './browser';
import { test } from './fixture';

// A software device takes some seconds a step.
vi.setConfig({ testTimeout: 600_000 });

/** Frames after which the page has adapted to a new step. */
const settledFrames = 3;

/** Opens a step by the list of contents. */
const go = (page: Page, id: string) =>
  page.evaluate((step) => {
    (document.querySelector('#lecture .contents') as HTMLElement).click();
    (document.querySelector(`#contents [data-step="${step}"]`) as HTMLElement).click();
  }, id);

/** What is clipped, overlaps or has no width: of the lecture, its drawing, and the charts. Each as a sentence. */
const problems = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const isShown = (element: Element) => element.getClientRects().length > 0;
    const nameOf = (element: Element) =>
      `${element.tagName} ${element.id || element.getAttribute('class')} "${(element.textContent ?? '').slice(0, 40)}"`;
    const view = document.documentElement.clientWidth;
    // Texts and buttons: their content fits into them, and they fit into the window.
    const texts =
      '#step p, #step li, #step button, #figure p, #figure figcaption, #charts figcaption, #readout p, #lecture .tools button';
    for (const element of document.querySelectorAll<HTMLElement>(texts)) {
      if (!isShown(element)) continue;
      const { left, right } = element.getBoundingClientRect();
      if (left < -0.5 || right > view + 0.5) found.push(`sticks out: ${nameOf(element)}`);
      if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && !element.closest('.equation'))
        found.push(`clipped: ${nameOf(element)}`);
    }
    // Drawings: they have a size, and their words are inside of them.
    for (const svg of document.querySelectorAll<SVGSVGElement>('#charts svg, #figure svg')) {
      if (!svg.parentElement || !isShown(svg.parentElement)) continue;
      const box = svg.getBoundingClientRect();
      if (box.width < 150 || box.height < 60) found.push(`${box.width} × ${box.height}: ${nameOf(svg.parentElement)}`);
      if (box.left < -0.5 || box.right > view + 0.5) found.push(`sticks out: ${nameOf(svg.parentElement)}`);
      const words = [...svg.querySelectorAll('text')].filter((text) => text.textContent && isShown(text));
      for (const text of words) {
        // Firefox counts the line around the letters, which has the colour of the page.
        const line = Number.parseFloat(getComputedStyle(text).strokeWidth) || 0;
        const { left, right, top, bottom } = text.getBoundingClientRect();
        const [wide, high] = [2 + line, 3 + line];
        if (left < box.left - wide || right > box.right + wide || top < box.top - high || bottom > box.bottom + high)
          found.push(`cut off: ${nameOf(text)} in ${svg.parentElement.id || svg.parentElement.className}`);
      }
      if (!svg.closest('#figure')) continue;
      const boxes = words.map((text) => ({ text, box: text.getBoundingClientRect() }));
      for (const [k, one] of boxes.entries()) {
        for (const other of boxes.slice(0, k)) {
          const apart = Math.max(
            one.box.left - other.box.right,
            other.box.left - one.box.right,
            one.box.top - other.box.bottom,
            other.box.top - one.box.bottom,
          );
          const line = Number.parseFloat(getComputedStyle(one.text).strokeWidth) || 0;
          if (apart < -3 - line) found.push(`overlap: ${nameOf(one.text)}, ${nameOf(other.text)}`);
        }
      }
    }
    const figure = document.querySelector<HTMLElement>('#figure:not([hidden])');
    if (figure && figure.scrollHeight > figure.clientHeight + 4)
      found.push(`the drawing is ${figure.scrollHeight} high in ${figure.clientHeight}`);
    const table = document.querySelector<HTMLElement>('#chart-accuracy');
    if (table && isShown(table)) {
      const cells = [...table.querySelectorAll('td, th')].map((cell) => cell.getBoundingClientRect());
      const { left, right } = table.getBoundingClientRect();
      if (cells.some((cell) => cell.left < left - 1 || cell.right > right + 1)) found.push('the table is cut off');
    }
    return found;
  });

const sizes = [
  { name: 'a phone', path: '?step=01.1', width: 390, height: 844 },
  { name: 'a window', path: '?step=01.1', width: 1440, height: 900 },
  { name: 'a room', path: '?step=01.1&present=1', width: 1920, height: 1080 },
];

test.for(sizes)(
  'no step is clipped, overlaps or has a chart without width on $name',
  async ({ name, path, width, height }, { open }) => {
    const { page } = await open(path, { width, height, reducedMotion: true });
    if (name === 'a phone') await page.setViewport({ width, height, hasTouch: true, deviceScaleFactor: 1 });
    await waitFor(page, () => document.querySelector('#lecture .contents') !== null);
    const all: Record<string, string[]> = {};
    for (const { id } of steps) {
      await go(page, id);
      await waitIdle(page);
      await waitFor(page, (step) => document.documentElement.dataset.step === step, id);
      await frames(page, settledFrames);
      const found = await problems(page);
      if (found.length) all[id] = found;
    }
    expect(all).toEqual({});
  },
);

test('in presentation, a step keeps its equations, its question and its own chart, and a key makes the screen black', async ({
  open,
}) => {
  const { page } = await open('?step=02.1&present=1', { width: 1920, height: 1080 });
  await waitFor(page, () => document.querySelector('#lecture .contents') !== null);
  const shown = (selector: string) =>
    page.evaluate(
      (all) => [...document.querySelectorAll(all)].filter((one) => one.getClientRects().length).length,
      selector,
    );
  expect(await shown('#step .equation')).toBe(1);
  expect(await shown('#step [data-about]:not(:has(.equation)), #panel')).toBe(0);
  await go(page, 'q5');
  await waitIdle(page);
  expect(await shown('#step .pieces li')).toBe(4);
  await go(page, '04.2');
  await waitIdle(page);
  expect(await shown('#charts figure')).toBe(1);
  expect(await page.evaluate(() => document.querySelector('#chart-buckets svg')?.clientWidth)).toBeGreaterThan(1000);
  await page.focus('#view .stage-canvas');
  await page.keyboard.press('d');
  await waitFor(page, () => location.search.includes('buckets=4'));
  await page.keyboard.press('b');
  const cover = () => page.evaluate(() => getComputedStyle(document.documentElement, '::before').backgroundColor);
  expect(await cover()).toBe('rgb(0, 0, 0)');
  await page.keyboard.press('b');
  expect(await cover()).toBe('rgba(0, 0, 0, 0)');
});
