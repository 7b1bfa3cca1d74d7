import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { lectureChapters, stateOf } from '../../src/lecture/content';
import { stepTexts } from '../../src/lecture/texts';
import { applyChange, defaults, fromQuery } from '../../src/state/state';
import { linkOf, until, waitIdle } from './browser';
import { test } from './fixture';
import { messageOf } from './reformer';

const steps = lectureChapters.flatMap((chapter) => chapter.steps);

/** Steps whose proposal trains a model, which takes a minute, or opens a dialog. */
const trains = ['08.2', '08.3'];

interface ShownParagraph {
  about: string;
  text: string;
  isShown: boolean;
  isPast: boolean;
  isFalse: boolean;
  /** Names and texts of its live figures. */
  figures: [string, string][];
}

const paragraphs = (page: Page): Promise<ShownParagraph[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('#step [data-about]')].map((element) => ({
      about: element.dataset.about ?? '',
      text: element.textContent ?? '',
      isShown: element.getClientRects().length > 0,
      isPast: element.classList.contains('past'),
      isFalse: element.hasAttribute('data-false'),
      figures: [...element.querySelectorAll<HTMLElement>('[data-live]')].map((span): [string, string] => [
        `${span.dataset.live} ${span.dataset.when ?? 'now'}`,
        span.textContent ?? '',
      ]),
    })),
  );

/** All shown paragraphs once every figure in them is known. Some are measured after the picture. */
const knownParagraphs = async (page: Page): Promise<ShownParagraph[]> => {
  await waitIdle(page);
  return until('all figures of the text are known', async () => {
    const all = await paragraphs(page);
    return all.every(({ isShown, figures }) => !isShown || figures.every(([, text]) => text !== '…')) && all;
  });
};

/** Opens a step by the list of contents. */
const go = (page: Page, id: string) =>
  page.evaluate((step) => {
    (document.querySelector('#lecture .contents') as HTMLElement).click();
    (document.querySelector(`#contents [data-step="${step}"]`) as HTMLElement).click();
  }, id);

test('no sentence of any step is false, in the step or after its proposal, and each keeps its numbers', async ({
  open,
}) => {
  const { page } = await open('?step=01.1', { width: 1440, height: 900, reducedMotion: true });
  for (const step of steps) {
    const { id, attempt } = step;
    await go(page, id);
    const before = await knownParagraphs(page);
    expect([id, before.filter(({ isFalse }) => isFalse)]).toEqual([id, []]);
    expect([id, before.filter(({ about, isShown }) => isShown !== (about !== 'done'))]).toEqual([id, []]);
    expect([id, await messageOf(page)]).toEqual([id, '']);
    if (!attempt || trains.includes(id) || ('press' in attempt && !attempt.reaches)) continue;
    await page.click('#step .do');
    const change = 'set' in attempt ? attempt.set : attempt.reaches;
    const wanted = applyChange(stateOf(step, defaults()), change ?? {});
    await until(`${id} reaches its proposal`, async () => {
      const { state } = fromQuery(await linkOf(page), step.state);
      return JSON.stringify({ ...state, theme: '' }) === JSON.stringify({ ...wanted, theme: '' });
    });
    const now = await knownParagraphs(page);
    expect([id, now.filter(({ isFalse }) => isFalse)]).toEqual([id, []]);
    const isAfterShown = now.some(({ about, isShown }) => about === 'done' && isShown);
    expect([id, isAfterShown]).toEqual([id, stepTexts[id].after !== undefined]);
    // Sentences about the step's own settings keep its figures, and are marked as past.
    for (const [k, { about, figures, isPast }] of now.entries()) {
      if (about !== 'step') continue;
      expect([id, figures]).toEqual([id, before[k]?.figures]);
      expect([id, isPast]).toEqual([id, true]);
    }
  }
});

test('after any other change, the words of the step stay those of the step, and what followed its proposal is hidden', async ({
  open,
}) => {
  const { page } = await open('?step=05.2', { width: 1440, height: 900 });
  const before = await knownParagraphs(page);
  await page.focus('#view .stage-canvas');
  await page.keyboard.press('ArrowRight');
  await until('another token is selected', async () => (await linkOf(page)).includes('token=42'));
  const now = await knownParagraphs(page);
  const own = now.filter(({ about }) => about === 'step');
  expect(own.map(({ figures }) => figures)).toEqual(
    before.filter(({ about }) => about === 'step').map(({ figures }) => figures),
  );
  expect(own.every(({ isPast }) => isPast)).toBe(true);
  expect(now.filter(({ about, isShown }) => about === 'done' && isShown)).toEqual([]);
  // A link to a changed step has no numbers of the step itself, and shows no sentence about them.
  await page.reload();
  const reloaded = await knownParagraphs(page);
  expect(reloaded.filter(({ about, isShown }) => about !== 'any' && isShown)).toEqual([]);
});
