import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { type LossCause, lossCauses, placementOfToken } from '../../src/algorithm/missed-pairs';
import { readouts } from '../../src/language/readouts';
import { causeNames, missedSentences } from '../../src/ui/token-names';
import { evalAll, evalOne, frames, linkOf, shot, viewOf, waitIdle } from './browser';
import { test } from './fixture';
import { type Expected, expectedFor, patternOf, setControl, shownNumbers } from './reformer';

/** The cause of a missed key. Tries every offset of the chunk edges in the rounds in which query and key share a bucket. */
function expectedCause({ placement, settings, token }: Expected, key: number): LossCause {
  const { n, buckets, rank } = placement;
  const { chunk, lookBack, lookAhead, rounds } = settings;
  const shared = Array.from({ length: rounds }, (_, r) => r * n).filter(
    (at) => buckets[at + token] === buckets[at + key],
  );
  const couldReach = shared.some((at) =>
    Array.from({ length: chunk }, (_, cut) => cut).some((cut) => {
      const back = Math.floor((rank[at + token] + cut) / chunk) - Math.floor((rank[at + key] + cut) / chunk);
      return back <= lookBack && -back <= lookAhead;
    }),
  );
  return couldReach ? 'chunkEdge' : shared.length ? 'longBucket' : 'otherBucket';
}

/** The same numbers with one round only. */
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

/** The sentences on a missed key, with the CPU engine's numbers. */
function expectedReason({ placement, settings, token }: Expected, key: number): string {
  const query = placementOfToken(placement, token);
  const rounds = Array.from(query.ranks, (rank, round) => {
    return { bucket: query.buckets[round], rank, chunk: Math.floor(rank / settings.chunk), lse: 0, weight: 0 };
  });
  return missedSentences({ rounds }, placementOfToken(placement, key), settings)
    .map((sentence) => sentence.map((part) => (typeof part === 'string' ? part : part.value)).join(''))
    .join(' ');
}

/** The cause shown for each listed missed key, by its key. */
const shownCauses = (page: Page): Promise<Map<string, string>> =>
  evalAll(page, '[data-kind="missed-cause"]', (cells) =>
    cells.map((cell): [string, string, string] => {
      const { index = '', value = '' } = (cell as HTMLElement).dataset;
      return [index, value, cell.textContent ?? ''];
    }),
  ).then((entries) => {
    for (const [, value, name] of entries) expect(name).toBe(causeNames[value as LossCause]);
    return new Map(entries.map(([index, value]) => [index, value]));
  });

/** Compares every number about missed pairs with the CPU engine's. */
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
    const expectedShare = part === 'captured' ? last.captured : last.lost[part as LossCause];
    expect(share).toBeCloseTo(expectedShare, 4);
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
      const [query, other] = [round * n + token, round * n + Number(key)];
      const shared = buckets[query] === buckets[other];
      const shown = (kind: string) => evidence.get(kind)?.get(`${key} ${round + 1}`);
      expect(shown('bucket')).toBe(shared ? undefined : buckets[other]);
      expect(shown('query-bucket')).toBe(shared ? undefined : buckets[query]);
      expect(shown('distance')).toBe(shared ? Math.abs(rank[query] - rank[other]) : undefined);
      // Chunks are shown only where a window could reach the key with other chunk edges.
      const couldReach = shared && expectedCause(oneRound(expected, round), Number(key)) === 'chunkEdge';
      const chunkOf = (at: number) => (couldReach ? Math.floor(rank[at] / settings.chunk) : undefined);
      expect(shown('chunk')).toBe(chunkOf(other));
      expect(shown('query-chunk')).toBe(chunkOf(query));
    }
  }
}

test('lost shares and causes of missed keys equal the CPU engine’s, also after each change of a setting', async ({
  open,
}) => {
  const query = '?n=200&buckets=4&rounds=2&lookBack=0&token=150';
  const { page } = await open(query, { width: 1440, height: 900 });
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
    const link = await linkOf(page);
    expect(link).toContain(`${key}=${value}`);
    await expectCauses(page, link);
  }
  // Hardly any bucket is longer than a window of 48 tokens.
  expect((await shownNumbers(page, 'lost-share')).get('2 longBucket')).toBeLessThan(before / 2);
});

test('lost shares and causes equal the CPU engine’s for the second head of bidirectional attention that wraps around', async ({
  open,
}) => {
  const query = '?preset=lucidrains&n=65&heads=2&head=2&causal=0&lookAhead=1&token=20&rounds=2&buckets=4,6&chunk=4';
  const { page } = await open(query, { width: 390, height: 844 });
  await expectCauses(page, query);
});

test('a missed key’s reason opens by keyboard, stays open when the page redraws, and stands in the pair’s tooltip', async ({
  open,
}) => {
  const query = '?n=90&buckets=4&chunk=5&lookBack=0&rounds=2&scene=matrix';
  const { page } = await open(`${query}&token=60`, { width: 1000, height: 800 });
  const reasons = () =>
    evalAll(page, '#readout tr.reason', (rows) =>
      rows.map((row) => ({
        hidden: (row as HTMLElement).hidden,
        key: row.id.replace('reason-', ''),
        text: row.textContent ?? '',
      })),
    );
  const first = await reasons();
  expect(first.length).toBeGreaterThan(1);
  expect(first.map(({ hidden }) => hidden)).toEqual(first.map((_, k) => k > 0));
  const expectedFirst = expectedFor(`${query}&token=60`);
  for (const { key, text } of first) {
    expect(text).toBe(`${readouts.missed.start('60', key)} ${expectedReason(expectedFirst, Number(key))}`);
  }
  const buttons = await page.$$('[data-kind="missed-cause"]');
  await buttons[1].focus();
  await page.keyboard.press('Enter');
  await setControl(page, 'theme', 'dark');
  await waitIdle(page);
  expect((await reasons()).map(({ hidden }) => hidden)).toEqual(first.map((_, k) => k > 1));
  await evalAll(page, '[data-kind="missed-cause"]', ([button]) => (button as HTMLElement).click());
  expect((await reasons())[0].hidden).toBe(true);
  const box = await viewOf(page);
  // Neighbouring places of the matrix are different pairs, and beside it there is no tooltip. The page reads some pairs from the GPU first.
  let last = '';
  const tipAt = async (share: number, down: number) => {
    await page.mouse.move(box.x + box.width * share, box.y + box.height * down);
    for (let waited = 0, before = last; last === before && waited < 60; waited++) {
      await frames(page, 1);
      last = await evalOne(page, '#tip', (tip) => ((tip as HTMLElement).hidden ? '' : (tip.textContent ?? '')));
    }
    return last;
  };
  const down = 0.72;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height * down);
  await waitIdle(page);
  const token = new URLSearchParams(await linkOf(page)).get('token');
  expect(token).not.toBe('60');
  const [next] = await reasons();
  const expected = expectedFor(`${query}&token=${token}`);
  expect(next.hidden).toBe(false);
  expect(next.text).toBe(
    `${readouts.missed.start(String(token), next.key)} ${expectedReason(expected, Number(next.key))}`,
  );
  const { later, seen, missed } = readouts.pair;
  const patterns = {
    later: [later('#', '#')],
    seen: [seen('#', '#', ['#'], '#', '#'), seen('#', '#', ['#', '#'], '#', '#')],
    missed: [missed('#', '#', '#', '#')],
  };
  const shown = new Set<string>();
  for (let share = 0.2; share < 0.85; share += 0.029) {
    const tip = await tipAt(share, down);
    for (const [fate, sentences] of Object.entries(patterns)) {
      const match = sentences.map((sentence) => patternOf(sentence).exec(tip)).find((result) => result);
      if (!match) continue;
      const [, shownQuery, shownKey, shownCause] = match;
      const key = Number(shownKey);
      expect(shownQuery).toBe(token);
      const expectedFate = key > Number(token) ? 'later' : expected.seen.has(key) ? 'seen' : 'missed';
      expect(fate, tip).toBe(expectedFate);
      if (fate === 'missed') {
        const cause = expectedCause(expected, key);
        expect(shownCause).toBe(causeNames[cause]);
        expect(tip.endsWith(` ${expectedReason(expected, key)}`), tip).toBe(true);
        shown.add(cause);
      } else shown.add(fate);
    }
  }
  expect([...shown]).toEqual(expect.arrayContaining(['later', 'longBucket', 'otherBucket']));
});
