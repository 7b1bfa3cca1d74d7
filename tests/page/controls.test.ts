import type { ElementHandle, Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { type Control, controls, type Key, keys } from '../../src/state/schema';
import { linkOf, until, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { expectCoreNumbers } from './numbers';
import { messageOf, setControl } from './reformer';

const views: [string, string, Control['group'][]][] = [
  ['attention', '?n=32&chunk=4&rounds=2&heads=2&d=8', ['attention', 'convention', 'input', 'view']],
  ['layers', '?scene=tower&taskLength=16&layers=2', ['layers', 'training']],
];

/** Acts on the page and waits until the link changes. The page writes the link after it has computed attention. */
async function expectChange(page: Page, what: string, act: () => Promise<void>): Promise<void> {
  const before = await linkOf(page);
  await act();
  await until(`${what} changes the link ${before}`, async () => (await linkOf(page)) !== before);
  expect(await messageOf(page), what).toBe('');
}

/** The visible field of a control. Some controls stand in two folders, of which one is hidden. */
async function fieldOf(page: Page, key: Key): Promise<ElementHandle> {
  for (const field of await page.$$(`#panel [data-key="${key}"] :is(input, select)`)) {
    if (await field.evaluate((element) => (element as HTMLElement).offsetParent !== null)) return field;
  }
  throw new Error(`${key} has no control`);
}

/** Focuses a control and changes it with a key. */
async function changeByKey(page: Page, type: Control['type'], field: ElementHandle): Promise<void> {
  await field.focus();
  if (type === 'switch') await page.keyboard.press(' ');
  else if (type === 'buckets') {
    await field.evaluate((element) => (element as HTMLInputElement).select());
    await page.keyboard.type('8');
    await page.keyboard.press('Tab');
  } else {
    const isLast = await field.evaluate((element) => {
      if (element instanceof HTMLSelectElement) return element.selectedIndex === element.options.length - 1;
      const slider = element.closest('.lil-controller')?.querySelector('.lil-fill') as HTMLElement | null;
      return slider?.style.width === '100%';
    });
    const isList = await field.evaluate((element) => element instanceof HTMLSelectElement);
    await page.keyboard.press(isList === isLast ? 'ArrowUp' : 'ArrowDown');
  }
}

/** Clicks a switch or a slider, drags a number without a slider, or selects another entry of a list. */
async function changeByMouse(page: Page, key: Key, field: ElementHandle): Promise<void> {
  const slider = (
    await field.evaluateHandle((element) => element.closest('.lil-controller')?.querySelector('.lil-slider'))
  ).asElement() as ElementHandle | null;
  const { list, isSwitch } = await field.evaluate((element) => ({
    list:
      element instanceof HTMLSelectElement
        ? [...element.options].map(({ value }) => value).filter((_, k) => k !== element.selectedIndex)
        : [],
    isSwitch: element instanceof HTMLInputElement && element.type === 'checkbox',
  }));
  if (list.length > 0) {
    await (field as ElementHandle<HTMLSelectElement>).select(list[0]);
    return;
  }
  if (isSwitch) {
    await field.click();
    return;
  }
  const target = slider ?? field;
  await target.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  const box = await target.boundingBox();
  if (!box) throw new Error(`${key} is not shown`);
  const y = box.y + box.height / 2;
  if (slider) {
    const share = await slider.evaluate(
      (element) => Number.parseFloat((element.querySelector('.lil-fill') as HTMLElement).style.width) / 100,
    );
    await page.mouse.click(box.x + box.width * (share > 0.5 ? 0.25 : 0.75), y);
    return;
  }
  await page.mouse.move(box.x + box.width / 2, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, y - 30, { steps: 3 });
  await page.mouse.up();
}

/** Settings without a control among those of vectors: a text is typed above the stage. */
const unseen: Key[] = ['text', 'textLayer'];

test.for(views)(
  'keyboard and mouse change every control in the view of %s',
  async ([view, query, groups], { open }) => {
    const { page } = await open(query, { width: 1440, height: 900, reducedMotion: true });
    // A press on its title opens a closed folder.
    const closed = await page.$$('#panel .lil-closed > .lil-title');
    for (const title of closed) if (await title.isVisible()) await title.click();
    const viewKeys = keys.filter((key) => groups.includes(controls[key].group) && !unseen.includes(key));
    expect(viewKeys.length).toBeGreaterThan(5);
    for (const key of viewKeys) {
      const { type } = controls[key];
      const field = await fieldOf(page, key);
      await expectChange(page, `${key} by keyboard`, () => changeByKey(page, type, field));
      // The control of the buckets is a text field, which the mouse cannot change.
      if (type !== 'buckets') await expectChange(page, `${key} by mouse`, () => changeByMouse(page, key, field));
      // With a text, some controls are hidden.
      if (key === 'input') await setControl(page, 'input', 'twins');
    }
    if (view === 'attention') {
      await waitFor(page, () => document.documentElement.dataset.view !== 'layers');
      await waitIdle(page);
      await expectCoreNumbers(page, await linkOf(page));
    }
  },
);
