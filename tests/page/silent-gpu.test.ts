import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { page as words } from '../../src/language/page';
import { until } from './browser';
import { test } from './fixture';
import { expectCoreNumbers } from './numbers';
import { messageOf } from './reformer';

/** Number of different colours on the canvas of the stage without a GPU. */
const drawnColours = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.querySelector('#view canvas') as HTMLCanvasElement;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

/** What a driver that hangs, or a browser without a context for its canvas, does to the page. Each function runs in the page. */
const silences: Record<string, () => void> = {
  'requestAdapter never answers': () => {
    Object.defineProperty(GPU.prototype, 'requestAdapter', { value: () => new Promise(() => {}) });
  },
  'requestDevice never answers': () => {
    Object.defineProperty(GPUAdapter.prototype, 'requestDevice', { value: () => new Promise(() => {}) });
  },
  'the device never finishes work': () => {
    Object.defineProperty(GPUQueue.prototype, 'onSubmittedWorkDone', { value: () => new Promise(() => {}) });
  },
};

const refusals: Record<string, () => void> = {
  'the canvas has no context': () => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...args: unknown[]) {
      return args[0] === 'webgpu' ? null : Reflect.apply(getContext, this, args);
    } as typeof getContext;
  },
  'the context throws': () => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...args: unknown[]) {
      if (args[0] === 'webgpu') throw new TypeError('no such context');
      return Reflect.apply(getContext, this, args);
    } as typeof getContext;
  },
  'the canvas has no format': () => {
    GPU.prototype.getPreferredCanvasFormat = () => {
      throw new TypeError('no format');
    };
  },
  'the canvas cannot be configured': () => {
    GPUCanvasContext.prototype.configure = () => {
      throw new TypeError('not configured');
    };
  },
};

test.for(Object.keys(silences))(
  'when %s, the page computes on the CPU within ten seconds and says why',
  async (name, { open }) => {
    const { page } = await open('?rounds=2', { fine: true, before: silences[name], rests: false });
    const message = await until('a sentence is shown', () => messageOf(page));
    expect(await page.evaluate(() => performance.now())).toBeLessThan(10_000);
    expect(message).toBe(words.notices.noAnswer(512));
    await until('the page is at rest', () => page.evaluate(() => document.documentElement.dataset.state === 'ready'));
    await expectCoreNumbers(page, '?rounds=2');
    expect(await drawnColours(page)).toBeGreaterThan(200);
  },
);

test.for(Object.keys(refusals))('when %s, the page computes on the CPU and says why', async (name, { open }) => {
  const { page } = await open('?rounds=2', { fine: true, before: refusals[name], rests: false });
  await until('the page is at rest', () => page.evaluate(() => document.documentElement.dataset.state === 'ready'));
  expect(await messageOf(page)).toBe(words.notices.withoutStage(512));
  await expectCoreNumbers(page, '?rounds=2');
  expect(await page.$$eval('#view canvas', (canvases) => canvases.length)).toBe(1);
  expect(await drawnColours(page)).toBeGreaterThan(200);
});

test('a device that comes late is ended', async ({ open }) => {
  const { page } = await open('?rounds=1', {
    rests: false,
    before: () => {
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (descriptor) {
        const device = await requestDevice.call(this, descriptor);
        Object.assign(globalThis, { late: device.lost.then(({ reason }) => reason) });
        await new Promise((resolve) => setTimeout(resolve, 8500));
        return device;
      };
    },
  });
  await until('a sentence is shown', () => messageOf(page));
  const reason = await page.evaluate(() => (globalThis as unknown as { late: Promise<string> }).late);
  expect(reason).toBe('destroyed');
});
