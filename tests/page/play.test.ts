import type { Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { bucketColour, themes } from '../../src/state/palette';
import { lastPhase } from '../../src/state/phase';
import { differenceOf, readPng } from '../support/pictures';
import { evalOne, frames, linkOf, until, viewOf, waitDrawn, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { expectedFor } from './reformer';

const phases = [0, 0.6, 1, 1.4, 2, 2.3, 2.8, 3.4, 4.1, 4.4, 4.85, 5.45];

const inputs = ['', 'input=sphere&scene=hashing', 'input=duplication&rounds=2&matrixOrder=sorted', 'n=100&scene=loom'];

const playing = (page: Page) =>
  evalOne(page, '#timeline', (element) => (element as HTMLElement).dataset.playing === 'true');

const phaseOf = (page: Page) => evalOne(page, '#timeline input', (input) => Number((input as HTMLInputElement).value));

/** Waits until the timeline can be used. */
const waitTimeline = (page: Page) =>
  waitFor(page, () => !document.querySelector<HTMLInputElement>('#timeline input')?.disabled);

const press = (page: Page) => evalOne(page, '#timeline .play', (button) => (button as HTMLElement).click());

/** Drags the slider through these phases, and leaves it at the last one. */
async function scrub(page: Page, ...through: number[]): Promise<void> {
  await evalOne(
    page,
    '#timeline input',
    (element, values) => {
      const input = element as HTMLInputElement;
      for (const value of values) {
        input.value = String(value);
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
      input.dispatchEvent(new Event('change', { bubbles: true }));
    },
    through,
  );
  await waitIdle(page);
  await waitDrawn(page);
}

/** The stage as the screen shows it, once two pictures in a row are the same. */
async function stillStage(page: Page) {
  const clip = await viewOf(page);
  const shoot = async () => readPng(await page.screenshot({ clip }));
  for (let [last, tries] = [await shoot(), 0]; tries < 60; tries++) {
    await frames(page, 2);
    const next = await shoot();
    if (differenceOf(last, next) === 0) return next;
    last = next;
  }
  throw new Error('The stage keeps changing.');
}

/** Share of pixels in which two pictures of one phase may differ. */
const mostDifferent = 0.001;

/** Each input with two phases that lie far apart, in a window that a software device draws quickly. */
const parts = inputs.flatMap((input) => [0, 1, 2, 3, 4, 5].map((k) => [input, [phases[k], phases[k + 6]]] as const));
const small = { fine: true, width: 960, height: 600 };

test.for(parts)(
  'a phase has the same picture scrubbed forwards, backwards and by its link: %s at %o',
  async ([input, some], { open }) => {
    const base = `?theme=light&${input}`;
    const { page } = await open(base, small);
    await waitTimeline(page);
    const forwards = [];
    for (const phase of some) {
      await scrub(page, Math.max(0, phase - 0.2), phase);
      forwards.push(await stillStage(page));
    }
    const differences: string[] = [];
    const note = (how: string, k: number, difference: number) => {
      if (difference > mostDifferent) differences.push(`${some[k]} ${how}: ${(100 * difference).toFixed(3)} %`);
    };
    for (let k = some.length - 1; k >= 0; k--) {
      await scrub(page, lastPhase, some[k] + 0.3, some[k]);
      note('backwards', k, differenceOf(forwards[k], await stillStage(page)));
    }
    for (const [k, phase] of some.entries()) {
      await page.goto(`${inject('site')}${base}&phase=${phase}`);
      await waitIdle(page);
      await waitTimeline(page);
      note('by link', k, differenceOf(forwards[k], await stillStage(page)));
    }
    expect(differences).toEqual([]);
    // The phases differ, or the comparisons above would say nothing.
    for (const [k, picture] of forwards.slice(1).entries()) {
      expect(differenceOf(forwards[k], picture), `${some[k]} and ${some[k + 1]}`).toBeGreaterThan(mostDifferent);
    }
  },
);

test('a play that is stopped has the picture of its link', async ({ open }) => {
  const { page } = await open('?theme=light', { fine: true });
  await waitTimeline(page);
  for (const stop of [0.5, 2.4, 4.5]) {
    await scrub(page, stop - 0.3);
    await press(page);
    await until(`phase ${stop}`, async () => (await phaseOf(page)) > stop);
    await press(page);
    await waitIdle(page);
    await waitDrawn(page);
    const stopped = await stillStage(page);
    const link = await linkOf(page);
    expect(link).toMatch(/phase=\d/);
    const again = await open(link, { fine: true });
    await waitTimeline(again.page);
    expect(differenceOf(stopped, await stillStage(again.page))).toBeLessThanOrEqual(mostDifferent);
    await again.page.close();
  }
});

test('a token is drawn where its address puts it, in the text and in the sorted order, in its colour', async ({
  open,
}) => {
  const { page } = await open('?theme=light', { fine: true });
  const { ink, paper } = themes.light;
  const rgb = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const mix = (a: number[], b: number[], t: number) => a.map((value, k) => value + t * (b[k] - value));
  for (const [token, phase] of [
    [3, 1],
    [58, 1],
    [11, 2],
    [41, 2],
    [0, 2.5],
    [27, 2.5],
    [16, 3],
    [63, 3],
    [33, 4],
    [49, 4],
  ]) {
    const query = `?theme=light&token=${token}&phase=${phase}`;
    await page.goto(`${inject('site')}${query}`);
    await waitIdle(page);
    await waitTimeline(page);
    const picture = await stillStage(page);
    const at = await evalOne(page, '#follow', (element) => {
      const { x, y } = (element as HTMLElement).dataset;
      return { x: Number(x), y: Number(y) };
    });
    const bucket = expectedFor(query).rounds[0].bucket;
    const colour = phase < 2 ? mix(rgb(ink), rgb(paper), 0.62) : rgb(bucketColour(bucket, false));
    const drawn = mix(colour, rgb(ink), 0.75);
    const pixel = 4 * (Math.round(at.y) * picture.width + Math.round(at.x));
    for (const k of [0, 1, 2]) {
      expect(Math.abs(picture.data[pixel + k] - drawn[k]), `token ${token} at ${phase}`).toBeLessThan(12);
    }
    if (phase === 2.5) continue;
    // The stage finds the same token there by the address of the cell: above by the text, below by the sorted order.
    const view = await viewOf(page);
    await page.mouse.move(view.x + at.x, view.y + at.y);
    await waitFor(page, (name) => document.querySelector('#tip')?.textContent?.startsWith(name), `token ${token}`);
    await page.mouse.move(view.x + 2, view.y + 2);
  }
});

/** Runs in the page before its scripts: counts the work on the device, and frames. */
function countWork(): void {
  const work = { dispatches: 0, buffers: 0, frames: 0 };
  Object.assign(globalThis, { work, ownFrame: requestAnimationFrame.bind(globalThis) });
  const request = requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (callback) => {
    work.frames++;
    return request(callback);
  };
  if (!('GPUDevice' in globalThis)) return;
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    work.buffers++;
    return createBuffer.call(this, descriptor);
  };
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, y, z) {
    work.dispatches++;
    return dispatchWorkgroups.call(this, x, y, z);
  };
}

const workOf = (page: Page) =>
  page.evaluate(() => ({
    ...(globalThis as unknown as { work: { dispatches: number; buffers: number; frames: number } }).work,
  }));

test.for([64, 4096])(
  'with %i tokens, the play computes nothing and makes no buffer, and at rest no frame is requested',
  async (n, { open }) => {
    const { page } = await open(`?n=${n}`, { before: countWork });
    await waitTimeline(page);
    // Too many tokens to move: it waits at the marks.
    const steps = n > 512 ? 2 : 1;
    await scrub(page, 6 - 2 * steps);
    const before = await workOf(page);
    await press(page);
    expect(await playing(page)).toBe(true);
    await until('the end of the play', async () => !(await playing(page)));
    await waitIdle(page);
    await waitDrawn(page);
    expect(await phaseOf(page)).toBe(lastPhase);
    const after = await workOf(page);
    expect([after.dispatches, after.buffers]).toEqual([before.dispatches, before.buffers]);
    expect(after.frames).toBeGreaterThan(before.frames);
    await frames(page, 5);
    const rest = await workOf(page);
    await frames(page, 30);
    expect(await workOf(page)).toEqual(rest);
  },
);

test('a first visit plays once, any touch ends it, and a link, a second visit and reduced motion do not play', async ({
  open,
}) => {
  const options = { fine: true, fresh: true };
  const { page } = await open('', { ...options, isFirstVisit: true, rests: false });
  await waitTimeline(page);
  expect(await playing(page)).toBe(true);
  await page.keyboard.press('Shift');
  expect(await playing(page)).toBe(false);
  await waitIdle(page);
  await waitDrawn(page);
  expect(await linkOf(page)).toBe('');
  expect(await phaseOf(page)).toBe(lastPhase);
  const ended = await stillStage(page);
  const { page: usual } = await open('', { fine: true });
  await waitTimeline(usual);
  expect(await playing(usual)).toBe(false);
  expect(differenceOf(ended, await stillStage(usual))).toBe(0);
  // The same visitor again.
  await page.reload();
  await waitIdle(page);
  await waitTimeline(page);
  expect(await playing(page)).toBe(false);
  const { page: linked } = await open('?rounds=2', { ...options, isFirstVisit: true });
  await waitTimeline(linked);
  expect([await playing(linked), await phaseOf(linked)]).toEqual([false, lastPhase]);
});

test('a first visit with reduced motion does not play, and the button steps through the marks', async ({ open }) => {
  const { page } = await open('', { reducedMotion: true, fresh: true, isFirstVisit: true });
  await waitTimeline(page);
  expect([await playing(page), await phaseOf(page)]).toEqual([false, lastPhase]);
  await scrub(page, 4);
  const seen = new Set<number>();
  await press(page);
  await until('the end of the play', async () => {
    seen.add(await phaseOf(page));
    return !(await playing(page));
  });
  expect([...seen].filter((phase) => !Number.isInteger(phase))).toEqual([]);
  expect(await phaseOf(page)).toBe(lastPhase);
});

test('the play takes keys while the stage has the focus, and the arrows of the slider go to the marks', async ({
  open,
}) => {
  const { page } = await open('?phase=2.5&theme=light');
  await waitTimeline(page);
  await page.focus('#view .stage-canvas');
  await page.keyboard.press('.');
  await until('mark 3', async () => (await phaseOf(page)) === 3 && !(await playing(page)));
  await page.keyboard.press(',');
  await until('mark 2', async () => (await phaseOf(page)) === 2 && !(await playing(page)));
  await page.keyboard.press(' ');
  expect(await playing(page)).toBe(true);
  await page.keyboard.press(' ');
  expect(await playing(page)).toBe(false);
  // The arrows of the stage still select a token.
  await waitIdle(page);
  await page.keyboard.press('ArrowRight');
  await waitIdle(page);
  expect(await linkOf(page)).toContain('token=42');
  await page.focus('#timeline input');
  await scrub(page, 1.5);
  await page.keyboard.press('ArrowRight');
  await until('mark 2', async () => (await phaseOf(page)) === 2 && !(await playing(page)));
  await page.keyboard.press('End');
  await waitIdle(page);
  expect(await linkOf(page)).not.toContain('phase');
});

test('another change while it plays stops the play where it is', async ({ open }) => {
  const { page } = await open();
  await waitTimeline(page);
  await press(page);
  await until('the play', async () => (await phaseOf(page)) > 0.2);
  await page.focus('#view .stage-canvas');
  await page.keyboard.press('ArrowLeft');
  await waitIdle(page);
  expect(await playing(page)).toBe(false);
  const link = await linkOf(page);
  expect(link).toMatch(/token=40/);
  expect(link).toMatch(/phase=/);
});
