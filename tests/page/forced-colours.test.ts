import type { Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { frames, shot, waitIdle } from './browser';
import { test } from './fixture';

/** Puppeteer cannot force colours in Firefox. */
const inChromium = test.runIf(inject('browser') === 'chromium');

async function force(page: Page, dark: boolean): Promise<void> {
  const session = await page.createCDPSession();
  await session.send('Emulation.setEmulatedMedia', {
    features: [
      { name: 'forced-colors', value: 'active' },
      { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
    ],
  });
  await frames(page, 3);
  expect(await page.evaluate(() => matchMedia('(forced-colors: active)').matches)).toBe(true);
}

/** Names the visible controls that have no border. */
const borderless = (page: Page) =>
  page.evaluate(() => {
    const controls = [...document.querySelectorAll<HTMLElement>('button, input, select, summary, .lil-slider')];
    const isBordered = (element: Element) => {
      const { borderTopStyle, borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(element);
      return borderTopStyle !== 'none' && Number.parseFloat(borderTopWidth) >= 1 && borderTopColor !== backgroundColor;
    };
    return controls
      .filter(
        (control) =>
          control.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !isBordered(control),
      )
      .map((control) => control.outerHTML.slice(0, 100));
  });

inChromium.for<[string, boolean]>([
  ['', true],
  ['', false],
  ['?scene=tower&taskLength=16&layers=2', false],
  ['?step=05.2', true],
])(
  'with forced colours (%s, dark: %s) every control has a border, and legends differ by it',
  async ([link, dark], { open }) => {
    const { page } = await open(link, { width: 1440, height: 900, fine: true });
    expect((await borderless(page)).length).toBeGreaterThan(0);
    await force(page, dark);
    expect(await borderless(page)).toEqual([]);
    const legend = await page.$$eval('#legend span', (entries) =>
      entries.map((entry) => {
        const { borderTopStyle, backgroundImage } = getComputedStyle(entry, '::before');
        return { borderTopStyle, backgroundImage };
      }),
    );
    expect(new Set(legend.map(({ borderTopStyle }) => borderTopStyle)).size).toBe(legend.length);
    for (const { backgroundImage } of legend) expect(backgroundImage).toMatch(/gradient/);
    if (!link.includes('tower')) expect(legend.length).toBe(3);
    await shot(page, `forced-${dark ? 'dark' : 'light'}${link.replace(/\W+/g, '-').slice(0, 12)}`);
    await waitIdle(page);
  },
);
