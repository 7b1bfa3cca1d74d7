import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { makeExercise } from '../../src/dialogs/sort-exercise';
import { sortYourself as words } from '../../src/language/sort-yourself';
import { evalAll, evalOne, linkOf, until, waitIdle } from './browser';
import { test } from './fixture';

const root = '#sort-yourself';
const exercise = makeExercise(4);

const orderOf = (page: Page) =>
  evalAll(page, `${root} .tile`, (tiles) => tiles.map((tile) => Number((tile as HTMLElement).dataset.token)));
const finding = (page: Page) => evalOne(page, `${root} .finding`, (element) => element.textContent);
const partOf = (page: Page) => evalOne(page, root, (element) => (element as HTMLElement).dataset.part);
const focusTile = (page: Page, token: number) => page.focus(`${root} [data-token="${token}"]`);

async function check(page: Page): Promise<void> {
  await page.focus(`${root} .main`);
  await page.keyboard.press('Enter');
}

test('tokens are sorted, cut and paired by the keyboard alone, and wrong answers are named', async ({ open }) => {
  const { page } = await open('?exercise=sort&input=twins');
  await page.waitForSelector(`${root}[open]`);
  expect(await linkOf(page)).toContain('exercise=sort');
  await check(page);
  expect(await finding(page)).toMatch(/elsewhere/);
  // Selection sort: take each token up, and carry it to its place.
  for (const [position, token] of exercise.order.entries()) {
    const at = (await orderOf(page)).indexOf(token);
    if (at === position) continue;
    await focusTile(page, token);
    await page.keyboard.press(' ');
    for (let k = at; k > position; k--) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press(' ');
  }
  expect(await orderOf(page)).toEqual(exercise.order);
  await check(page);
  expect([await partOf(page), await finding(page)]).toEqual(['walls', words.order.right]);
  const wall = async (position: number) => {
    await page.focus(`${root} [data-wall="${position}"]`);
    await page.keyboard.press('Enter');
  };
  for (const position of [4, 8, 11]) await wall(position);
  await check(page);
  expect(await finding(page)).toBe(words.walls.wrong(1, 1));
  for (const position of [11, 12]) await wall(position);
  await check(page);
  expect(await partOf(page)).toBe('pairs');
  const [{ keys }] = exercise.queries;
  for (const key of keys.slice(1)) {
    await focusTile(page, key);
    await page.keyboard.press(' ');
  }
  await check(page);
  expect(await finding(page)).toBe(words.pairs.wrong(1, 0));
  await focusTile(page, keys[0]);
  await page.keyboard.press(' ');
  await check(page);
  expect(await finding(page)).toBe(words.pairs.right(exercise.queries[0].query, keys.length));
  await page.keyboard.press('Escape');
  await until('the closed exercise is out of the address', async () => !(await linkOf(page)).includes('exercise'));
});

test('a token is dragged by mouse and by finger, and other names of exercises are refused', async ({ open }) => {
  const { page } = await open('?exercise=sort&input=twins');
  await page.waitForSelector(`${root}[open]`);
  const middle = async (token: number) => {
    const box = await evalOne(page, `${root} [data-token="${token}"]`, (tile) => tile.getBoundingClientRect().toJSON());
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const [from, to] = [await middle(2), await middle(5)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, from.y, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  expect((await orderOf(page)).slice(0, 7)).toEqual([0, 1, 3, 4, 5, 2, 6]);
  const start = await middle(6);
  const end = await middle(0);
  const touch = await page.touchscreen.touchStart(start.x, start.y);
  for (const t of [0.25, 0.5, 0.75, 1]) await touch.move(start.x + t * (end.x - start.x), end.y);
  await touch.end();
  expect((await orderOf(page))[0]).toBe(6);
  const { page: other } = await open('?exercise=cut&input=twins');
  await waitIdle(other);
  expect(await evalOne(other, '#message', (element) => element.textContent)).toContain(
    'exercise is "cut"; it must be sort.',
  );
});
