import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { lossCauses } from '../../src/algorithm/missed-pairs';
import { closePages, evalAll, evalOne, openBrowser, openPage, shot, viewOf, waitIdle } from './browser';
import { type Expected, expectedFor, setControl, shownNumbers } from './reformer';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() => closePages(browser));

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

/** The same with one of its rounds only. */
function oneRound(expected: Expected, round: number): Expected {
  const { placement, settings } = expected;
  const { n } = placement;
  const of = (values: Int32Array) => values.subarray(round * n, (round + 1) * n);
  const { buckets, order, rank } = placement;
  return {
    ...expected,
    settings: { ...settings, rounds: 1 },
    placement: { n, buckets: of(buckets), order: of(order), rank: of(rank) },
  };
}

/** The cause shown for each listed missed key, by its key. */
const shownCauses = (page: Page): Promise<Map<string, string>> =>
  evalAll(page, '[data-kind="missed-cause"]', (cells) =>
    cells.map((cell): [string, string, string] => {
      const { index = '', value = '' } = (cell as HTMLElement).dataset;
      return [index, value, cell.textContent ?? ''];
    }),
  ).then((entries) => {
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
      expect(shown('query-bucket')).toBe(shared ? undefined : buckets[mine]);
      expect(shown('distance')).toBe(shared ? Math.abs(rank[mine] - rank[theirs]) : undefined);
      // Chunks are what parted them only where a window could have reached.
      const couldReach = shared && expectedCause(oneRound(expected, round), Number(key)) === 'chunkEdge';
      const chunkOf = (at: number) => (couldReach ? Math.floor(rank[at] / settings.chunk) : undefined);
      expect(shown('chunk')).toBe(chunkOf(theirs));
      expect(shown('query-chunk')).toBe(chunkOf(mine));
    }
  }
}

test('what was lost to each cause, and why each heavy key was missed, are the core’s, and follow the settings', async () => {
  const query = '?n=200&buckets=4&rounds=2&lookBack=0&token=150';
  const { page, errors } = await openPage(browser, query, { width: 1440, height: 900 });
  await waitIdle(page);
  await expectCauses(page, query);
  const before = (await shownNumbers(page, 'lost-share')).get('2 longBucket') ?? 0;
  expect(before).toBeGreaterThan(0.1);
  await shot(page, 'causes');
  for (const [key, value] of [
    ['rounds', '5'],
    ['lookBack', '2'],
    ['chunk', '16'],
    ['preset', 'trax'],
  ]) {
    await setControl(page, key, value);
    await waitIdle(page);
    await new Promise((resolve) => setTimeout(resolve, 250));
    const link = new URL(page.url()).search;
    expect(link).toContain(`${key}=${value}`);
    await expectCauses(page, link);
  }
  // A window of 48 leaves hardly a bucket longer.
  expect((await shownNumbers(page, 'lost-share')).get('2 longBucket')).toBeLessThan(before / 2);
  expect(errors).toEqual([]);
});

test('of a later head, in both directions, with rings: the core’s numbers', async () => {
  const query = '?preset=lucidrains&n=65&heads=2&head=2&causal=0&lookAhead=1&token=20&rounds=2&buckets=4,6&chunk=4';
  const { page, errors } = await openPage(browser, query, { width: 390, height: 844 });
  await waitIdle(page);
  await expectCauses(page, query);
  expect(errors).toEqual([]);
});

test('a reason unfolds by keyboard, stays through a redraw, and says so at the pair itself', async () => {
  const query = '?n=90&buckets=4&chunk=5&lookBack=0&rounds=2&scene=matrix';
  const { page, errors } = await openPage(browser, `${query}&token=60`, { width: 1000, height: 800 });
  await waitIdle(page);
  const folded = () =>
    evalAll(page, '#readout tr.reason', (rows) =>
      rows.map((row) => [(row as HTMLElement).hidden, row.textContent ?? ''] as const),
    );
  const first = await folded();
  expect(first.length).toBeGreaterThan(1);
  expect(first.map(([hidden]) => hidden)).toEqual(first.map((_, k) => k > 0));
  expect(first[0][1]).toMatch(
    /^Token 60 did not see \d+: rounds? [\d, ]+ (buckets? \d+ ≠ \d+|same bucket, \d+.* places apart, )/,
  );
  const buttons = await page.$$('[data-kind="missed-cause"]');
  await buttons[1].focus();
  await page.keyboard.press('Enter');
  await setControl(page, 'theme', 'dark');
  await waitIdle(page);
  expect((await folded()).map(([hidden]) => hidden)).toEqual(first.map((_, k) => k > 1));
  await evalAll(page, '[data-kind="missed-cause"]', ([button]) => (button as HTMLElement).click());
  expect((await folded())[0][0]).toBe(true);
  const box = await viewOf(page);
  // Neighbouring places are different pairs; what a pair is may have to be asked for.
  let last = '';
  const tipAt = async (share: number, down: number) => {
    await page.mouse.move(box.x + box.width * share, box.y + box.height * down);
    for (let wait = 0, before = last; last === before && wait < 20; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      last = await evalOne(page, '#tip', (tip) => ((tip as HTMLElement).hidden ? '' : (tip.textContent ?? '')));
    }
    return last;
  };
  const down = 0.72;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height * down);
  await waitIdle(page);
  await new Promise((resolve) => setTimeout(resolve, 250));
  const token = new URLSearchParams(new URL(page.url()).search).get('token');
  expect(token).not.toBe('60');
  const next = await folded();
  expect(next[0][0]).toBe(false);
  expect(next[0][1]).toContain(`Token ${token} did not see`);
  const expected = expectedFor(`${query}&token=${token}`);
  const found = new Set<string>();
  for (let share = 0.2; share < 0.85; share += 0.029) {
    const words = await tipAt(share, down);
    const pair = /^query (\d+), key (\d+): (later|seen|missed, ([a-z ]+);)/.exec(words);
    if (!pair) continue;
    const key = Number(pair[2]);
    expect(pair[1]).toBe(token);
    const what = key > Number(token) ? 'later' : expected.seen.has(key) ? 'seen' : expectedCause(expected, key);
    expect(pair[4] ? names[pair[4]] : pair[3], words).toBe(what);
    if (what === 'later') expect(words).toContain('in full attention too');
    if (pair[4]) expect(words).toMatch(/[.] Rounds? [12].* (places apart, |≠ ).+[.]$/);
    found.add(what);
  }
  expect([...found]).toEqual(expect.arrayContaining(['later', 'longBucket', 'otherBucket']));
  expect(errors).toEqual([]);
});
