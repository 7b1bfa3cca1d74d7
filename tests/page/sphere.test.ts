import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { rotations } from '../../src/algorithm/hash';
import { sphere, twins } from '../../src/algorithm/inputs';
import { turnDirections } from '../../src/algorithm/turned-directions';
import { stage as words } from '../../src/language/stage';
import { fromQuery, settingsOf, shapeOf } from '../../src/state/state';
import { evalAll, evalOne, linkOf, until, viewOf, waitDrawn, waitIdle } from './browser';
import { test } from './fixture';
import { countGpuWork, expectedFor, messageOf, quiet, setControl, shownNumbers, stageColours } from './reformer';

const wide = { width: 1440, height: 900 };
const labelsOf = (page: Page) => evalOne(page, '#view', (view) => view.textContent ?? '');
const query = async (page: Page) => new URLSearchParams(await linkOf(page));

/** The dot products of the selected token in the front round, written out from the definition: [y; −y] of each factor. */
function dotsFor(link: string): { index: string; value: number; factor: number; digit: number }[] {
  const { state } = fromQuery(link);
  const shape = shapeOf(state);
  const settings = settingsOf(state);
  const { seed, noise, length, token, turn } = state;
  const { qk } = (state.input === 'sphere' ? sphere : twins)(shape, { seed, noise, length });
  const directions = turnDirections(rotations(shape, settings, seed), shape, turn);
  const round = state.round - 1;
  const columns = settings.factors.reduce((sum, factor) => sum + factor / 2, 0);
  const out = [];
  let column = 0;
  let candidate = 0;
  for (const [factor, count] of settings.factors.entries()) {
    for (let digit = 0; digit < count; digit++) {
      let value = 0;
      for (let k = 0; k < shape.d; k++) {
        const direction = directions[(k * settings.rounds + round) * columns + column + (digit % (count / 2))];
        value += qk[token * shape.d + k] * direction * (digit < count / 2 ? 1 : -1);
      }
      out.push({ index: `${round} ${candidate + digit}`, value, factor, digit });
    }
    column += count / 2;
    candidate += count;
  }
  return out;
}

/** Expects the list beside the stage to hold the largest dot products, and its first to be the engine's bucket. */
async function expectDots(page: Page, link: string): Promise<void> {
  const { factors } = settingsOf(fromQuery(link).state);
  const all = dotsFor(link);
  const shown = await shownNumbers(page, 'hash-dot');
  const listed: [string, number][] = [];
  let bucket = 0;
  let unit = 1;
  for (const [f, factor] of factors.entries()) {
    const own = all.filter((entry) => entry.factor === f).sort((a, b) => b.value - a.value);
    for (const { index, value } of own.slice(0, Math.floor(12 / factors.length))) listed.push([index, value]);
    bucket += unit * own[0].digit;
    unit *= factor;
  }
  expect([...shown.keys()]).toEqual(listed.map(([index]) => index));
  for (const [index, value] of listed) expect(shown.get(index)).toBeCloseTo(value, 4);
  const round = String(fromQuery(link).state.round - 1);
  expect((await shownNumbers(page, 'bucket')).get(round)).toBe(bucket);
  const marked = await evalAll(page, '#hashing .won em', (notes) => notes.map((note) => note.textContent));
  if (factors.length === 1) expect(marked).toEqual([`argmax → bucket ${bucket}`]);
  else expect(await evalOne(page, '#hashing', (list) => list.textContent)).toContain(`= ${bucket}`);
}

test.for([
  ['?scene=sphere', words.sphere.section(16)[0]],
  ['?scene=sphere&input=sphere&theme=dark&round=3&token=7', words.sphere.exact],
  ['?scene=sphere&n=96&buckets=8,8&rounds=9&theme=dark', 'b = argmax a + 8·argmax b'],
  ['?scene=hashing&turn=123', words.loom.sorted(1, 4)],
])(
  '%s is drawn with its labels, and the dot products beside it equal the CPU engine’s',
  async ([link, label], { open }) => {
    const { page } = await open(link, { ...wide, fine: true });
    expect(await messageOf(page)).toBe('');
    expect(await labelsOf(page)).toContain(label);
    await expectDots(page, link);
    const drawn = await stageColours(page, `sphere${link.length}`);
    expect(drawn.distinct).toBeGreaterThan(1000);
    expect(drawn.commonest).toBeLessThan(0.92);
  },
);

test('turned directions give the buckets of the CPU engine, by slider, key and link', async ({ open }) => {
  const { page } = await open('?scene=sphere&input=sphere&rounds=3', wide);
  const expectBuckets = async (link: string) => {
    const { rounds, sizes } = expectedFor(link);
    expect([...(await shownNumbers(page, 'bucket')).values()]).toEqual(rounds.map(({ bucket }) => bucket));
    expect([...(await shownNumbers(page, 'bucket-size')).values()]).toEqual([...sizes]);
    await expectDots(page, link);
  };
  const plain = '?scene=sphere&input=sphere&rounds=3';
  await expectBuckets(plain);
  const before = await shownNumbers(page, 'bucket');
  await setControl(page, 'turn', '60');
  await waitIdle(page);
  await expectBuckets(`${plain}&turn=60`);
  expect(await shownNumbers(page, 'bucket')).not.toEqual(before);
  await page.focus('#view .stage-canvas');
  await page.keyboard.press('t');
  await waitIdle(page);
  await expectBuckets(`${plain}&turn=65`);
  expect((await query(page)).get('turn')).toBe('65');
  await page.reload();
  await waitIdle(page);
  await expectBuckets(`${plain}&turn=65`);
  await setControl(page, 'turn', '360');
  await waitIdle(page);
  expect(await shownNumbers(page, 'bucket')).toEqual(before);
});

/** Moves the pointer over the stage, in steps that fill it evenly, until `find` returns something. */
async function search<T>(page: Page, find: () => Promise<T | undefined>): Promise<{ x: number; y: number; what: T }> {
  const view = await viewOf(page);
  for (let k = 1; k <= 1000; k++) {
    const x = Math.round(view.x + 90 + ((k * 0.7549) % 1) * (view.width - 110));
    const y = Math.round(view.y + 60 + ((k * 0.5698) % 1) * (view.height - 120));
    await page.mouse.move(x, y);
    const what = await find();
    if (what !== undefined) return { x, y, what };
  }
  throw new Error('no point of the stage matches');
}
const tip = (page: Page) =>
  evalOne(page, '#tip', (element) => ((element as HTMLElement).hidden ? '' : (element.textContent ?? '')));
test('a click or an arrow key selects a token, a click on a small sphere a round, and a drag at a tip turns the directions', async ({
  open,
}) => {
  const { page } = await open('?scene=sphere&input=sphere', wide);
  const token = await search(page, async () => (await tip(page)).match(/^token (\d+): click/)?.[1]);
  await page.mouse.click(token.x, token.y);
  await waitIdle(page);
  expect((await query(page)).get('token')).toBe(token.what);
  await expectDots(page, await linkOf(page));
  const numbers = await shownNumbers(page, 'hash-dot');
  await page.keyboard.press('ArrowRight');
  await waitIdle(page);
  expect((await query(page)).get('token')).toBe(String(Number(token.what) + 1));
  expect(await shownNumbers(page, 'hash-dot')).not.toEqual(numbers);
  const round = await search(page, async () => (await tip(page)).match(/^round (\d+): click/)?.[1]);
  await page.mouse.click(round.x, round.y);
  await waitIdle(page);
  expect((await query(page)).get('round')).toBe(round.what);
  await expectDots(page, await linkOf(page));

  const cursor = () => evalOne(page, '.stage-canvas', (canvas) => (canvas as HTMLElement).style.cursor || undefined);
  const { x, y } = await search(page, cursor);
  await page.mouse.down();
  await page.mouse.move(x + 40, y, { steps: 4 });
  await page.mouse.up();
  await waitIdle(page);
  const turn = Number((await query(page)).get('turn'));
  expect(turn).toBeGreaterThan(0);
  await expectDots(page, await linkOf(page));
  // A drag beside the sphere turns the camera.
  const view = await viewOf(page);
  const before = await page.screenshot();
  await page.mouse.move(view.x + 30, view.y + view.height - 40);
  await page.mouse.down();
  await page.mouse.move(view.x + 120, view.y + view.height - 40, { steps: 4 });
  await page.mouse.up();
  await waitIdle(page);
  expect(Number((await query(page)).get('turn'))).toBe(turn);
  await until('the drag shows another picture', async () => !Buffer.from(await page.screenshot()).equals(before));
});

/** Runs in the page: collects in `globalThis.poses` the places of all labels, whenever they change, while a text is among them. */
function watchLabels(text: string): void {
  const poses = new Set<string>();
  Object.assign(globalThis, { poses });
  const labels = () =>
    [...document.querySelectorAll<HTMLElement>('#view .label')]
      .filter(({ style }) => style.visibility === 'visible')
      .map(({ textContent, style }) => `${textContent} ${style.transform}`);
  new MutationObserver(() => {
    const now = labels().join('\n');
    if (now.includes(text)) poses.add(now);
  }).observe(document.querySelector('#view') as Node, { subtree: true, childList: true, attributes: true });
}

test.for([
  ['flies between scenes', false],
  ['jumps between scenes when the system asks for reduced motion', true],
] as const)('the camera %s', async ([, reducedMotion], { open }) => {
  const { page } = await open('?input=sphere&scene=both', { ...wide, reducedMotion, before: countGpuWork });
  // The first visit of the scene creates it. A flight begins where the camera is.
  for (const scene of ['sphere', 'both']) {
    await setControl(page, 'scene', scene);
    await waitIdle(page);
    await quiet(page);
  }
  await page.evaluate(watchLabels, words.sphere.directions(8, 1));
  await setControl(page, 'scene', 'sphere');
  await waitIdle(page);
  await quiet(page);
  const poses = await page.evaluate(() => (globalThis as unknown as { poses: Set<string> }).poses.size);
  // A frame adds at most 100 of the 600 milliseconds of a flight. A jump has two poses, as the view grows when the matrix's legend goes.
  if (reducedMotion) expect(poses).toBeLessThanOrEqual(2);
  else expect(poses).toBeGreaterThanOrEqual(6);
});

test('a phone shows the whole sphere, and its labels within the picture', async ({ open }) => {
  const { page } = await open('?scene=sphere', { width: 390, height: 844, fine: true });
  await waitDrawn(page);
  const outside = await evalAll(page, '#view .label', (labels) => {
    const view = document.querySelector('#view')?.getBoundingClientRect() as DOMRect;
    return labels
      .filter((label) => (label as HTMLElement).style.visibility !== 'hidden')
      .filter((label) => {
        const box = label.getBoundingClientRect();
        return box.left < view.left || box.right > view.right || box.top < view.top || box.bottom > view.bottom;
      })
      .map((label) => label.textContent);
  });
  expect(outside).toEqual([]);
  expect((await stageColours(page, 'sphere-phone')).distinct).toBeGreaterThan(1000);
});

test('without WebGPU the page draws the sphere flat, with the same numbers', async ({ open }) => {
  for (const link of ['?scene=sphere&input=sphere&turn=20', '?scene=sphere&theme=dark', '?scene=hashing&rounds=2']) {
    const { page } = await open(link, { ...wide, fine: true, browser: { webgpu: false } });
    await expectDots(page, link);
    const drawn = await stageColours(page, `sphere-flat${link.length}`);
    expect(drawn.distinct).toBeGreaterThan(1000);
    await page.close();
  }
});
