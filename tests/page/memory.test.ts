import type { Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { fromQuery } from '../../src/state/state';
import { outOfMemory } from '../support/out-of-memory';
import { evalOne, until, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { messageOf, numbersOf, press, setControl, shownNumbers, stepOf } from './reformer';

interface Memory {
  /** Labels of the buffers and textures that were created inside an error scope for `out-of-memory`. */
  allocations: string[];
  /** Label of the allocation that fails; undefined: none, or it has failed. */
  failLabel: string | undefined;
  /** Allocations with this label that succeed before. */
  passing: number;
}

/** Runs in the page: one later allocation can fail. It gives an invalid object, and its error scope reports `out-of-memory`. */
function simulateExhaustion(): void {
  if (!('GPUDevice' in globalThis)) return;
  const memory: Memory = { allocations: [], failLabel: undefined, passing: 0 };
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
    const isOut = label === memory.failLabel && memory.passing-- === 0;
    if (isOut) memory.failLabel = undefined;
    memory.allocations.push(label);
    scope.isOut ||= isOut;
    return isOut;
  };
  const createInvalid = <T>(device: GPUDevice, create: () => T): T => {
    pushErrorScope.call(device, 'validation');
    const resource = create();
    void popErrorScope.call(device);
    return resource;
  };
  GPUDevice.prototype.createBuffer = function (descriptor) {
    if (!fails(this, descriptor.label)) return createBuffer.call(this, descriptor);
    // A buffer with these two usages is invalid.
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE;
    return createInvalid(this, () => createBuffer.call(this, { ...descriptor, usage }));
  };
  GPUDevice.prototype.createTexture = function (descriptor) {
    if (!fails(this, descriptor.label)) return createTexture.call(this, descriptor);
    return createInvalid(this, () => createTexture.call(this, { ...descriptor, size: [0, 0] }));
  };
}

const allocationsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { memory: Memory }).memory.allocations);

/** Lets an allocation with this label fail, after so many others with this label. Without a label, all succeed. */
const exhaust = (page: Page, label?: string, passing = 0): Promise<void> =>
  page.evaluate(
    (failLabel, count) => {
      Object.assign((globalThis as unknown as { memory: Memory }).memory, {
        failLabel: failLabel ?? undefined,
        passing: count,
      });
    },
    label,
    passing,
  );

/** True if the allocation that `exhaust` names has not come yet. */
const isPending = (page: Page): Promise<boolean> =>
  page.evaluate(() => (globalThis as unknown as { memory: Memory }).memory.failLabel !== undefined);

/** The link, the device line, the scene and the numbers that the page shows. */
async function shownState(page: Page): Promise<object> {
  const { search } = new URL(page.url());
  const device = await evalOne(page, '#device', (element) => element.textContent);
  const scene = await evalOne(
    page,
    '#panel [data-key="scene"] select',
    (element) => (element as HTMLSelectElement).value,
  );
  return { search, device, scene, numbers: await numbersOf(page) };
}

/** Number of allocations that fail in turn. tests/gpu/exhausted lets all of them fail, below the page. */
const mostFailures = inject('browser') === 'chromium' ? 10 : 4;

/** At most `count` of the numbers, evenly spread, with the first and the last. */
const spread = (numbers: number[], count: number): number[] => {
  const step = Math.max(1, (numbers.length - 1) / (count - 1));
  return Array.from({ length: Math.min(count, numbers.length) }, (_, k) => numbers[Math.round(k * step)]);
};

test.for([
  ['rounds', '5', '?n=200&rounds=2'],
  ['n', '4096', '?n=2048&rounds=1&scene=loom'],
])(
  'the page shows one sentence and keeps its state when memory runs out anywhere as %s becomes %s',
  async ([key, value, query], { open }) => {
    const { page } = await open(query, { before: simulateExhaustion });
    const { [key as 'n']: old } = fromQuery(query).state;
    const change = async (to: string) => {
      await setControl(page, key, to);
      await waitIdle(page);
    };
    // There and back, so that everything exists that each way creates only once.
    await change(value);
    await change(String(old));
    const before = await shownState(page);
    // How work is cut into dispatches follows the measured speed of the device, and so does which buffers keep their sizes. So allocations
    // are named by their labels, and only those fail that come each time.
    const passes: string[][] = [];
    let after = before;
    for (let pass = 0; pass < 2; pass++) {
      const { length } = await allocationsOf(page);
      await change(value);
      passes.push((await allocationsOf(page)).slice(length));
      after = await shownState(page);
      await change(String(old));
    }
    const labels = [...new Set(passes[0])].filter((label) => passes[1].includes(label));
    expect(labels.length).toBeGreaterThan(10);
    const failing = spread([...labels.keys()], mostFailures).map((k) => labels[k]);
    console.log(`of ${passes[0].length} allocations these fail: ${failing.join(', ')}`);
    let failures = 0;
    for (const label of failing) {
      expect(await shownState(page)).toEqual(before);
      await exhaust(page, label);
      await change(value);
      if (await isPending(page)) {
        // This time the buffer had its size already.
        await exhaust(page);
        await change(String(old));
        continue;
      }
      failures++;
      expect(await messageOf(page), label).toMatch(outOfMemory);
      expect(await shownState(page), label).toEqual(before);
    }
    expect(failures).toBeGreaterThanOrEqual(failing.length - 1);
    await change(value);
    expect(await messageOf(page)).toBe('');
    expect(await shownState(page)).toEqual(after);
  },
);

test('the view of the layers shows one sentence when memory runs out, and the next attempt gives the same losses', async ({
  open,
}) => {
  const query = '?scene=tower&taskLength=16&layers=1&n=64&rounds=1';
  const { page } = await open(query, { before: simulateExhaustion });
  const enter = async (view: string) => {
    await page.evaluate((name) => (document.querySelector(`[data-view="${name}"]`) as HTMLElement).click(), view);
    await waitIdle(page);
  };
  /** Trains one step. Returns its number and loss after the read-out is complete. */
  const step = async () => {
    const before = await stepOf(page);
    await press(page, 'step');
    await until('the step is done', async () => (await stepOf(page)) === before + 1);
    await waitFor(page, () => document.querySelector('[data-kind="drift"]') !== null);
    return [before + 1, (await shownNumbers(page, 'loss')).get('reversible')];
  };
  /** Leaves the view and changes the seed, so that the view makes another model when it is entered. */
  const changeSeed = async (seed: string) => {
    await enter('attention');
    await setControl(page, 'seed', seed);
    await waitIdle(page);
  };
  await step();
  await changeSeed('2');
  const { length } = await allocationsOf(page);
  await enter('layers');
  const firstStep = await step();
  const allocations = (await allocationsOf(page)).slice(length);
  const device = await evalOne(page, '#device', (element) => element.textContent);
  /** The first two steps of the models of two seeds. */
  const steps = new Map([['2', [firstStep, await step()]]]);
  await changeSeed('3');
  await enter('layers');
  steps.set('3', [await step(), await step()]);
  // The last allocation of moments belongs to the model itself. Those before it only measure memory, with buffers of the same labels.
  const first = allocations.lastIndexOf('moments 0') - 2;
  const labels = [...new Set(allocations.slice(first))];
  const failing = spread([...labels.keys()], 1 + mostFailures / 2).map((k) => labels[k]);
  console.log(`of ${allocations.length} allocations these fail: ${failing.join(', ')}`);
  /** Lets the model's own allocation with this label fail. */
  const exhaustModel = (label: string) =>
    exhaust(page, label, allocations.slice(0, first).filter((other) => other === label).length);
  for (const [k, label] of failing.entries()) {
    const seed = k % 2 ? '3' : '2';
    await changeSeed(seed);
    await exhaustModel(label);
    await enter('layers');
    if ((await messageOf(page)) === '') await press(page, 'step');
    expect(await until(`memory for ${label} runs out`, () => messageOf(page))).toMatch(outOfMemory);
    if (label === failing.at(-1)) {
      // Memory runs out again while the model is made again.
      await evalOne(page, '#message button', (button) => (button as HTMLElement).click());
      await exhaustModel(failing[0]);
      await press(page, 'step');
      expect(await until(`memory for ${failing[0]} runs out`, () => messageOf(page))).toMatch(outOfMemory);
    }
    // A model that cannot be opened leaves the page in the other view. A step that fails leaves the model after the step before it.
    await enter('layers');
    expect(steps.get(seed), label).toContainEqual(await step());
    expect(await evalOne(page, '#device', (element) => element.textContent)).toBe(device);
  }
}, 300_000);
