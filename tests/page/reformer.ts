import type { Page } from 'puppeteer-core';
import { type CurvePoint, roundsCurve } from '../../src/algorithm/fidelity';
import { fullAttention } from '../../src/algorithm/full';
import { bucketSizes, rotations } from '../../src/algorithm/hash';
import { duplication, sphere, twins, type Vectors } from '../../src/algorithm/inputs';
import { lshAttention } from '../../src/algorithm/lsh';
import { keyLengths, logSumExp, score } from '../../src/algorithm/score';
import { type Settings, windowLength } from '../../src/algorithm/settings';
import { turnDirections } from '../../src/algorithm/turned-directions';
import { forEachSlot, type Placement } from '../../src/algorithm/window';
import { charts } from '../../src/language/charts';
import { panel } from '../../src/language/panel';
import { type Control, controls, type Key, type State } from '../../src/state/schema';
import { fromQuery, settingsOf, shapeOf, shownHead, shownRound, shownToken } from '../../src/state/state';
import { coloursOf, readPng } from '../support/pictures';
import { evalAll, evalOne, frames, shot, viewOf, waitDrawn } from './browser';

/** Matches text that begins with a sentence of the page. Each `#` in the sentence is a group that matches any value. */
export const patternOf = (sentence: string): RegExp =>
  new RegExp(`^${sentence.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('#', '(.+?)')}`);

/** Every number of one kind that the page shows, by its index. */
export function shownNumbers(page: Page, kind: string): Promise<Map<string, number>> {
  return evalAll(page, `[data-kind="${kind}"]`, (elements) =>
    elements.map((element): [string, number] => {
      const { index, value } = (element as HTMLElement | SVGElement).dataset;
      return [index ?? '', Number(value)];
    }),
  ).then((entries) => new Map(entries));
}

/** The CPU engine's numbers for the state of a link. */
export interface Expected {
  state: State;
  settings: Settings;
  token: number;
  /** Buckets and sorted order of the shown head. */
  placement: Placement;
  rounds: { bucket: number; rank: number; chunk: number; weight: number }[];
  /** Weight in the output and in full attention of every key that the selected token sees. */
  seen: Map<number, { weight: number; full: number }>;
  /** Weight in full attention of the keys that it does not see. */
  missed: Map<number, number>;
  captured: number;
  curve: CurvePoint[];
  sizes: Int32Array;
}

/**
 * Computes what the page should show, with the CPU engine and in another way than the page: from log-sum-exps, over all pairs.
 * `ownVectors` replace those of the link.
 */
export function expectedFor(query: string, ownVectors?: Vectors): Expected {
  const { state } = fromQuery(query);
  const shape = ownVectors?.shape ?? shapeOf(state);
  const settings = settingsOf({ ...state, ...shape });
  const vectors = ownVectors ?? vectorsOf(state);
  const { n } = shape;
  const directions = turnDirections(rotations(shape, settings, state.seed), shape, state.turn);
  const input = { shape, qk: vectors.qk, v: vectors.v, rotations: directions };
  const { placements, lse } = lshAttention(input, settings);
  const head = shownHead(state);
  const token = Math.min(shownToken(state), n - 1);
  const round = shownRound(state);
  const { buckets, rank } = placements[head];
  const roundLse = Array.from({ length: settings.rounds }, (_, r) => lse[(head * settings.rounds + r) * n + token]);
  const total = logSumExp(roundLse);
  const lengths = keyLengths(input.qk, shape, settings, head);
  const fullLse = fullAttention(input, settings).lse[head * n + token];
  const seen = new Map<number, { weight: number; full: number }>();
  const missed = new Map<number, number>();
  for (let key = 0; key < n; key++) {
    if (settings.causal && key > token) continue;
    let meetings = 0;
    for (let r = 0; r < settings.rounds; r++) {
      forEachSlot(placements[head], settings, r, token, (met) => {
        if (met === key) meetings++;
      });
    }
    const value = score(input.qk, lengths, shape, settings, head, token, key);
    const full = Math.exp(value - fullLse);
    const times = settings.duplicates === 'divided' ? 1 : meetings;
    if (meetings) seen.set(key, { weight: times * Math.exp(value - total), full });
    else if (full > 0) missed.set(key, full);
  }
  return {
    state,
    settings,
    token,
    placement: placements[head],
    rounds: roundLse.map((value, r) => ({
      bucket: buckets[r * n + token],
      rank: rank[r * n + token],
      chunk: Math.floor(rank[r * n + token] / settings.chunk),
      weight: Math.exp(value - total),
    })),
    seen,
    missed,
    captured: [...seen.values()].reduce((sum, { full }) => sum + full, 0),
    curve: roundsCurve(input, settings),
    sizes: bucketSizes(buckets.subarray(round * n, (round + 1) * n), settings),
  };
}

/** The CPU engine's numbers that the comparison shows, by their names in its indices. */
export function comparedNumbers({ curve, seen, settings }: Expected): Record<string, number> {
  const last = curve[curve.length - 1];
  const slots = settings.rounds * windowLength(settings);
  return { error: last.error, captured: last.captured, ...last.lost, seen: seen.size, slots };
}

function vectorsOf(state: State): Vectors {
  const shape = shapeOf(state);
  const { seed, noise, length, symbols } = state;
  const options = { seed, noise, length };
  if (state.input === 'sphere') return sphere(shape, options);
  if (state.input === 'duplication') return duplication(shape, { ...options, symbols });
  return twins(shape, options);
}

/** Runs in the page before its first script. Counts dispatches, draws and frames in `window.gpuCounts`. */
export function countGpuWork(): void {
  if (!('GPUQueue' in globalThis)) return;
  const counts = { dispatches: 0, draws: 0, largeDraws: 0, mostInPass: 0, frames: 0, emptyLists: 0 };
  const inPass = new WeakMap<GPURenderPassEncoder, number>();
  const { requestAnimationFrame } = globalThis;
  const queues = new Set<GPUQueue>();
  Object.assign(globalThis, { gpuCounts: counts, queues, ownFrame: requestAnimationFrame });
  globalThis.requestAnimationFrame = (callback) => {
    counts.frames++;
    return requestAnimationFrame(callback);
  };
  const { submit } = GPUQueue.prototype;
  GPUQueue.prototype.submit = function (lists) {
    queues.add(this);
    const all = [...lists];
    if (all.length === 0) counts.emptyLists++;
    return submit.call(this, all);
  };
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...args) {
    counts.dispatches++;
    return dispatchWorkgroups.apply(this, args);
  };
  const count = (pass: GPURenderPassEncoder, vertices: number) => {
    counts.draws++;
    if (vertices <= 100) return;
    counts.largeDraws++;
    inPass.set(pass, (inPass.get(pass) ?? 0) + 1);
    counts.mostInPass = Math.max(counts.mostInPass, inPass.get(pass) ?? 0);
  };
  const { draw, drawIndexed } = GPURenderPassEncoder.prototype;
  GPURenderPassEncoder.prototype.draw = function (...args) {
    count(this, args[0]);
    return draw.apply(this, args);
  };
  GPURenderPassEncoder.prototype.drawIndexed = function (...args) {
    count(this, args[0]);
    return drawIndexed.apply(this, args);
  };
}

export interface GpuCounts {
  dispatches: number;
  draws: number;
  /** Draws of more than 100 vertices or indices. Only the loom has such draws. */
  largeDraws: number;
  /** Most large draws in one render pass. */
  mostInPass: number;
  /** The page's calls of requestAnimationFrame. */
  frames: number;
  /** Submitted command lists without commands. */
  emptyLists: number;
}

export const gpuCounts = (page: Page): Promise<GpuCounts> =>
  page.evaluate(() => ({ ...(globalThis as unknown as { gpuCounts: GpuCounts }).gpuCounts }));

/** Frames of the browser in which a page that draws nothing is at rest. */
const restFrames = 20;

/** Waits until the page draws nothing in some frames, and returns the counts. */
export async function quiet(page: Page): Promise<GpuCounts> {
  for (let last = await gpuCounts(page); ; ) {
    // A frame may wait for the device to finish others.
    await page.evaluate(async () => {
      const { queues } = globalThis as unknown as { queues: Set<GPUQueue> };
      await Promise.allSettled([...queues].map((queue) => queue.onSubmittedWorkDone()));
    });
    await frames(page, restFrames);
    const now = await gpuCounts(page);
    if (now.draws === last.draws && now.frames === last.frames) return now;
    last = now;
  }
}

/** Runs in the page before its first script. Collects in `window.devices` every device that the page opens, so that tests can destroy one. */
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

/** The colours of the stage once its newest result is on the screen. */
export async function stageColours(page: Page, name: string) {
  await waitDrawn(page);
  return coloursNow(page, name);
}

/** The colours of the stage in a picture of the whole page, which is also saved: all of them, and the share of the commonest one. */
export async function coloursNow(page: Page, name: string) {
  const { x, y, width, height } = await viewOf(page);
  const picture = readPng(await shot(page, name));
  const scale = await page.evaluate(() => devicePixelRatio);
  const [left, top, across, down] = [x, y, width, height].map((length) => Math.floor(scale * length));
  const counts = coloursOf(picture, { x: left, y: top, width: across, height: down });
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { counts, distinct: counts.size, commonest: Math.max(...counts.values()) / all };
}

export const messageOf = (page: Page): Promise<string> =>
  evalOne(page, '#message', (element) =>
    (element as HTMLElement).hidden ? '' : (element.querySelector('span')?.textContent ?? ''),
  );

/** All numbers of the open view, except measured times and the numbers in opened reasons, which depend on what a person opened. */
export const numbersOf = (page: Page): Promise<string[]> =>
  evalAll(page, 'main [data-kind]', (elements) =>
    elements
      .filter((element) => element.getClientRects().length > 0)
      .map((element) => (element as HTMLElement | SVGElement).dataset)
      .filter(({ kind }) => !/milliseconds|^missed-(?!full|cause)/.test(kind ?? ''))
      .map(({ kind, index, value }) => `${kind} ${index} ${value}`)
      .sort(),
  );

/** Finished training steps. */
export async function stepOf(page: Page): Promise<number> {
  const summary = await evalOne(page, '#chart-loss figcaption span', (element) => element.textContent ?? '');
  return Number(patternOf(charts.loss.summary('#', '#', '#')).exec(summary)?.[1] ?? 0);
}

/** Presses a button of the panel. @throws Error if the panel has no such button. */
export async function press(page: Page, button: keyof typeof panel.buttons): Promise<void> {
  const name = panel.buttons[button];
  const isThere = await evalAll(
    page,
    '#panel button',
    (buttons, text) => {
      const element = buttons.find(({ textContent }) => textContent === text) as HTMLElement | undefined;
      element?.click();
      return element !== undefined;
    },
    name,
  );
  if (!isThere) throw new Error(`The panel has no button ${name}.`);
}

/** The name in a control's list of a value that is written as in links. */
function nameOf(key: string, value: string): string {
  const control = controls[key as Key] as Control;
  if (control.type !== 'choice') return value;
  return Object.keys(control.choices).find((name) => String(control.choices[name]) === value) ?? value;
}

/**
 * Types a value into a control of the panel, or chooses it from the control's list. `value` is written as in links.
 * @throws Error if there is no such control or value.
 */
export async function setControl(page: Page, key: string, value: string): Promise<void> {
  const list = await page.$(`#panel [data-key="${key}"] select`);
  if (list) {
    const isThere = await list.evaluate(
      (element, name) => {
        const select = element as HTMLSelectElement;
        const index = [...select.options].findIndex((option) => option.text === name);
        if (index < 0) return false;
        select.selectedIndex = index;
        select.dispatchEvent(new Event('change', { bubbles: true }));
        return true;
      },
      nameOf(key, value),
    );
    if (!isThere) throw new Error(`${key} has no choice ${value}.`);
    return;
  }
  const selector = `#panel [data-key="${key}"] input`;
  await evalOne(
    page,
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
