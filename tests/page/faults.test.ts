import type { Browser, Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { page as pageWords } from '../../src/language/page';
import { panel } from '../../src/language/panel';
import { random } from '../../src/shared/random';
import { evalOne, frames, linkOf, until, waitDrawn, waitFor, waitIdle } from './browser';
import { type Open, type OpenOptions, test } from './fixture';
import { act, heapOf, namesOf, putBack, randomChanges, tensorBytes } from './monkey';
import { expectCoreNumbers } from './numbers';
import {
  coloursNow,
  countGpuWork,
  gpuCounts,
  keepDevices,
  messageOf,
  numbersOf,
  press,
  quiet,
  setControl,
  shownNumbers,
  stepOf,
} from './reformer';

const inChromium = inject('browser') === 'chromium';

/**
 * Runs a test once more in a new browser if Firefox itself has ended, which happens about once in a hundred losses of a device. Any other
 * error fails the test at once.
 */
const retryIfFirefoxEnds =
  (run: (open: Open) => Promise<void>) =>
  async ({ open }: { open: Open }) => {
    let owner: Browser | undefined;
    const openHere: Open = async (...parameters) => {
      const opened = await open(...parameters);
      owner = opened.page.browser();
      return opened;
    };
    try {
      await run(openHere);
    } catch (error) {
      if (inChromium || !owner || !(await hasEnded(owner))) throw error;
      console.warn('Firefox crashed, so the test runs again.');
      await run(open);
    }
  };

/** True if a browser has ended. Puppeteer notices it some time after the errors that follow from it, but no such browser opens a page. */
const hasEnded = async (owner: Browser): Promise<boolean> => {
  try {
    await (await owner.newPage()).close();
  } catch {}
  return !owner.connected;
};

interface LossControl {
  devices: GPUDevice[];
  /** The device is destroyed once, at the start of this step. */
  fatalStep: string | undefined;
  /** Steps that have begun. */
  begun: string[];
}

/** Runs in the page: keeps all devices, and destroys the last one when the pass of the fatal step begins. */
function loseDuringSteps(): void {
  if (!('GPUDevice' in globalThis)) return;
  const loss: LossControl = Object.assign(globalThis as unknown as LossControl, {
    devices: [],
    fatalStep: undefined,
    begun: [],
  });
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    loss.devices.push(device);
    return device;
  };
  const { beginComputePass } = GPUCommandEncoder.prototype;
  GPUCommandEncoder.prototype.beginComputePass = function (descriptor) {
    const step = descriptor?.label ?? '';
    loss.begun.push(step);
    if (step === loss.fatalStep) {
      loss.fatalStep = undefined;
      loss.devices.at(-1)?.destroy();
    }
    return beginComputePass.call(this, descriptor);
  };
}

const stepsBegun = (page: Page): Promise<string[]> =>
  page.evaluate(() => [...new Set((globalThis as unknown as LossControl).begun)].filter((step) => step));

const devicesOpened = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as LossControl).devices.length);

/** Destroys the device in a step, and waits until the page has opened another one and is at rest. */
async function loseIn(page: Page, step: string, begin: () => Promise<void>): Promise<void> {
  const before = await page.evaluate((name) => {
    const loss = globalThis as unknown as LossControl;
    loss.fatalStep = name;
    return loss.devices.length;
  }, step);
  await begin();
  await waitFor(page, (count) => (globalThis as unknown as LossControl).devices.length > count, before);
  await waitIdle(page);
}

/**
 * Waits until the device has drawn the newest result. After a loss, Firefox may show no further frame until its tab is shown again, so that
 * no test can wait for the screen.
 */
async function waitExecuted(page: Page): Promise<void> {
  await waitFor(page, () => {
    const [computed, drawn] = ['computed', 'drawn'].map(
      (name) => performance.getEntriesByName(name)[0]?.startTime ?? 0,
    );
    return drawn > 0 && drawn >= computed;
  });
  await page.evaluate(() => (globalThis as unknown as LossControl).devices.at(-1)?.queue.onSubmittedWorkDone());
}

/** Number of losses or crashes in a row. */
const inARow = 10;

test(
  'the page restores the same numbers after each of ten losses of the device at any step of the computation',
  retryIfFirefoxEnds(async (open) => {
    const { page } = await open('?rounds=2', { before: loseDuringSteps });
    await waitDrawn(page);
    const steps = (await stepsBegun(page)).filter((step) => !/^renderContext|^$/.test(step));
    expect(steps).toEqual(
      expect.arrayContaining([
        'hash',
        'sort',
        'attend',
        'inspect',
        'matrix',
        'full attention',
        'curve',
        'missed pairs',
      ]),
    );
    let rounds = 2;
    const losses = Math.max(inARow, steps.length);
    for (let loss = 0; loss < losses; loss++) {
      const step = steps[loss % steps.length];
      rounds = 5 - rounds;
      await waitExecuted(page);
      await loseIn(page, step, () => setControl(page, 'rounds', String(rounds)));
      expect(await messageOf(page), step).toContain(pageWords.notices.gpuRestarted);
      await expectCoreNumbers(page, `?rounds=${rounds}`);
    }
    expect(await devicesOpened(page)).toBe(1 + losses);
    await expectPicture(page, 'recovered');
  }),
);

/** Trains as many steps in another tab without faults, and compares the losses. */
async function expectUndisturbedLosses(page: Page, open: Open, query: string, options?: OpenOptions): Promise<void> {
  const done = await stepOf(page);
  const losses = await shownNumbers(page, 'loss');
  expect([...losses.keys()]).toEqual(['reversible']);
  const { page: other } = await open(query, options);
  while ((await stepOf(other)) < done) {
    const before = await stepOf(other);
    await press(other, 'step');
    await expect.poll(() => stepOf(other)).toBe(before + 1);
    await waitIdle(other);
  }
  expect(await shownNumbers(other, 'loss')).toEqual(losses);
}

test(
  'training gives the same losses after the device was lost at any step of training',
  retryIfFirefoxEnds(async (open) => {
    const query = '?scene=tower&taskLength=16&layers=1';
    const { page } = await open(query, { before: loseDuringSteps });
    await page.evaluate(() => {
      (globalThis as unknown as LossControl).begun = [];
    });
    await press(page, 'step');
    await expect.poll(() => stepOf(page)).toBe(1);
    // After the step the page measures the drift, which is part of what may lose the device.
    const steps = ['forward', 'backward', 'update', 'feed'];
    await waitFor(page, () => document.querySelector('[data-kind="drift"]') !== null);
    expect(await stepsBegun(page)).toEqual(expect.arrayContaining(steps));
    let done = 1;
    // After more losses, Firefox logs errors of kernels that it was compiling for the lost device.
    const times = inChromium ? inARow : steps.length;
    for (let loss = 0; loss < times; loss++) {
      await loseIn(page, steps[loss % steps.length], () => press(page, 'step'));
      await press(page, 'step');
      await expect.poll(() => stepOf(page)).toBeGreaterThan(done);
      done = await stepOf(page);
    }
    await waitIdle(page);
    await expectUndisturbedLosses(page, open, query);
  }),
);

// Firefox sometimes lets an intercepted request through.
if (inChromium) {
  const notFetched = /^This part of the page could not be fetched; [^.]+\.$/;

  /** Opens a page whose script of this name cannot be fetched. */
  const openWithoutScript = async (open: Open, script: string) => {
    const allows = (error: string) => error.includes('net::ERR_FAILED');
    const { page } = await open('?rounds=2&n=128', { allows });
    // The service worker would answer from its cache.
    await page.setBypassServiceWorker(true);
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      const isBlocked = new RegExp(`/${script}-[^/]*\\.js$`).test(request.url());
      void (isBlocked ? request.abort() : request.continue());
    });
    return page;
  };

  test.for([
    ['sphere', 'sphere'],
    ['layers-view', 'tower'],
  ])(
    'the page shows one sentence and keeps the scene when the script %s cannot be fetched',
    async ([name, scene], { open }) => {
      const page = await openWithoutScript(open, name);
      const before = await numbersOf(page);
      await setControl(page, 'scene', scene);
      await waitIdle(page);
      expect(await messageOf(page)).toMatch(notFetched);
      expect(await numbersOf(page)).toEqual(before);
      expect(await linkOf(page)).toBe('?rounds=2&n=128');
      const shown = await evalOne(
        page,
        '#panel [data-key="scene"] select',
        (list) => (list as HTMLSelectElement).value,
      );
      expect(shown).toBe(panel.choices.scene.both);
    },
  );

  test.for(['benchmark', 'lecture'])(
    'the page shows one sentence when the script %s cannot be fetched',
    async (name, { open }) => {
      const page = await openWithoutScript(open, name);
      if (name === 'lecture') await evalOne(page, '#lecture button', (button) => (button as HTMLElement).click());
      else await press(page, 'measure');
      await expect.poll(() => messageOf(page)).toMatch(notFetched);
    },
  );
}

/** The message of three.js about a lost device. */
const isLossNews = (error: string) => /^THREE\.\S+ WebGPU Device Lost:/.test(error);

/** Ends the GPU process of a browser, as a crash of the driver would. */
async function crash(owner: Browser): Promise<void> {
  const session = await owner.target().createCDPSession();
  await session.send('Browser.crashGpuProcess');
  await session.detach();
}

// Puppeteer cannot end the GPU process of Firefox.
if (inChromium) {
  test('the page recovers from ten crashes of the GPU process in a row, at rest and during a computation', async ({
    open,
  }) => {
    const { page } = await open('?rounds=2', {
      browser: { crashes: true },
      before: loseDuringSteps,
      allows: isLossNews,
    });
    let rounds = 2;
    let busyCrashes = 0;
    for (let time = 1; time <= inARow; time++) {
      await waitDrawn(page);
      if (time % 2 === 0) {
        rounds = 5 - rounds;
        await page.evaluate(() => {
          (globalThis as unknown as LossControl).begun = [];
        });
        await setControl(page, 'rounds', String(rounds));
        // The steps in order; the curve takes longest.
        const step = ['hash', 'attend', 'matrix', 'full attention', 'curve'][time / 2 - 1];
        await expect.poll(() => stepsBegun(page), { interval: 5 }).toContain(step);
        busyCrashes += await page.evaluate(() => Number(document.documentElement.dataset.state !== 'ready'));
      }
      await crash(page.browser());
      await waitFor(page, (count) => (globalThis as unknown as LossControl).devices.length > count, time);
      await waitIdle(page);
      expect(await messageOf(page)).toContain(pageWords.notices.gpuRestarted);
      await expectCoreNumbers(page, `?rounds=${rounds}`);
    }
    console.log(`${busyCrashes} of ${inARow / 2} crashes came while the page was at work`);
    expect(busyCrashes).toBeGreaterThan(0);
    expect(await devicesOpened(page)).toBe(1 + inARow);
    await expectPicture(page, 'crashed');
  });

  test('crashes of the GPU process during training lose no finished step, and training continues to the same losses', async ({
    open,
  }) => {
    const query = '?scene=tower&taskLength=16&layers=1';
    const crashing = { browser: { crashes: true }, allows: isLossNews };
    const { page } = await open(query, { ...crashing, before: keepDevices });
    await press(page, 'train');
    for (let time = 1; time <= 3; time++) {
      const before = await stepOf(page);
      await expect.poll(() => stepOf(page)).toBeGreaterThan(before + 5);
      await crash(page.browser());
      await waitFor(page, (count) => (globalThis as unknown as LossControl).devices.length > count, time);
    }
    const before = await stepOf(page);
    await expect.poll(() => stepOf(page)).toBeGreaterThan(before + 5);
    await press(page, 'pause');
    await waitIdle(page);
    await expectUndisturbedLosses(page, open, query, crashing);
  });
}

/** Waits until the stage has a picture with many colours. */
async function expectPicture(page: Page, name: string): Promise<void> {
  await until('the picture has many colours', async () => (await coloursNow(page, name)).distinct > 100);
}

test('the page computes behind another tab and in a window without size, and draws its picture when it is visible again', async ({
  open,
}) => {
  const { page } = await open('?input=twins', { before: countGpuWork });
  const { page: other } = await open('nothing-of-this-name', { rests: false, allows: () => true });
  await other.bringToFront();
  await waitFor(page, () => document.visibilityState === 'hidden');
  await setControl(page, 'rounds', '3');
  await waitIdle(page);
  await expectCoreNumbers(page, '?rounds=3');
  await page.bringToFront();
  await waitFor(page, () => document.visibilityState === 'visible');
  await expectPicture(page, 'seen-again');

  await page.setViewport({ width: 1, height: 1 });
  await waitFor(page, () => document.querySelector('#view')?.clientHeight === 0);
  const { draws } = await gpuCounts(page);
  await setControl(page, 'rounds', '2');
  await waitIdle(page);
  expect((await gpuCounts(page)).draws).toBe(draws);
  await page.setViewport({ width: 1280, height: 800 });
  await waitIdle(page);
  await expectCoreNumbers(page, '?rounds=2');
  await expectPicture(page, 'view-again');

  // A new size is drawn once, and not first at the old size, whichever observer is called first.
  const { largeDraws } = await quiet(page);
  await page.setViewport({ width: 1100, height: 700 });
  await waitFor(page, () => innerWidth === 1100);
  expect((await quiet(page)).largeDraws).toBe(largeDraws + 1);
});

test('200 quick changes of any control end with the numbers of a fresh load and leak no memory', async ({ open }) => {
  const { page } = await open('?input=twins', { width: 1280, height: 800 });
  const draw = random(7);
  const changes = randomChanges(draw, { tokens: 256, width: 32 });
  // The largest sizes of all changes, so that everything that grows with them has grown from the start.
  const start = [
    ['scene', 'both'],
    ['n', '256'],
    ['d', '16'],
    ['heads', '2'],
    ['rounds', '4'],
  ] as const;
  const rest = async () => {
    await putBack(page, start);
    return { heap: await heapOf(page), tensors: await tensorBytes(page) };
  };
  const change = async (count: number) => {
    for (let k = 0; k < count; k++) {
      await act(page, changes.next().value);
      // Any part of the computation may be interrupted.
      await frames(page, draw.integer(4));
      if (k % 25 === 24) await waitIdle(page);
    }
  };
  // Load every scene once.
  for (const name of namesOf('scene')) await act(page, ['scene', name]).then(() => waitIdle(page));
  await change(60);
  const warm = await rest();
  await change(140);
  await waitIdle(page);
  // The view of the layers still measures after it is ready. The attention view is complete when it is ready.
  if (new URLSearchParams(await linkOf(page)).get('scene') === 'tower') await setControl(page, 'scene', 'both');
  await waitIdle(page);
  const numbers = await numbersOf(page);
  expect(numbers.length).toBeGreaterThan(50);
  const address = page.url();
  const end = await rest();
  console.log(
    `after 60 changes and after 200: tensors of ${warm.tensors} and ${end.tensors} bytes, heap of ${warm.heap} and ${end.heap}`,
  );
  expect(end.tensors / warm.tensors).toBeLessThan(1.15);
  if (inChromium) expect(end.heap / warm.heap).toBeLessThan(1.15);
  await page.goto(address);
  await waitIdle(page);
  expect(await numbersOf(page)).toEqual(numbers);
});

// Puppeteer cannot query objects in Firefox.
if (inChromium) {
  /** Number of WebGPU objects that are still reachable after a garbage collection. */
  const countLiving = async (page: Page, type: 'GPUBindGroup' | 'GPUBuffer'): Promise<number> => {
    const prototype = await page.evaluateHandle(
      (name) => (globalThis as unknown as Record<string, { prototype: object }>)[name].prototype,
      type,
    );
    const objects = await page.queryObjects(prototype);
    const count = await objects.evaluate(({ length }) => length);
    await Promise.all([objects.dispose(), prototype.dispose()]);
    return count;
  };

  test('recomputing leaves no buffer and no bind group of earlier states behind', async ({ open }) => {
    const { page } = await open('?scene=hashing', { width: 800, height: 600 });
    const recompute = async (first: number, times: number) => {
      for (let seed = first; seed < first + times; seed++) {
        await setControl(page, 'seed', String(seed));
        await waitIdle(page);
      }
      return { bindGroups: await countLiving(page, 'GPUBindGroup'), buffers: await countLiving(page, 'GPUBuffer') };
    };
    const before = await recompute(10, 3);
    expect(before.bindGroups).toBeGreaterThan(5);
    expect(await recompute(20, 8)).toEqual(before);
  });
}
