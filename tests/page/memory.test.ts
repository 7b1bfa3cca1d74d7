import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { fromQuery } from '../../src/state/state';
import { outOfMemory } from '../support/out-of-memory';
import { closePages, evalOne, openBrowser, openPage, waitFor, waitIdle } from './browser';
import { messageOf, numbersOf, press, setControl, shownNumbers, stepOf } from './reformer';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() => closePages(browser));

interface Memory {
  /** Buffers and textures that were asked for, with a scope open that hears of memory that runs out. */
  made: string[];
  /** How many have been made when there is no memory for the next one, once; -1: there is. */
  failAt: number;
}

/** Runs in the page: for one allocation to come the device has no memory. That is invalid then, and the scope around it is told why. */
function exhaustible(): void {
  if (!('GPUDevice' in globalThis)) return;
  const memory: Memory = { made: [], failAt: -1 };
  Object.assign(globalThis, { memory });
  const { pushErrorScope, popErrorScope, createBuffer, createTexture } = GPUDevice.prototype;
  const scopes = new WeakMap<GPUDevice, { filter: string; isOut: boolean }[]>();
  const scopesOf = (device: GPUDevice) => scopes.get(device) ?? scopes.set(device, []).get(device) ?? [];
  GPUDevice.prototype.pushErrorScope = function (filter) {
    scopesOf(this).push({ filter, isOut: false });
    return pushErrorScope.call(this, filter);
  };
  GPUDevice.prototype.popErrorScope = function () {
    const scope = scopesOf(this).pop();
    const popped = popErrorScope.call(this);
    return scope?.isOut ? popped.then(() => new GPUOutOfMemoryError('injected')) : popped;
  };
  const fails = (device: GPUDevice, label = '') => {
    const scope = scopesOf(device).at(-1);
    if (scope?.filter !== 'out-of-memory') return false;
    const isOut = memory.made.length === memory.failAt;
    memory.made.push(label);
    scope.isOut ||= isOut;
    return isOut;
  };
  const invalid = <T>(device: GPUDevice, make: () => T): T => {
    pushErrorScope.call(device, 'validation');
    const made = make();
    void popErrorScope.call(device);
    return made;
  };
  GPUDevice.prototype.createBuffer = function (descriptor) {
    if (!fails(this, descriptor.label)) return createBuffer.call(this, descriptor);
    // No buffer may be mapped and bound.
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE;
    return invalid(this, () => createBuffer.call(this, { ...descriptor, usage }));
  };
  GPUDevice.prototype.createTexture = function (descriptor) {
    if (!fails(this, descriptor.label)) return createTexture.call(this, descriptor);
    return invalid(this, () => createTexture.call(this, { ...descriptor, size: [0, 0] }));
  };
}

const memoryOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { memory: Memory }).memory.made);

/** There is no memory for the allocation after so many from now on. */
const exhaust = (page: Page, after: number): Promise<number> =>
  page.evaluate((count) => {
    const { memory } = globalThis as unknown as { memory: Memory };
    memory.failAt = memory.made.length + count;
    return memory.failAt;
  }, after);

/** All that a person sees of a state. */
async function seen(page: Page): Promise<object> {
  const { search } = new URL(page.url());
  const device = await evalOne(page, '#device', (element) => element.textContent);
  const scene = await evalOne(
    page,
    '#panel [data-key="scene"] select',
    (element) => (element as HTMLSelectElement).value,
  );
  return { search, device, scene, numbers: await numbersOf(page) };
}

/** Allocations that fail, of those that a test meets: in Firefox a few, in Chromium more; below the page all do, in tests/gpu/exhausted. */
const most = inject('browser') === 'chromium' ? 10 : 4;

/** At most so many, evenly spread, the first and the last among them. */
const some = (places: number[], count: number): number[] => {
  const step = Math.max(1, (places.length - 1) / (count - 1));
  return Array.from({ length: Math.min(count, places.length) }, (_, k) => places[Math.round(k * step)]);
};

test.each([
  ['rounds', '5', '?n=200&rounds=2'],
  ['n', '4096', '?n=2048&rounds=1&scene=loom'],
])('memory runs out anywhere as %s becomes %s: one sentence, and all stays as it was', async (key, value, query) => {
  const { page, errors } = await openPage(browser, query, { before: exhaustible });
  await waitIdle(page);
  const { [key as 'n']: old } = fromQuery(query).state;
  const change = async (to: string) => {
    await setControl(page, key, to);
    await waitIdle(page);
  };
  // There and back, so that what each way needs once is there.
  await change(value);
  await change(String(old));
  const before = await seen(page);
  const { length } = await memoryOf(page);
  await change(value);
  const asked = (await memoryOf(page)).slice(length);
  const after = await seen(page);
  await change(String(old));
  const names = asked.flatMap((label, place) => (asked.indexOf(label) === place ? [place] : []));
  expect(names.length).toBeGreaterThan(10);
  const places = some(names, most);
  console.log(`${asked.length} allocations, of which fail ${places.map((place) => asked[place]).join(', ')}`);
  for (const place of places) {
    expect(await seen(page)).toEqual(before);
    const at = await exhaust(page, place);
    await change(value);
    const label = (await memoryOf(page))[at];
    expect(await messageOf(page), label).toMatch(outOfMemory);
    expect(await seen(page), label).toEqual(before);
  }
  await change(value);
  expect(await messageOf(page)).toBe('');
  expect(await seen(page)).toEqual(after);
  expect(errors).toEqual([]);
});

test('memory runs out in the view of the layers: one sentence, and on the next try it learns what it would have', async () => {
  const query = '?scene=tower&taskLength=16&layers=1&n=64&rounds=1';
  const { page, errors } = await openPage(browser, query, { before: exhaustible });
  const enter = async (view: string) => {
    await page.evaluate((name) => (document.querySelector(`[data-view="${name}"]`) as HTMLElement).click(), view);
    await waitIdle(page);
  };
  /** The number and the loss of one step more, when all has been found out about it. */
  const step = async () => {
    const before = await stepOf(page);
    await press(page, 'step');
    await expect.poll(() => stepOf(page), { timeout: 20_000 }).toBe(before + 1);
    await waitFor(page, () => document.querySelector('[data-kind="drift"]') !== null, 20_000);
    return [before + 1, (await shownNumbers(page, 'loss')).get('reversible')];
  };
  /** Another model than the one before: the view keeps that. */
  const leaveFor = async (seed: string) => {
    await enter('attention');
    await setControl(page, 'seed', seed);
    await waitIdle(page);
  };
  await waitIdle(page);
  await step();
  await leaveFor('2');
  const { length } = await memoryOf(page);
  await enter('layers');
  const losses = [await step()];
  const asked = (await memoryOf(page)).slice(length);
  const device = await evalOne(page, '#device', (element) => element.textContent);
  losses.push(await step());
  // The last that asks for moments is the model itself: before it, memory is only measured.
  const first = asked.lastIndexOf('moments 0') - 2;
  const own = Array.from({ length: asked.length - first }, (_, k) => first + k);
  const places = some(own, 1 + most / 2);
  console.log(`${asked.length} allocations, of which fail ${places.map((place) => asked[place]).join(', ')}`);
  for (const place of places) {
    await leaveFor('3');
    await enter('layers');
    await leaveFor('2');
    await exhaust(page, place);
    await enter('layers');
    if ((await messageOf(page)) === '') await press(page, 'step');
    await expect.poll(() => messageOf(page), { timeout: 20_000 }).toMatch(outOfMemory);
    if (place === places.at(-1)) {
      // And again, in the middle of making it anew.
      await evalOne(page, '#message button', (button) => (button as HTMLElement).click());
      await exhaust(page, places[0]);
      await press(page, 'step');
      await expect.poll(() => messageOf(page), { timeout: 20_000 }).toMatch(outOfMemory);
    }
    // What cannot be opened is not entered; what cannot go on stays after the last step that was done.
    await enter('layers');
    expect(losses, asked[place]).toContainEqual(await step());
    expect(await evalOne(page, '#device', (element) => element.textContent)).toBe(device);
  }
  expect(errors).toEqual([]);
}, 300_000);
