import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { stateOf, steps } from '../../src/lecture/content';
import { random } from '../../src/shared/random';
import { defaults, fromQuery } from '../../src/state/state';
import { evalAll, evalOne, openBrowser, openPage, shot, viewOf, waitFor, waitIdle } from './browser';
import { expectedFor, messageOf, setControl, shownNumbers } from './reformer';

const wide = { width: 1440, height: 900, deviceScaleFactor: 0.5 };

let browser: Browser;
/** One page for all tests; each begins by opening a step. */
let page: Page;
let errors: string[];
let requests: string[];
beforeAll(async () => {
  browser = await openBrowser({ reducedMotion: true });
  ({ page, errors, requests } = await openPage(browser, '?step=01.1', wide));
  await settle(page);
});
afterAll(() => browser.close());

const walked = steps.map(({ id }) => id);

/** Kinds of numbers that are measured, trained or computed late: they differ between visits. */
const varying = /^(step-milliseconds|accuracy|loss|drift|flipped|speed)/;

/** Largest share of differing pixels between two pictures of one step. */
const alike = 0.01;

interface Shown {
  step: string | undefined;
  address: string;
  words: string;
  numbers: Record<string, string>;
}

const settle = async (page: Page) => {
  await waitIdle(page);
  // The address is written with a pause.
  await waitFor(page, () => location.search.includes(`step=${document.documentElement.dataset.step}`), 5000);
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
    spans.map((span): [string, string | undefined, string] => {
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
    const labels = [...document.querySelectorAll<HTMLElement>('#view .label:not([data-part=""])')]
      .filter(({ style }) => style.visibility === 'visible')
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

/** Waits two frames: then the page has adapted to a new size of the window. */
const frames = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)))),
  );

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

/** Share of pixels of the stage that differ clearly between two pictures. */
async function difference(page: Page, a: Uint8Array, b: Uint8Array): Promise<number> {
  if (Buffer.compare(a, b) === 0) return 0;
  const [first, second] = [a, b].map((png) => Buffer.from(png).toString('base64'));
  return page.evaluate(
    async (one, two) => {
      const read = async (base64: string) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const context = new OffscreenCanvas(image.width, image.height).getContext('2d', { willReadFrequently: true });
        if (!context) throw new Error('no 2D canvas');
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height).data;
      };
      const [left, right] = [await read(one), await read(two)];
      if (left.length !== right.length) return 1;
      let differing = 0;
      for (let i = 0; i < left.length; i += 4) {
        const apart = [0, 1, 2].reduce((sum, k) => sum + Math.abs(left[i + k] - right[i + k]), 0);
        if (apart > 60) differing++;
      }
      return differing / (left.length / 4);
    },
    first,
    second,
  );
}

/** A picture of the stage once it looks like `before`, or once it no longer changes. */
async function picture(page: Page, before?: Uint8Array): Promise<Uint8Array> {
  // Quicker because less compressed; only Chromium can do it.
  const optimizeForSpeed = inject('browser') === 'chromium';
  const clip = await viewOf(page);
  const take = () => page.screenshot({ clip, captureBeyondViewport: false, optimizeForSpeed });
  let last = await take();
  for (let tries = 0; tries < 60; tries++) {
    if (before && (await difference(page, before, last)) < alike) return last;
    await frames(page);
    const next = await take();
    if (!before && (await difference(page, last, next)) < 0.0005) return next;
    last = next;
  }
  if (before) return last;
  throw new Error('the stage keeps changing');
}

/** The order of a list, shuffled by a seed. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  const draw = random(seed, 99);
  return list
    .map((item) => ({ item, at: draw.integer(1 << 20) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

describe('walking through the lecture', () => {
  const seen = new Map<string, Shown>();
  const pictured = new Map<string, Uint8Array>();

  test('forwards, each step shows its state, text and figures, and nothing sticks out', async () => {
    for (const id of walked) {
      if (id !== '01.1') await go(page, id);
      const shown = await see(page);
      expect(shown.step).toBe(id);
      expect(shown.address).toBe(`?step=${id}`);
      expect(await messageOf(page)).toBe('');
      expect([id, await stickingOut(page)]).toEqual([id, []]);
      const late = ['drift', 'flipped'];
      for (const [name, value, text] of await figures(page)) {
        if (!late.includes(name))
          expect([id, name, text, Number.isFinite(Number(value))]).toEqual([id, name, text, true]);
      }
      pictured.set(id, await picture(page));
      seen.set(id, shown);
    }
    expect(seen.size).toBe(walked.length);
    expect(errors).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('backwards by Page Up and in random order, each step shows the same state, numbers and picture', async () => {
    const compare = async (id: string) => {
      const shown = await see(page);
      expect(shown).toEqual(seen.get(id));
      const before = pictured.get(id) as Uint8Array;
      expect([id, (await difference(page, before, await picture(page, before))) < alike]).toEqual([id, true]);
    };
    for (const [k, id] of [...walked].reverse().entries()) {
      if (k > 0) await page.keyboard.press('PageUp');
      await compare(id);
    }
    for (const id of shuffled(walked, 7).slice(0, 12)) {
      await go(page, id);
      await compare(id);
    }
    expect(errors).toEqual([]);
  });

  test('by link, a step shows the same again, and its numbers are those of the CPU engine', async () => {
    for (const id of ['05.2', '06.6']) {
      await page.goto(page.url().replace(/[?].*$/, `?step=${id}`));
      const shown = await see(page);
      if (seen.has(id)) expect(shown).toEqual(seen.get(id));
      const step = steps.find((one) => one.id === id) as (typeof steps)[number];
      const state = stateOf(step, defaults());
      const { curve, captured } = expectedFor(new URLSearchParams(toEntries(step.state)).toString());
      const last = curve[curve.length - 1];
      const live = new Map((await figures(page)).map(([name, value]) => [name, Number(value)]));
      if (live.has('captured')) expect(live.get('captured')).toBeCloseTo(captured, 4);
      if (live.has('error')) expect(live.get('error')).toBeCloseTo(last.error, 3);
      expect((await shownNumbers(page, 'curve-error')).get(String(state.rounds))).toBeCloseTo(last.error, 3);
    }
    expect(errors).toEqual([]);
  });
});

const toEntries = (state: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(state).map(([key, value]) => [key, value === true ? '1' : value === false ? '0' : String(value)]),
  );

test('nothing sticks out at 390 × 844 and at 3840 × 2160', async () => {
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
    await frames(page);
    await look(id, sizes[0].width);
  }
  await page.setViewport(wide);
  expect(errors).toEqual([]);
});

test('a changed control stays in the step and in the link until it is put back', async () => {
  await go(page, '06.1');
  await settle(page);
  await page.click('#step .do');
  await waitIdle(page);
  await waitFor(page, () => location.search === '?step=06.1&rounds=2', 5000);
  expect((await shownNumbers(page, 'curve-error')).size).toBe(2);
  await page.click('#step .changed button');
  await waitIdle(page);
  await waitFor(page, () => location.search === '?step=06.1', 5000);
  expect((await shownNumbers(page, 'curve-error')).size).toBe(1);
  // The settings stay when the lecture is left.
  await page.click('#lecture .explore');
  await waitFor(page, () => location.search === '?rounds=1&token=55', 5000);
  expect(await evalOne(page, '#step', (section) => (section as HTMLElement).hidden)).toBe(true);
  await page.click('#lecture .start');
  await waitIdle(page);
  await waitFor(page, () => location.search === '?step=01.1', 5000);
  expect(errors).toEqual([]);
});

test('hovering a link of the text highlights its part of the page, and the reverse', async () => {
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

test('a question is judged by settings and answers: not yet, wrong, right', async () => {
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
  expect(errors).toEqual([]);
});

test('presentation mode hides the text until W, turns steps with page keys, and ends with P', async () => {
  await go(page, '04.1');
  await settle(page);
  await page.keyboard.press('p');
  await waitFor(page, () => location.search === '?step=04.1&present=1', 5000);
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
  expect(errors).toEqual([]);
});

test('a lesson link hides controls and keeps their settings', async () => {
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
  expect(fromQuery(new URL(page.url()).search).state.token).toBe(41);
  await page.keyboard.press('PageDown');
  await settle(page);
  expect(new URL(page.url()).search).toBe('?step=06.4&hide=seed,token');
  expect(errors).toEqual([]);
});
