import { expect, test } from 'vitest';
import { prepareText } from '../../src/text/own-text';
import { readTextModel, textSizes } from '../../src/training/text-model';
import { TextTrainingSession } from '../../src/training/text-training';
import { testEngine } from './context';

const engine = await testEngine();

const text = prepareText('The sea is wide, the sea is deep, and the sea is cold. '.repeat(30), textSizes.XS.vocabulary);

/** Trains a session until this many steps are done. */
async function train(session: TextTrainingSession, steps: number, watch: { onChange: () => void }): Promise<void> {
  watch.onChange = () => {
    if (session.step >= steps) session.pause();
  };
  await session.run();
}

test('a training that is paused, saved and opened again goes on with the same losses', async () => {
  const watch = { onChange: () => {} };
  const make = (resumed?: ReturnType<typeof readTextModel>) =>
    new TextTrainingSession(engine, text, 'XS', () => watch.onChange(), resumed, {
      batch: 1,
      sampleTokens: 3,
      sampleInterval: 0,
    });
  const whole = make();
  await train(whole, 3, watch);
  expect(whole.losses).toHaveLength(3);
  expect(whole.samples[0].step).toBe(1);
  expect(whole.isRunning).toBe(false);
  const first = make();
  await train(first, 1, watch);
  const saved = await first.save();
  expect(readTextModel(saved).training.step).toBe(1);
  const second = make(readTextModel(saved));
  expect(second.firstStep).toBe(1);
  await train(second, 3, watch);
  expect([...first.losses, ...second.losses]).toEqual(whole.losses);
  // The file names its text. One with 8 bits a weight has no moments.
  const other = readTextModel(saved);
  other.training.data = 'own text of 5 bytes, 00000000';
  expect(() => make(other)).toThrow('The model was trained on own text of 5 bytes, 00000000, and this is own text of');
  const small = readTextModel(await first.save(8));
  expect(() => make(small)).toThrow('The file has no moments of Adam');
  for (const session of [whole, first, second]) session.free();
}, 120_000);
