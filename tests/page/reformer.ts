import type { Page } from 'puppeteer-core';
import { fullScores } from '../../src/core/full';
import { bucketSizes, rotations } from '../../src/core/hash';
import { duplication, sphere, twins, type Vectors } from '../../src/core/inputs';
import { lshAttention, slotsOf } from '../../src/core/lsh';
import { type CurvePoint, roundsCurve } from '../../src/core/measure';
import { readToken, type TokenReadout } from '../../src/core/readout';
import { keyLengths } from '../../src/core/score';
import type { State } from '../../src/state/schema';
import { fromQuery, settingsOf, shapeOf, shownHead, shownRound, shownToken } from '../../src/state/state';

/** Every number of one kind that the page shows, by its index. */
export function shownNumbers(page: Page, kind: string): Promise<Map<string, number>> {
  return page
    .$$eval(`[data-kind="${kind}"]`, (elements) =>
      elements.map((element): [string, number] => {
        const { index, value } = (element as HTMLElement | SVGElement).dataset;
        return [index ?? '', Number(value)];
      }),
    )
    .then((entries) => new Map(entries));
}

/** What the core says for the state of a link. */
export interface Expected {
  state: State;
  readout: TokenReadout;
  curve: CurvePoint[];
  sizes: Int32Array;
}

export function expectedFor(query: string): Expected {
  const { state } = fromQuery(query);
  const shape = shapeOf(state);
  const settings = settingsOf(state);
  const { seed, noise, length, symbols } = state;
  const options = { seed, noise, length };
  const vectors: Vectors =
    state.input === 'sphere'
      ? sphere(shape, options)
      : state.input === 'duplication'
        ? duplication(shape, { ...options, symbols })
        : twins(shape, options);
  const input = { shape, qk: vectors.qk, v: vectors.v, rotations: rotations(shape, settings, seed) };
  const { placements } = lshAttention(input, settings);
  const head = shownHead(state);
  const token = shownToken(state);
  const round = shownRound(state);
  const { buckets, rank } = placements[head];
  const ofRounds = (values: Int32Array) =>
    Array.from({ length: settings.rounds }, (_, r) => values[r * shape.n + token]);
  const lengths = keyLengths(input.qk, shape, settings, head);
  const readout = readToken(
    {
      token,
      buckets: ofRounds(buckets),
      ranks: ofRounds(rank),
      slots: slotsOf(input, settings, placements[head], lengths, head, token),
      fullScores: fullScores(input, settings, lengths, head, token),
    },
    settings,
  );
  const sizes = bucketSizes(buckets.subarray(round * shape.n, (round + 1) * shape.n), settings);
  return { state, readout, curve: roundsCurve(input, settings), sizes };
}

/** Counts dispatches and draws from before the page's first script on: `window.gpuCounts`. */
export function countGpuWork(): void {
  if (!('GPUQueue' in globalThis)) return;
  const counts = { dispatches: 0, draws: 0, largeDraws: 0, mostInPass: 0 };
  const inPass = new WeakMap<GPURenderPassEncoder, number>();
  Object.assign(globalThis, { gpuCounts: counts });
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...args) {
    counts.dispatches++;
    return dispatchWorkgroups.apply(this, args);
  };
  const { draw, drawIndexed } = GPURenderPassEncoder.prototype;
  GPURenderPassEncoder.prototype.draw = function (...args) {
    counts.draws++;
    if (args[0] > 100) {
      counts.largeDraws++;
      inPass.set(this, (inPass.get(this) ?? 0) + 1);
      counts.mostInPass = Math.max(counts.mostInPass, inPass.get(this) ?? 0);
    }
    return draw.apply(this, args);
  };
  GPURenderPassEncoder.prototype.drawIndexed = function (...args) {
    counts.draws++;
    return drawIndexed.apply(this, args);
  };
}

export interface GpuCounts {
  dispatches: number;
  draws: number;
  /** Draws of more than 100 vertices: the loom, not the matrix or what three.js adds. */
  largeDraws: number;
  /** The most of these in one render pass. */
  mostInPass: number;
}

export const gpuCounts = (page: Page): Promise<GpuCounts> =>
  page.evaluate(() => ({ ...(globalThis as unknown as { gpuCounts: GpuCounts }).gpuCounts }));

/** Keeps every device that the page opens, for tests that take one away: `window.devices`. */
export function keepDevices(): void {
  if (!('GPUAdapter' in globalThis)) return;
  const devices: GPUDevice[] = [];
  Object.assign(globalThis, { devices });
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    devices.push(device);
    return device;
  };
}

/** Distinct colours in a part of a screenshot, and the share of the commonest one. */
export function colours(page: Page, png: Uint8Array, clip: { x: number; y: number; width: number; height: number }) {
  return page.evaluate(
    async (base64, { x, y, width, height }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no 2D canvas');
      context.drawImage(image, -x, -y);
      const { data } = context.getImageData(0, 0, width, height);
      const counts = new Map<number, number>();
      for (let i = 0; i < data.length; i += 4) {
        const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
      }
      return { distinct: counts.size, commonest: Math.max(...counts.values()) / (width * height) };
    },
    Buffer.from(png).toString('base64'),
    clip,
  );
}

export const messageOf = (page: Page): Promise<string> =>
  page.$eval('#message', (element) =>
    (element as HTMLElement).hidden ? '' : (element.querySelector('span')?.textContent ?? ''),
  );

/** Types a value into a control of the panel. */
export async function setControl(page: Page, key: string, value: string): Promise<void> {
  const selector = `#panel [data-key="${key}"] input`;
  await page.$eval(
    selector,
    (element, text) => {
      const input = element as HTMLInputElement;
      input.focus();
      input.value = text;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      input.blur();
    },
    value,
  );
}
