import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { evalAll, evalOne, linkOf, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { press } from './reformer';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/** The serious and critical findings of axe-core as readable text. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const findings = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )) as Finding[];
  return findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    );
}

test.for<[string, number]>([
  ['', 1440],
  ['?theme=dark&scene=matrix', 390],
  ['?scene=tower&taskLength=16&layers=2&theme=dark', 1440],
])('axe-core finds nothing serious at %s with a width of %i', async ([query, width], { open }) => {
  const { page } = await open(query, { width, height: 900 });
  expect(await seriousFindings(page)).toEqual([]);
});

// Each browser checks one theme.
test('axe-core finds nothing serious in the dialogs', async ({ open }) => {
  const theme = inject('browser') === 'firefox' ? 'dark' : 'light';
  const { page } = await open(`?n=32&chunk=4&rounds=1&theme=${theme}`, {
    width: 1280,
    height: 900,
  });
  const findings: string[] = [];
  const look = async (button: Parameters<typeof press>[1], dialog: string, isReady: () => unknown) => {
    await press(page, button);
    await page.waitForSelector(`${dialog}[open]`);
    await waitFor(page, isReady);
    findings.push(...(await seriousFindings(page)).map((finding) => `${dialog}: ${finding}`));
    await page.keyboard.press('Escape');
    expect(await page.$(`${dialog}[open]`)).toBeNull();
  };
  await look('export', '#export', () => true);
  await look('sweep', '#sweep', () => document.querySelector('#sweep[data-state="ready"]') !== null);
  await look('measure', '#measure', () => document.querySelectorAll('#measure [data-kind="speed"]').length >= 2);
  await look('experiments', '#experiments', () => {
    const first = document.querySelector<HTMLDetailsElement>('#experiments details');
    if (first) first.open = true;
    return first?.dataset.state === 'ready';
  });
  expect(findings).toEqual([]);
});

test('the keyboard alone reaches controls, tokens and explained numbers, and axe-core finds nothing serious', async ({
  open,
}) => {
  const { page } = await open('?n=32&rounds=2', { width: 1440, height: 900 });
  const focused = () =>
    page.evaluate(() => {
      const { dataset, className, tagName } = document.activeElement as HTMLElement;
      return `${tagName} ${className} ${dataset.kind ?? ''} ${
        (document.activeElement?.closest('[data-key]') as HTMLElement | null)?.dataset.key ?? ''
      }`;
    });
  const visited: string[] = [];
  for (let k = 0; k < 120; k++) {
    await page.keyboard.press('Tab');
    visited.push(await focused());
  }
  for (const stop of [
    /stage-canvas/,
    /bucket-size/,
    / bucket /,
    /curve-/,
    /step-milliseconds/,
    /rounds$/,
    /preset$/,
    /scene$/,
    /token$/,
  ]) {
    expect(
      visited.some((element) => stop.test(element)),
      `no stop at ${stop}: ${[...new Set(visited)].join('; ')}`,
    ).toBe(true);
  }
  // The read-out is a live region, so that a screen reader reads out a new token.
  expect(await evalOne(page, '#readout', (section) => section.getAttribute('aria-live'))).toBe('polite');
  await page.focus('.stage-canvas');
  await page.keyboard.press('ArrowLeft');
  await waitIdle(page);
  expect(await evalOne(page, '#readout h3', (heading) => heading.textContent)).toContain('Token 30');
  await evalAll(page, '#panel [data-key="rounds"] input', (inputs) => {
    for (const input of inputs) if ((input as HTMLElement).offsetParent) (input as HTMLElement).focus();
  });
  await page.keyboard.press('ArrowUp');
  await waitIdle(page);
  expect(await linkOf(page)).toContain('rounds=3');
  await press(page, 'compare');
  expect(await seriousFindings(page)).toEqual([]);
});
