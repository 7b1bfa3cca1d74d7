import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { lossCauses } from '../../src/core/causes';
import { openBrowser, openPage, shot, waitIdle } from './browser';
import { type Expected, expectedFor, setControl, shownNumbers } from './reformer';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  for (const page of await browser.pages()) if (page.url().startsWith('http')) await page.close();
});

const names: Record<string, string> = {
  'chunk edge': 'chunkEdge',
  'long bucket': 'longBucket',
  'other bucket': 'otherBucket',
};

/** Why the selected token missed a key, by trying out every cut of the chunks of the rounds in which they share a bucket. */
function expectedCause({ placement, settings, token }: Expected, key: number): string {
  const { n, buckets, rank } = placement;
  const { chunk, lookBack, lookAhead, rounds } = settings;
  const shared = Array.from({ length: rounds }, (_, r) => r * n).filter(
    (at) => buckets[at + token] === buckets[at + key],
  );
  const could = shared.some((at) =>
    Array.from({ length: chunk }, (_, cut) => cut).some((cut) => {
      const back = Math.floor((rank[at + token] + cut) / chunk) - Math.floor((rank[at + key] + cut) / chunk);
      return back <= lookBack && -back <= lookAhead;
    }),
  );
  return could ? 'chunkEdge' : shared.length ? 'longBucket' : 'otherBucket';
}

/** The cause shown for each listed missed key, by its key. */
const shownCauses = (page: Page): Promise<Map<string, string>> =>
  page
    .$$eval('[data-kind="missed-cause"]', (cells) =>
      cells.map((cell): [string, string, string] => {
        const { index = '', value = '' } = (cell as HTMLElement).dataset;
        return [index, value, cell.textContent ?? ''];
      }),
    )
    .then((entries) => {
      for (const [, value, words] of entries) expect(names[words]).toBe(value);
      return new Map(entries.map(([index, value]) => [index, value]));
    });

/** Compares every number about missed pairs with the core. */
async function expectCauses(page: Page, query: string): Promise<void> {
  const expected = expectedFor(query);
  const { curve, settings, placement, token } = expected;
  const lost = await shownNumbers(page, 'lost-share');
  const captured = await shownNumbers(page, 'captured-share');
  expect(lost.size).toBe(3 * curve.length);
  for (const point of curve) {
    let sum = captured.get(String(point.rounds)) ?? Number.NaN;
    expect(sum).toBeCloseTo(point.captured, 4);
    for (const cause of lossCauses) {
      const share = lost.get(`${point.rounds} ${cause}`) ?? Number.NaN;
      expect(share, `${point.rounds} ${cause}`).toBeCloseTo(point.lost[cause], 4);
      sum += share;
    }
    expect(sum).toBeCloseTo(1, 4);
  }
  const legend = await shownNumbers(page, 'legend-share');
  expect([...legend.keys()].sort()).toEqual(['captured', ...lossCauses].sort());
  const last = curve[curve.length - 1];
  for (const [part, share] of legend) {
    const of = part === 'captured' ? last.captured : last.lost[part as (typeof lossCauses)[number]];
    expect(share).toBeCloseTo(of, 4);
  }

  const listed = await shownNumbers(page, 'missed-full');
  const causes = await shownCauses(page);
  expect([...causes.keys()]).toEqual([...listed.keys()]);
  const evidence = new Map<string, Map<string, number>>();
  for (const kind of ['bucket', 'query-bucket', 'distance', 'chunk', 'query-chunk']) {
    evidence.set(kind, await shownNumbers(page, `missed-${kind}`));
  }
  const { n, buckets, rank } = placement;
  for (const [key, cause] of causes) {
    expect(cause, `key ${key}`).toBe(expectedCause(expected, Number(key)));
    for (let round = 0; round < settings.rounds; round++) {
      const [mine, theirs] = [round * n + token, round * n + Number(key)];
      const shared = buckets[mine] === buckets[theirs];
      const shown = (kind: string) => evidence.get(kind)?.get(`${key} ${round + 1}`);
      expect(shown('bucket')).toBe(shared ? undefined : buckets[theirs]);
      expect(shown('query-bucket')).toBe(buckets[mine]);
      expect(shown('distance')).toBe(shared ? Math.abs(rank[mine] - rank[theirs]) : undefined);
      expect(shown('chunk')).toBe(shared ? Math.floor(rank[theirs] / settings.chunk) : undefined);
      expect(shown('query-chunk')).toBe(shared ? Math.floor(rank[mine] / settings.chunk) : undefined);
    }
  }
}

test.each([
  '',
  '?preset=trax&n=100&d=7&chunk=6&buckets=4&rounds=3&token=99',
  '?preset=lucidrains&n=65&heads=2&head=2&causal=0&lookAhead=1&token=20&rounds=2&buckets=4,6&chunk=4',
  '?n=200&chunk=8&buckets=4&rounds=5&lookBack=0&token=150&theme=dark',
])('%s: what was lost to each cause, and why each heavy key was missed, are the core’s', async (query) => {
  const { page, errors } = await openPage(browser, query, { width: 1440, height: 900 });
  await waitIdle(page);
  await expectCauses(page, query);
  await shot(page, `causes${query.replace(/\W+/g, '-').slice(0, 20)}`);
  expect(errors).toEqual([]);
});
