import type { Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { stateOf, steps } from '../../src/lecture/content';
import { random } from '../../src/shared/random';
import { defaults, fromQuery } from '../../src/state/state';
import { differenceOf, type Pixels, readPng } from '../support/pictures';
import { evalAll, evalOne, frames, linkOf, shot, viewOf, waitFor, waitIdle } from './browser';
import { Pages, test as pageTest } from './fixture';
import { expectedFor, messageOf, setControl, shownNumbers } from './reformer';

const wide = { width: 1440, height: 900, deviceScaleFactor: 0.5 };

/** One page for all tests, because each begins by opening a step. */
const test = pageTest
  .extend('lecture', { scope: 'file' }, async ({ browsers }, { onCleanup }) => {
    const pages = new Pages(browsers);
    onCleanup(() => pages.close());
    return pages.open('?step=01.1', { ...wide, reducedMotion: true });
  })
  .extend('page', async ({ lecture }, { onCleanup }) => {
    onCleanup(() => {
      expect(lecture.errors).toEqual([]);
      expect(lecture.requests).toEqual([]);
    });
    return lecture.page;
  });

const walked = steps.map(({ id }) => id);

/** Kinds of numbers that are measured, trained or computed late: they differ between visits. */
const varying = /^(step-milliseconds|accuracy|loss|drift|flipped|speed)/;

/** Largest shares of differing pixels: between two pictures of one step, and of a stage that no longer changes. */
const alike = 0.01;
const still = 0.0005;

interface Shown {
  step: string | undefined;
  address: string;
  words: string;
  numbers: Record<string, string>;
}

const settle = async (page: Page) => {
  await waitIdle(page);
  // The address is written with a pause.
  await waitFor(page, () => location.search.includes(`step=${document.documentElement.dataset.step}`));
};

/** The open step with all text and numbers that do not vary. */
async function see(page: Page): Promise<Shown> {
  await settle(page);
  const shown = await page.evaluate(() => {
    const view = document.documentElement.dataset.view === 'layers' ? '.of-attention' : '.of-layers';
    const section = document.querySelector('#step') as HTMLElement;
    const words = section.cloneNode(true) as HTMLElement;
    for (const live of words.querySelectorAll('[data-live]')) live.textContent = '';
    const numbers = [...document.querySelectorAll<HTMLElement>('[data-kind]')]
      .filter((element) => !element.closest(view))
      .map(({ dataset }) => [`${dataset.kind} ${dataset.index}`, dataset.value ?? '']);
    return {
      step: document.documentElement.dataset.step,
      address: location.search,
      words: words.textContent ?? '',
      numbers: Object.fromEntries(numbers) as Record<string, string>,
    };
  });
  const numbers = Object.fromEntries(Object.entries(shown.numbers).filter(([name]) => !varying.test(name)));
  return { ...shown, numbers };
}

/** The live figures in the text: name, value and shown text. */
const figures = (page: Page): Promise<[string, string | undefined, string][]> =>
  evalAll(page, '#step [data-live]', (spans) =>
    // What follows a try is hidden until the try is done.
    spans
      .filter((span) => span.checkVisibility())
      .map((span): [string, string | undefined, string] => {
        const { live = '', value } = (span as HTMLElement).dataset;
        return [live, value, span.textContent ?? ''];
      }),
  );

/** Elements of the lecture that stick out of the window sideways, and labels that stick out of the stage or overlap. */
const stickingOut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const problems: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) problems.push(`the page is ${scrollWidth} wide in ${clientWidth}`);
    for (const element of document.querySelectorAll('#lecture *, #step *, #step')) {
      const { left, right, width } = element.getBoundingClientRect();
      if (element.closest('.equation') || width === 0) continue;
      if (left < -0.5 || right > clientWidth + 0.5) problems.push(`${element.tagName} ${element.className}`);
    }
    const words = document.querySelector('#words') as HTMLElement;
    if (words.scrollWidth > words.clientWidth + 1) problems.push(`words: ${words.scrollWidth} in ${words.clientWidth}`);
    for (const equation of document.querySelectorAll('#step .equation')) {
      if (equation.scrollWidth > equation.clientWidth + 1) problems.push(`equation ${equation.textContent}`);
    }
    const stage = document.querySelector('#view')?.getBoundingClientRect();
    // A figure of the lecture lies over the whole stage.
    const isCovered = document.querySelector('#figure')?.checkVisibility() === true;
    const labels = [...document.querySelectorAll<HTMLElement>('#view .label:not([data-part=""])')]
      .filter(({ style }) => style.visibility === 'visible' && !isCovered)
      .map((label) => ({ text: label.textContent, box: label.getBoundingClientRect() }));
    for (const [k, { text, box }] of labels.entries()) {
      if (!stage || box.left < stage.left || box.right > stage.right || box.top < stage.top)
        problems.push(`label ${text}`);
      for (const other of labels.slice(0, k)) {
        const apart = [box.left - other.box.right, other.box.left - box.right, box.top - other.box.bottom];
        if (Math.max(...apart, other.box.top - box.bottom) < -1) problems.push(`labels ${text}, ${other.text}`);
      }
    }
    return problems;
  });

/** Frames after which the page has adapted to a new size of the window. */
const resizeFrames = 3;

const go = (page: Page, id: string) =>
  page.evaluate(
    async (step) => {
      const open = document.querySelector('#lecture .contents') as HTMLElement;
      open.click();
      const all = [...document.querySelectorAll<HTMLElement>('#contents .open')];
      all[Number(step)].click();
    },
    String(steps.findIndex((step) => step.id === id)),
  );

/** A picture of the stage once it looks like `before`, or once it no longer changes. */
async function picture(page: Page, before?: Pixels): Promise<Pixels> {
  // Quicker because less compressed; only Chromium can do it.
  const optimizeForSpeed = inject('browser') === 'chromium';
  const clip = await viewOf(page);
  const take = async () => readPng(await page.screenshot({ clip, captureBeyondViewport: false, optimizeForSpeed }));
  let last = await take();
  for (let tries = 0; tries < 60; tries++) {
    if (before && differenceOf(before, last) < alike) return last;
    await frames(page, resizeFrames);
    const next = await take();
    if (!before && differenceOf(last, next) < still) return next;
    last = next;
  }
  if (before) return last;
  throw new Error('The stage keeps changing.');
}

/** The order of a list, shuffled by a seed. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  const draw = random(seed, 99);
  return list
    .map((item) => ({ item, at: draw.integer(1 << 20) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** A step that a person visited, with a picture of its stage. */
interface Visit extends Shown {
  problems: string[];
  message: string;
  figures: Awaited<ReturnType<typeof figures>>;
  stage: Pixels;
}

let walk: Promise<Map<string, Visit>> | undefined;

/** Visits all steps in order, once for all tests that need it. */
const walkForwards = (page: Page): Promise<Map<string, Visit>> => {
  walk ??= visitAll(page);
  return walk;
};

async function visitAll(page: Page): Promise<Map<string, Visit>> {
  const visits = new Map<string, Visit>();
  for (const id of walked) {
    await go(page, id);
    const shown = await see(page);
    const problems = await stickingOut(page);
    const visit = { ...shown, problems, message: await messageOf(page), figures: await figures(page) };
    visits.set(id, { ...visit, stage: await picture(page) });
  }
  return visits;
}

/** What a step shows at any visit. */
const shownOf = ({ step, address, words, numbers }: Shown): Shown => ({ step, address, words, numbers });

test('each step of the lecture shows its state, text and figures, and nothing sticks out, when a person walks forwards', async ({
  page,
}) => {
  const late = ['drift', 'flipped'];
  const visits = await walkForwards(page);
  expect([...visits.keys()]).toEqual(walked);
  for (const [id, visit] of visits) {
    expect(visit.step).toBe(id);
    expect(visit.address).toBe(`?step=${id}`);
    expect([id, visit.message, visit.problems]).toEqual([id, '', []]);
    for (const [name, value, text] of visit.figures) {
      if (!late.includes(name))
        expect([id, name, text, Number.isFinite(Number(value))]).toEqual([id, name, text, true]);
    }
  }
});

test('a step shows the same state, numbers and picture when a person walks backwards by Page Up or in random order', async ({
  page,
}) => {
  const visits = await walkForwards(page);
  const compare = async (id: string) => {
    const visit = visits.get(id) as Visit;
    expect(await see(page)).toEqual(shownOf(visit));
    expect([id, differenceOf(visit.stage, await picture(page, visit.stage)) < alike]).toEqual([id, true]);
  };
  await go(page, walked[walked.length - 1]);
  for (const [k, id] of [...walked].reverse().entries()) {
    if (k > 0) await page.keyboard.press('PageUp');
    await compare(id);
  }
  for (const id of shuffled(walked, 7).slice(0, 12)) {
    await go(page, id);
    await compare(id);
  }
});

test('a step shows the same when a link opens it, and its numbers are those of the CPU engine', async ({ page }) => {
  const visits = await walkForwards(page);
  for (const id of ['05.2', '06.6']) {
    await page.goto(page.url().replace(/[?].*$/, `?step=${id}`));
    const shown = await see(page);
    expect(shown).toEqual(shownOf(visits.get(id) as Visit));
    const step = steps.find((one) => one.id === id) as (typeof steps)[number];
    const state = stateOf(step, defaults());
    const { curve, captured } = expectedFor(new URLSearchParams(toEntries(step.state)).toString());
    const last = curve[curve.length - 1];
    const live = new Map((await figures(page)).map(([name, value]) => [name, Number(value)]));
    if (live.has('captured')) expect(live.get('captured')).toBeCloseTo(captured, 4);
    if (live.has('error')) expect(live.get('error')).toBeCloseTo(last.error, 3);
    expect((await shownNumbers(page, 'curve-error')).get(String(state.rounds))).toBeCloseTo(last.error, 3);
  }
});

const toEntries = (state: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(state).map(([key, value]) => [key, value === true ? '1' : value === false ? '0' : String(value)]),
  );

test('no step of the lecture sticks out of a window of 390 × 844 or of 3840 × 2160', async ({ page }) => {
  // The layout does not depend on the device pixels, so few are drawn.
  const sizes = [
    { width: 390, height: 844, deviceScaleFactor: 0.5 },
    { width: 3840, height: 2160, deviceScaleFactor: 0.25 },
  ];
  const look = async (id: string, width: number) => {
    expect([id, width, await page.evaluate(() => innerWidth), await stickingOut(page)]).toEqual([id, width, width, []]);
    if (['04.1', '07.2', 'q5'].includes(id)) await shot(page, `lecture-${width}-${id}`);
  };
  await page.setViewport(sizes[0]);
  for (const id of walked) {
    await go(page, id);
    await settle(page);
    await look(id, sizes[0].width);
    // The next step opens at the last size of this one.
    sizes.reverse();
    await page.setViewport(sizes[0]);
    await frames(page, resizeFrames);
    await look(id, sizes[0].width);
  }
  await page.setViewport(wide);
});

test('a changed control stays in the step and in the link until it is put back', async ({ page }) => {
  await go(page, '06.1');
  await settle(page);
  await page.click('#step .do');
  await waitIdle(page);
  await waitFor(page, () => location.search === '?step=06.1&rounds=2');
  expect((await shownNumbers(page, 'curve-error')).size).toBe(2);
  await page.click('#step .changed button');
  await waitIdle(page);
  await waitFor(page, () => location.search === '?step=06.1');
  expect((await shownNumbers(page, 'curve-error')).size).toBe(1);
  // The settings stay when the lecture is left.
  await page.click('#lecture .explore');
  await waitFor(page, () => location.search === '?rounds=1&token=55');
  expect(await evalOne(page, '#step', (section) => (section as HTMLElement).hidden)).toBe(true);
  await page.click('#lecture .start');
  await waitIdle(page);
  await waitFor(page, () => location.search === '?step=01.1');
});

test('hovering a link of the text highlights its part of the page, and the reverse', async ({ page }) => {
  await go(page, '06.3');
  await settle(page);
  const has = (selector: string, name: string) =>
    evalOne(page, selector, (element, key) => element.hasAttribute(key), name);
  expect(await has('#chart-rounds', 'data-looked')).toBe(true);
  await page.hover('#step [data-target="curve"]');
  expect(await has('#chart-rounds', 'data-lit')).toBe(true);
  await page.hover('#chart-steps figcaption');
  expect(await has('#chart-rounds', 'data-lit')).toBe(false);
  await page.hover('#chart-rounds figcaption');
  expect(await has('#step [data-target="curve"]', 'data-lit')).toBe(true);
  expect(await has('#step [data-target="rounds"]', 'data-lit')).toBe(false);
  // The other view has such a control too.
  const all = await page.$$('#panel [data-key="rounds"]');
  const offered = await Promise.all(all.map((one) => one.isVisible()));
  await all[offered.indexOf(true)].hover();
  expect(await has('#step [data-target="rounds"]', 'data-lit')).toBe(true);
  await page.focus('#step [data-target="rounds"]');
  expect(await all[offered.indexOf(true)].evaluate((element) => element.hasAttribute('data-lit'))).toBe(true);
});

test('a question is judged by settings and answers: not yet, wrong, right', async ({ page }) => {
  await go(page, 'q9');
  await settle(page);
  const check = async () => {
    await page.click('#step .check');
    return evalOne(page, '#step .verdict', (verdict) => (verdict as HTMLElement).dataset.verdict);
  };
  expect(await check()).toBe('not yet');
  await setControl(page, 'lookBack', '1');
  await settle(page);
  await page.click('#step input[value="future"]');
  expect(await check()).toBe('wrong');
  await page.click('#step input[value="split"]');
  expect(await check()).toBe('right');
  expect(await evalAll(page, '#lecture .dot.right', (dots) => dots.length)).toBe(1);
  // The button opens the step that shows the answer, and the given answer is still there afterwards.
  await page.click('#step .back');
  await settle(page);
  expect(await evalOne(page, 'html', (root) => (root as HTMLElement).dataset.step)).toBe('05.2');
  await go(page, 'q9');
  await settle(page);
  expect(await evalOne(page, '#step input[value="split"]', (input) => (input as HTMLInputElement).checked)).toBe(true);
});

test('presentation mode hides the text until W, turns steps with page keys, and ends with P', async ({ page }) => {
  await go(page, '04.1');
  await settle(page);
  await page.focus('#view .stage-canvas');
  await page.keyboard.press('p');
  await waitFor(page, () => location.search === '?step=04.1&present=1');
  const isShown = () => evalOne(page, '#words', (words) => words.getClientRects().length > 0);
  expect(await isShown()).toBe(false);
  await page.keyboard.press('PageDown');
  await settle(page);
  expect(await evalOne(page, 'html', (root) => (root as HTMLElement).dataset.step)).toBe('04.2');
  expect(await evalOne(page, '#lecture .timer', (timer) => timer.textContent)).toMatch(/^\d+:\d\d$/);
  expect(await stickingOut(page)).toEqual([]);
  await shot(page, 'lecture-present');
  await page.keyboard.press('w');
  expect(await isShown()).toBe(true);
  await page.keyboard.press('p');
  expect(await evalOne(page, 'html', (root) => root.hasAttribute('data-present'))).toBe(false);
  expect(await isShown()).toBe(true);
});

test('a lesson link hides controls and keeps their settings', async ({ page }) => {
  await go(page, '06.3');
  await settle(page);
  await page.click('#lecture .link');
  await page.click('#lesson input[name="token"]');
  await page.click('#lesson input[name="seed"]');
  const address = await evalOne(page, '#lesson .address', (input) => (input as HTMLInputElement).value);
  expect(new URL(address).search).toBe('?step=06.3&hide=seed,token');
  await page.goto(address);
  await settle(page);
  const isOffered = (selector: string) =>
    evalAll(page, selector, (elements) => elements.some((element) => element.getClientRects().length > 0));
  expect(await isOffered('#panel [data-key="token"]')).toBe(false);
  expect(await isOffered('#panel [data-act="roll"]')).toBe(false);
  expect(await isOffered('#panel [data-key="rounds"]')).toBe(true);
  await page.keyboard.press('ArrowRight');
  await settle(page);
  expect(fromQuery(await linkOf(page)).state.token).toBe(41);
  await page.keyboard.press('PageDown');
  await settle(page);
  expect(await linkOf(page)).toBe('?step=06.4&hide=seed,token');
});
