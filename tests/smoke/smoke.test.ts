import { expect } from 'vitest';
import { until, waitIdle } from '../page/browser';
import { test } from '../page/fixture';
import { expectCoreNumbers } from '../page/numbers';
import { messageOf, press, setControl, shownNumbers } from '../page/reformer';

// The shortest walk through the page that meets WebGPU, three.js, the workers and training. `npm run test:all` tests the rest in this browser.
test('the page shows the numbers of the plain engine, follows the rounds slider, and trains a step', async ({
  open,
}) => {
  const { page } = await open('?rounds=1', { width: 1440, height: 900 });
  await expectCoreNumbers(page, '?rounds=1');
  const before = (await shownNumbers(page, 'curve-error')).get('1') ?? Number.NaN;
  await setControl(page, 'rounds', '8');
  await waitIdle(page);
  expect((await shownNumbers(page, 'curve-error')).get('8')).toBeLessThan(0.75 * before);
  await setControl(page, 'scene', 'tower');
  await setControl(page, 'taskLength', '16');
  await waitIdle(page);
  await press(page, 'step');
  const loss = await until('a loss is shown', async () => (await shownNumbers(page, 'loss')).get('reversible'));
  // Untrained, the model guesses among 31 symbols.
  expect(loss).toBeGreaterThan(0.5 * Math.log(31));
  expect(loss).toBeLessThan(2 * Math.log(31));
  expect(await messageOf(page)).toBe('');
});
