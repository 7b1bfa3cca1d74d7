import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Page } from 'puppeteer-core';
import { expect, inject, test } from 'vitest';
import { openBrowser, openPage, viewOf, waitFor, waitIdle } from '../page/browser';
import { press, setControl } from '../page/reformer';

const kilobyte = 1000;
const mostScript = 350 * kilobyte;
/** Milliseconds. */
const longestBuild = 30_000;
const longestTask = 50;
/** Of the page's own work, at 4096 tokens. */
const longestFrame = 16;
/** From the end of a computation until the page has drawn it; at 4096 tokens, until a processor that plays a GPU has it on the screen. */
const longestWait = 100;

/** Until the first picture is on the screen, from the start of the load, on a software device. */
const longestFirstPicture = 2000;

/** Opens the page in a browser that never saw it, as people do. */
async function inFreshBrowser<T>(query: string, act: (page: Page) => Promise<T>): Promise<T> {
  const browser = await openBrowser({ quick: false });
  try {
    const { page } = await openPage(browser, query, { fine: true });
    await waitIdle(page);
    return await act(page);
  } finally {
    await browser.close();
  }
}

/** Addresses of the scripts that a page has asked for, with those of its workers. */
const scriptsOf = (page: Page) =>
  page.evaluate(() => {
    const entries = performance.getEntriesByType('resource').map(({ name }) => name);
    return [...new Set(entries)].filter((name) => new URL(name).pathname.endsWith('.js'));
  });

/** Scripts are named after what they hold. */
const named = (addresses: string[], name: string) =>
  addresses.filter((address) => new RegExp(`/${name}-[\\w-]{8}\\.js$`).test(new URL(address).pathname));

const click = (page: Page, selector: string) =>
  page.evaluate((its) => (document.querySelector(its) as HTMLElement).click(), selector);

async function compressed(addresses: string[]): Promise<number> {
  const sizes = addresses.map(async (address) => {
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    return gzipSync(bytes).length;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test('the first load takes at most 350 KB of compressed script; each scene, the layers and the measurement come when asked for', () =>
  inFreshBrowser('', async (page) => {
    const first = await scriptsOf(page);
    const bytes = await compressed(first);
    console.log(`first load: ${first.length} scripts, ${(bytes / kilobyte).toFixed(0)} KB compressed`);
    expect(first.length).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(mostScript);
    const asked = [
      ['sphere', () => setControl(page, 'scene', 'sphere')],
      ['tower', () => click(page, '[data-view="layers"]')],
      ['layers-view', () => Promise.resolve()],
      ['benchmark', () => click(page, '[data-view="attention"]').then(() => press(page, 'measure'))],
    ] as const;
    for (const [name] of asked) expect(named(first, name), name).toEqual([]);
    for (const [name, ask] of asked) {
      await ask();
      await waitIdle(page);
      const come = named(await scriptsOf(page), name);
      console.log(`${name}: ${((await compressed(come)) / kilobyte).toFixed(1)} KB more`);
      expect(come, name).toHaveLength(1);
    }
  }));

test('the page is built within 30 s', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'page-budget-'));
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const { NODE_ENV, VITEST, ...env } = process.env;
  const start = performance.now();
  try {
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    await promisify(execFile)(process.execPath, [vite, 'build', '--outDir', folder, '--logLevel', 'warn'], {
      cwd: root,
      env,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const took = performance.now() - start;
  console.log(`build: ${(took / 1000).toFixed(1)} s`);
  expect(took).toBeLessThan(longestBuild);
});

interface TraceEvent {
  name: string;
  cat: string;
  ph: string;
  pid: number;
  tid: number;
  args: { name?: string };
  /** Microseconds. */
  ts: number;
  /** Microseconds by the clock, and of the processor's time. */
  dur?: number;
  tdur?: number;
}

interface Trace {
  /**
   * Tasks of the page's main thread, the longest first, in milliseconds of the processor's time: what others do on the same cores does
   * not count.
   */
  tasks: number[];
  /** From the end of a computation until the page has handed its picture to the device, in milliseconds by the clock. */
  drawn: number[];
  /** And until the device has drawn it and the frame that shows it has come. */
  shown: number[];
}

/** What the browser's trace tells of a page while it does something. */
async function traced(page: Page, act: () => Promise<void>): Promise<Trace> {
  const categories = ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline', 'blink.user_timing'];
  await page.tracing.start({ categories });
  await act();
  await page.evaluate(() => performance.mark('traced'));
  const trace = await page.tracing.stop();
  const { traceEvents } = JSON.parse(new TextDecoder().decode(trace)) as { traceEvents: TraceEvent[] };
  // A browser has pages of its own, which may be at work at the same time.
  const own = traceEvents.find(({ name, cat }) => name === 'traced' && cat.includes('user_timing'))?.pid;
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const isMain = ({ pid, tid }: TraceEvent) =>
    pid === own && mains.some((main) => main.pid === pid && main.tid === tid);
  const tasks = traceEvents.filter((event) => /RunTask$/.test(event.name) && event.tdur !== undefined && isMain(event));
  const timesOf = (mark: string) =>
    traceEvents.filter(({ name, cat }) => name === mark && cat.includes('user_timing')).map(({ ts }) => ts / 1000);
  const fromComputed = (mark: string) => {
    const times = timesOf(mark);
    return timesOf('computed').map((computed) => (times.find((time) => time >= computed) ?? Infinity) - computed);
  };
  return {
    tasks: tasks.map(({ tdur }) => (tdur as number) / 1000).sort((a, b) => b - a),
    drawn: fromComputed('drawn'),
    shown: fromComputed('picture'),
  };
}

const inMilliseconds = (times: number[]) => `${times.map((time) => time.toFixed(0)).join(', ')} ms`;

test.each([
  [1024, longestTask, Number.POSITIVE_INFINITY],
  [4096, longestFrame, longestWait],
])('changes at %i tokens take no task above %i ms, and are on the screen within %s ms', (n, longest, longestShown) =>
  inFreshBrowser(`?n=${n}`, async (page) => {
    const changes = [
      ...['2', '3', '4'].map((value) => ['rounds', value]),
      ...['5', '600', '1000'].map((value) => ['token', value]),
    ];
    const change = async () => {
      for (const [key, value] of changes) {
        await setControl(page, key, value);
        await waitIdle(page);
        // The trace ends with what it was about.
        await waitFor(page, () => {
          const [computed, picture] = ['computed', 'picture'].map(
            (name) => performance.getEntriesByName(name)[0].startTime,
          );
          return picture > computed;
        });
      }
    };
    // What a first visit keeps for the next one is of no change.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    // What else the machine does can only add to the time: of a few passes, the best one tells the page's own.
    let least = Number.POSITIVE_INFINITY;
    for (let time = 0; time < 4 && (time === 0 || least > longestShown); time++) {
      const { tasks, drawn, shown } = await traced(page, change);
      console.log(`${n} tokens: ${tasks.length} tasks, the longest of ${inMilliseconds(tasks.slice(0, 5))}`);
      console.log(`${n} tokens: handed to the device ${inMilliseconds(drawn)} after they were computed`);
      console.log(`${n} tokens: on the screen ${inMilliseconds(shown)} after they were computed`);
      expect(tasks.length).toBeGreaterThan(100);
      expect(shown.length).toBe(changes.length);
      expect(drawn.length).toBe(changes.length);
      expect(tasks[0]).toBeLessThanOrEqual(longest);
      expect(Math.max(...drawn)).toBeLessThanOrEqual(longestWait);
      least = Math.min(least, Math.max(...shown));
    }
    expect(least).toBeLessThanOrEqual(longestShown);
  }),
);

/** What a person does beside choosing numbers. */
const acts: Record<string, (page: Page) => Promise<void>> = {
  sphere: (page) => setControl(page, 'scene', 'sphere'),
  'sphere and loom': (page) => setControl(page, 'scene', 'hashing'),
  matrix: (page) => setControl(page, 'scene', 'matrix'),
  'matrix by bucket': (page) => setControl(page, 'matrixOrder', 'sorted'),
  'loom and matrix': (page) => setControl(page, 'scene', 'both'),
  tokens: (page) => setControl(page, 'n', '512'),
  'tokens back': (page) => setControl(page, 'n', '1024'),
  seed: (page) => setControl(page, 'seed', '2'),
  turning: async (page) => {
    const { x, y, width, height } = await viewOf(page);
    await page.mouse.move(x + width / 2, y + height / 3);
    await page.mouse.down();
    for (let step = 1; step <= 20; step++) await page.mouse.move(x + width / 2 + 6 * step, y + height / 3 + 2 * step);
    await page.mouse.up();
  },
  pointing: async (page) => {
    const { x, y, width, height } = await viewOf(page);
    for (let step = 0; step < 40; step++)
      await page.mouse.move(x + (width * (step + 1)) / 42, y + height * (0.3 + 0.01 * step));
  },
  layers: (page) => click(page, '[data-view="layers"]'),
  'run of the layers': async (page) => {
    await press(page, 'play');
    await new Promise((resolve) => setTimeout(resolve, 2000));
  },
  attention: (page) => click(page, '[data-view="attention"]'),
  theme: (page) => page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]),
  lecture: (page) => click(page, '#lecture button'),
};

/** The longest task of loading the page, and of each act after the other, in milliseconds. */
async function longestTasks(): Promise<Map<string, number>> {
  const browser = await openBrowser({ quick: false });
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    const load = await traced(page, async () => {
      await page.goto(new URL('?n=1024', inject('site')).href);
      await waitIdle(page);
    });
    const longest = new Map([['loading', load.tasks[0] ?? Number.NaN]]);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    for (const [name, act] of Object.entries(acts)) {
      const { tasks } = await traced(page, async () => {
        await act(page);
        await waitIdle(page);
        await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 200))));
      });
      longest.set(name, tasks[0] ?? Number.NaN);
    }
    return longest;
  } finally {
    await browser.close();
  }
}

test('loading the page takes no task above 50 ms at 1024 tokens, nor does what people do there', async () => {
  // Each is the least of a few.
  let least = new Map<string, number>();
  const tooLong = () => [...least].filter(([, task]) => !(task <= longestTask));
  for (let time = 0; time === 0 || (time < 3 && tooLong().length); time++) {
    const longest = await longestTasks();
    console.log([...longest].map(([name, task]) => `${name} ${task.toFixed(0)} ms`).join(', '));
    least = new Map([...longest].map(([name, task]) => [name, Math.min(task, least.get(name) || task)]));
  }
  expect(least.size).toBe(1 + Object.keys(acts).length);
  expect(tooLong()).toEqual([]);
});

// Here too, the least of a few.
test.each([
  ['the page', ''],
  ['the first step of the lecture', '?step=01.1'],
])('the first picture of %s is on the screen within 2 s on a software device', async (_, query) => {
  const marksOf = async (page: Page) => {
    await waitFor(page, () => performance.getEntriesByName('first picture').length > 0);
    return page.evaluate(() =>
      performance.getEntriesByType('mark').map(({ name, startTime }) => [name, startTime] as const),
    );
  };
  let least = Number.POSITIVE_INFINITY;
  for (let load = 0; load < 8 && least > longestFirstPicture; load++) {
    const marks = await inFreshBrowser(query, marksOf);
    console.log(marks.map(([name, time]) => `${name} at ${time.toFixed(0)} ms`).join(', '));
    least = Math.min(least, new Map(marks).get('first picture') ?? Number.NaN);
  }
  expect(least).toBeLessThanOrEqual(longestFirstPicture);
});
