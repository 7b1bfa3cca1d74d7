import { expect } from 'vitest';
import { page as pageWords } from '../../src/language/page';
import { waitIdle } from './browser';
import { test } from './fixture';
import { expectedFor, messageOf, press, setControl, shownNumbers, stageColours } from './reformer';

test.for([false, 'no adapter'] as const)(
  'without WebGPU (%s) the page computes the same numbers on the CPU and shows a notice',
  async (webgpu, { open }) => {
    const { page } = await open('?rounds=2', { width: 1440, height: 900, browser: { webgpu } });
    expect(await messageOf(page)).toContain(pageWords.notices.withoutWebGpu(512));
    const { rounds: expectedRounds, curve } = expectedFor('?rounds=2');
    const lostShares = await shownNumbers(page, 'lost-share');
    for (const { rounds, error, captured, lost } of curve) {
      for (const [cause, share] of Object.entries(lost)) {
        expect(lostShares.get(`${rounds} ${cause}`)).toBeCloseTo(share, 9);
      }
      expect((await shownNumbers(page, 'curve-error')).get(String(rounds))).toBeCloseTo(error, 9);
      expect((await shownNumbers(page, 'curve-captured')).get(String(rounds))).toBeCloseTo(captured, 9);
    }
    expect((await shownNumbers(page, 'round-weight')).get('1')).toBeCloseTo(expectedRounds[1].weight, 9);
    // Firefox rounds its clock to whole milliseconds, and 64 tokens may take less than one.
    expect((await shownNumbers(page, 'step-milliseconds')).get('full attention')).toBeGreaterThanOrEqual(0);
    expect((await stageColours(page, 'fallback')).distinct).toBeGreaterThan(200);
    await press(page, 'experiments');
    await page.waitForSelector('#experiment-lookback summary');
    await page.click('#experiment-lookback summary');
    await page.waitForSelector('#experiment-lookback[data-state="ready"]');
    const { error } = expectedFor('?rounds=2&lookBack=2').curve[1];
    expect((await shownNumbers(page, 'trial-error')).get('lookback look-back 2')).toBeCloseTo(error, 9);
    await page.keyboard.press('Escape');
    await setControl(page, 'rounds', '6');
    await waitIdle(page);
    expect((await shownNumbers(page, 'curve-error')).size).toBe(6);

    // More tokens than the CPU engine accepts give one sentence and the last valid state.
    await page.goto(page.url().replace(/[?]rounds=.$/, '?rounds=2&n=1024'));
    await waitIdle(page);
    expect(await messageOf(page)).toMatch(/1024.*512/);
    expect((await shownNumbers(page, 'curve-error')).size).toBe(4);
  },
);
