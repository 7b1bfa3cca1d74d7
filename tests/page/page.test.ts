import { expect, inject } from 'vitest';
import { breakEven } from '../../src/algorithm/break-even';
import { writeSafetensors } from '../../src/formats/safetensors';
import { panel } from '../../src/language/panel';
import { firstText } from '../../src/shared/first-text';
import { evalOne, frames, linkOf, shot, viewOf, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { vectorsOfText } from './guide';
import { expectCoreNumbers } from './numbers';
import {
  countGpuWork,
  type GpuCounts,
  gpuCounts,
  messageOf,
  press,
  quiet,
  setControl,
  shownNumbers,
  stageColours,
} from './reformer';

test('the first load has no error and no request to other hosts, draws a picture, and shows the numbers of the plain engine', async ({
  open,
}) => {
  const { page } = await open('', { width: 1440, height: 900, fine: true, fresh: true });
  expect(await messageOf(page)).toBe('');
  await expectCoreNumbers(page, '?input=text', vectorsOfText(firstText.text));
  const drawn = await stageColours(page, 'first');
  expect(drawn.distinct).toBeGreaterThan(200);
  expect(drawn.commonest).toBeLessThan(0.95);
  const times = await shownNumbers(page, 'step-milliseconds');
  expect([...times.keys()]).toEqual(['hash', 'sort', 'attend + combine', 'full attention']);
});

test('the error falls when the panel raises the rounds from 1 to 8, and the link restores the numbers', async ({
  open,
}) => {
  const { page } = await open('?rounds=1', { width: 1440, height: 900 });
  const before = (await shownNumbers(page, 'curve-error')).get('1') ?? Number.NaN;
  await setControl(page, 'rounds', '8');
  await waitIdle(page);
  const after = await shownNumbers(page, 'curve-error');
  expect(after.size).toBe(8);
  expect(after.get('8')).toBeLessThan(0.75 * before);
  const query = await linkOf(page);
  expect(query).toBe('?rounds=8');
  await page.reload();
  await waitIdle(page);
  expect(await shownNumbers(page, 'curve-error')).toEqual(after);
  await expectCoreNumbers(page, query);
});

test.for([
  '?preset=trax&n=100&d=7&chunk=12&rounds=3&token=99&round=2',
  '?preset=lucidrains&n=65&heads=2&head=2&causal=0&lookAhead=1&token=0&rounds=2&buckets=4,6',
  '?input=sphere&n=90&chunk=5&lookBack=2&rounds=5&matrixOrder=sorted&matrixRounds=one&round=5&scene=matrix',
  '?input=duplication&symbols=8&n=33&seed=9&noise=0&wrap=1&duplicates=counted&bucketMask=0&scene=loom&theme=dark',
])('the page shows the numbers of the plain engine at %s', async (query, { open }) => {
  const { page } = await open(query, { width: 1440, height: 900 });
  await expectCoreNumbers(page, query);
});

test('the page shows the numbers of the last change when changes come faster than results', async ({ open }) => {
  const { page } = await open('?n=256&chunk=32&rounds=2', { width: 1000, height: 700, before: countGpuWork });
  // Each change comes when the device has begun so many dispatches of the change before.
  for (const dispatches of [0, 1, 10, 30]) {
    for (const rounds of ['6', '3', '2', '5', '2']) {
      const before = await gpuCounts(page);
      await setControl(page, 'rounds', rounds);
      await waitFor(
        page,
        (count) =>
          (globalThis as unknown as { gpuCounts: GpuCounts }).gpuCounts.dispatches >= count ||
          document.documentElement.dataset.state === 'ready',
        before.dispatches + dispatches,
      );
    }
    await waitIdle(page);
    await expectCoreNumbers(page, '?n=256&chunk=32&rounds=2');
  }
});

test('a click, the arrow keys and the read-out select a token', async ({ open }) => {
  const { page } = await open('?scene=matrix', { width: 1440, height: 900 });
  const selected = async () => new URLSearchParams(await linkOf(page)).get('token') ?? '41';
  await page.keyboard.press('ArrowRight');
  await waitIdle(page);
  expect(await selected()).toBe('42');
  await page.keyboard.press('ArrowDown');
  await waitIdle(page);
  expect(await linkOf(page)).toContain('round=2');
  await expectCoreNumbers(page, await linkOf(page));
  // The matrix fills the middle of the view, so a click near its lower end selects a late query.
  const view = await viewOf(page);
  await page.mouse.click(view.x + view.width / 2, view.y + view.height * 0.8);
  await waitIdle(page);
  const clicked = Number(await selected());
  expect(clicked).toBeGreaterThan(44);
  await page.click('#readout button');
  await waitIdle(page);
  expect(Number(await selected())).not.toBe(clicked);
});

test('with 65,536 tokens one draw call draws the loom, a moving camera computes nothing, and nothing runs at rest', async ({
  open,
}) => {
  const query = '?n=65536&d=4&chunk=64&rounds=2&scene=loom&token=40000';
  const { page } = await open(query, { width: 900, height: 600, before: countGpuWork });
  expect(await messageOf(page)).toBe('');
  const before = await quiet(page);
  const view = await viewOf(page);
  expect((await stageColours(page, 'large')).distinct).toBeGreaterThan(200);
  await page.mouse.move(view.x + 300, view.y + 200);
  await page.mouse.wheel({ deltaY: 1 });
  await waitFor(
    page,
    (draws) => (globalThis as unknown as { gpuCounts: GpuCounts }).gpuCounts.draws > draws,
    before.draws,
  );
  const after = await quiet(page);
  expect(after.largeDraws).toBeGreaterThan(before.largeDraws);
  expect(after.mostInPass).toBe(1);
  expect(after.dispatches).toBe(before.dispatches);
  await frames(page, 30);
  expect(await gpuCounts(page)).toEqual(after);
  // Only Firefox gets empty command lists, so that it polls for finished work sooner.
  if (inject('browser') === 'firefox') expect(after.emptyLists).toBeGreaterThan(0);
  else expect(after.emptyLists).toBe(0);
});

test('a part of a long sequence is drawn token by token, and the numbers stay', async ({ open }) => {
  const query = '?n=5000&d=4&chunk=50&rounds=2&token=3000';
  const { page } = await open(query, { width: 1000, height: 700 });
  const words = () => evalOne(page, '#view', (view) => view.textContent ?? '');
  expect(await words()).toContain('denser threads take more');
  const numbers = async () => [
    ...(await shownNumbers(page, 'key-weight')),
    ...(await shownNumbers(page, 'curve-error')),
  ];
  const before = await numbers();
  expect(before.length).toBeGreaterThan(2);
  const far = await stageColours(page, 'far');
  await setControl(page, 'span', '64');
  await waitIdle(page);
  expect(await linkOf(page)).toContain('span=64');
  expect(await words()).toContain('2,968 … 3,031 of 5,000 tokens');
  expect(await numbers()).toEqual(before);
  const near = await stageColours(page, 'near');
  expect(near.distinct).not.toBe(far.distinct);
});

test('the benchmark measures the device and marks the length from which LSH attention is faster than full attention', async ({
  open,
}) => {
  const { page } = await open('?n=32&rounds=1', { width: 1000, height: 700 });
  // Collects the findings that are shown before full attention has a time.
  await page.evaluate(() => {
    const early = new Set<string>();
    Object.assign(globalThis, { early });
    new MutationObserver(() => {
      const isCompared = document.querySelector('#measure [data-kind="speed"][data-index^="0 "]') !== null;
      if (!isCompared) early.add(document.querySelector('#measure .finding')?.textContent ?? '');
    }).observe(document.querySelector('#measure') as Node, { childList: true, subtree: true });
  });
  await press(page, 'measure');
  await waitFor(page, () => document.querySelectorAll('#measure [data-kind="speed"]').length >= 6);
  expect(await page.evaluate(() => [...(globalThis as unknown as { early: Set<string> }).early])).toEqual([
    'Measuring …',
  ]);
  const speed = await shownNumbers(page, 'speed');
  const series = (rounds: number) => {
    const tokens = [1024, 2048, 4096, 8192].filter((n) => speed.has(`${rounds} ${n}`));
    return { tokens, values: tokens.map((n) => speed.get(`${rounds} ${n}`) ?? Number.NaN) };
  };
  for (const value of speed.values()) expect(value).toBeGreaterThan(0);
  const expected = breakEven(series(4), series(0));
  const shown = (await shownNumbers(page, 'crossing')).get('4');
  if (expected === undefined) expect(shown).toBeUndefined();
  else expect(shown).toBeCloseTo(expected, 6);
  expect((await shownNumbers(page, 'figure5')).get('0 32768')).toBe(3.47);
  // Closing the dialog stops the benchmark, and the page works as before.
  await page.keyboard.press('Escape');
  await setControl(page, 'rounds', '2');
  await waitIdle(page);
  await expectCoreNumbers(page, '?n=32&rounds=2');
});

test('the page shows one sentence for invalid input and keeps its last valid state, from links, controls and files', async ({
  open,
  give,
}) => {
  const { page } = await open('?n=1e9&rounds=2');
  expect(await messageOf(page)).toContain(`${panel.controls.n.label} is "1e9"`);
  expect((await shownNumbers(page, 'curve-error')).size).toBe(2);
  await setControl(page, 'buckets', 'many');
  await waitIdle(page);
  expect(await messageOf(page)).toContain('buckets is "many"');
  expect(await linkOf(page)).toBe('?rounds=2');
  await expectCoreNumbers(page, '?rounds=2');

  const openFile = async (name: string, bytes: Uint8Array) => {
    await give(page, name, bytes);
    await waitIdle(page);
  };
  const header = new Uint8Array(8);
  new DataView(header.buffer).setBigUint64(0, 2n ** 31n, true);
  await openFile('huge.safetensors', header);
  expect(await messageOf(page)).toContain('2147483648');
  const npy = "\x93NUMPY\x01\x00\x46\x00{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }".padEnd(80);
  await openFile(
    'cut.npy',
    Uint8Array.from(`${npy}1234`, (letter) => letter.charCodeAt(0)),
  );
  expect(await messageOf(page)).toContain('needs 48 bytes of data, but the file has 4');
  await openFile('words.csv', new TextEncoder().encode('1,2\n3,four\n'));
  expect(await messageOf(page)).toContain('"four"');
  await expectCoreNumbers(page, '?rounds=2');
  const data = Float32Array.from({ length: 30 * 4 }, (_, i) => Math.sin(i * i));
  await openFile('good.safetensors', writeSafetensors(new Map([['x', { shape: [30, 4], data }]])));
  expect(await linkOf(page)).toContain('input=own');
  await expectCoreNumbers(page, '?rounds=2', { shape: { heads: 1, n: 30, d: 4 }, qk: data, v: data });
  expect(await messageOf(page)).toBe('');
});

test('a phone shows the whole page without scrolling sideways', async ({ open }) => {
  const { page } = await open('', { width: 390, height: 844, fine: true });
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth).toBe(clientWidth);
  await expectCoreNumbers(page, '?input=text', vectorsOfText(firstText.text));
  await shot(page, 'phone');
});
