import type { Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { dialogs } from '../../src/language/dialogs';
import { lecture } from '../../src/language/lecture';
import { page as words } from '../../src/language/page';
import { OTHER_HOST, until } from './browser';
import { test } from './fixture';
import { expectCoreNumbers } from './numbers';
import { messageOf, press } from './reformer';

const address = () => {
  const url = new URL(inject('site'));
  url.hostname = OTHER_HOST;
  return url.href;
};

/** The text that is selected in a field. */
const selected = (page: Page, selector: string) =>
  page.$eval(selector, (element) => {
    const { value, selectionStart, selectionEnd } = element as HTMLInputElement;
    return value.slice(selectionStart ?? 0, selectionEnd ?? 0);
  });

/** In the page: what the older call for copying copied, or that it fails. */
const watchCopy = (works: boolean) => (works ? keepCopies : refuseCopies);

function keepCopies(): void {
  addEventListener('copy', () => {
    const { value, selectionStart, selectionEnd } = document.activeElement as HTMLInputElement;
    Object.assign(globalThis, { copied: value.slice(selectionStart ?? 0, selectionEnd ?? 0) });
  });
}

function refuseCopies(): void {
  Document.prototype.execCommand = () => false;
}

test('over plain http from another host, the page computes on the CPU, and its sentence names https and localhost', async ({
  open,
}) => {
  const { page } = await open(`${address()}?rounds=2`);
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  const message = await messageOf(page);
  expect(message).toBe(words.notices.withoutHttps(512));
  expect(message).toMatch(/https.*localhost/);
  await expectCoreNumbers(page, '?rounds=2');
});

test.for([true, false])(
  'over plain http, links are copied without a clipboard, or selected (the older call works: %s)',
  async (works, { open }) => {
    const { page } = await open(`${address()}?rounds=2`, { before: watchCopy(works) });
    const copied = () => page.evaluate(() => (globalThis as { copied?: string }).copied);
    const link = `${address()}?rounds=2`;
    await press(page, 'export');
    await page.waitForSelector('#export[open] li:last-child button');
    await page.click('#export li:last-child button');
    const label = await until('the button answers', async () => {
      const text = await page.$eval('#export li:last-child button', (button) => button.textContent);
      return text !== dialogs.export.copyLink && text;
    });
    expect(label).toBe(works ? dialogs.export.copied : dialogs.export.selected);
    expect(await selected(page, '#export .address')).toBe(link);
    expect(await copied()).toBe(works ? link : undefined);
    await page.keyboard.press('Escape');
    await page.click('#lecture .link');
    await page.waitForSelector('#lesson[open] .copy');
    await page.click('#lesson .copy');
    const answer = await until('the button answers', async () => {
      const text = await page.$eval('#lesson .copy', (button) => button.textContent);
      return text !== lecture.link.copy && text;
    });
    expect(answer).toBe(works ? lecture.link.copied : lecture.link.selected);
    expect(await selected(page, '#lesson .address')).toBe(link);
    expect(await messageOf(page)).toBe(words.notices.withoutHttps(512));
  },
);
