import { describe, expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { lshAttention } from '../../src/algorithm/lsh';
import { defaultFactors, presets } from '../../src/algorithm/settings';
import { Backward } from '../../src/gpu/attention/backward';
import { FullAttention, sampleTokens } from '../../src/gpu/attention/full-attention';
import { unpadded } from '../../src/gpu/attention/inputs';
import { inspectToken } from '../../src/gpu/attention/inspect';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { roundsCurveOf } from '../../src/gpu/attention/rounds-curve';
import { randomCase } from '../support/random-case';
import { testContext } from './context';

const context = await testContext();

describe.each([
  randomCase(4, 300, { rounds: 3, d: 50 }),
  randomCase(2, 1000, { wrap: true, bucketMask: false, rounds: 2, heads: 2 }),
])('with vectors in two bindings and streamed rounds, $title', ({ settings, input }) => {
  const { heads, n, d } = input.shape;

  async function compute(options: ConstructorParameters<typeof LshAttention>[3]) {
    const lsh = new LshAttention(context, input.shape, settings, options);
    lsh.upload(input);
    await lsh.run();
    return { lsh, out: unpadded(await context.read(lsh.out), d) };
  }

  test('the output and the buckets of every round equal those of the CPU engine', async () => {
    const { lsh, out } = await compute({ keepRounds: false, bindingBytes: 1 });
    expect(lsh.storage.halves).toBe(true);
    const buckets = new Int32Array(heads * settings.rounds * n);
    for (let round = 0; round < settings.rounds; round++) {
      for (const [head, row] of (await lsh.bucketsOf(round)).entries()) {
        buckets.set(row, (head * settings.rounds + round) * n);
      }
    }
    const cpu = lshAttention({ ...input, buckets }, settings);
    expect(relativeError(out, cpu.out)).toBeLessThan(1e-5);
    expect(Array.from(await context.read(lsh.order))).toEqual(Array.from(cpu.order));
    // With one binding and kept rounds the results are exactly the same.
    const whole = await compute({});
    expect(Array.from(await context.read(whole.lsh.buckets))).toEqual(Array.from(buckets));
    expect(Array.from(whole.out)).toEqual(Array.from(out));
  });

  test('full attention, the curve and the read-out equal those with one binding', async () => {
    const results = [];
    for (const bindingBytes of [1, 2 ** 27]) {
      const { lsh } = await compute({ bindingBytes });
      const attention = new FullAttention(lsh, 'sample', sampleTokens(input.shape, 50));
      await attention.run();
      const full = Array.from(await context.read(attention.out));
      const curve = await roundsCurveOf(lsh, attention);
      results.push({ full, curve, token: await inspectToken(lsh, heads - 1, n - 2) });
    }
    expect(results[0]).toEqual(results[1]);
  });
});

test('gradients are the same with kept or streamed rounds, and with one or two bindings', async () => {
  const { settings, input } = randomCase(2, 200, { rounds: 3, heads: 2 });
  const results = [];
  for (const options of [{ keepRounds: true }, { keepRounds: false }, { bindingBytes: 1 }]) {
    const lsh = new LshAttention(context, input.shape, settings, { ...options, blocks: true });
    lsh.upload(input);
    await lsh.run();
    const backward = new Backward(lsh);
    backward.upload(input.v);
    await backward.run();
    const attention = new FullAttention(lsh, 'all');
    await attention.run();
    const full = new Backward(attention);
    full.upload(input.v);
    const gradients = [await backward.read()];
    await full.run();
    gradients.push(await full.read());
    results.push(gradients.flatMap(({ qk, v }) => [Array.from(qk), Array.from(v)]));
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  expect(results[0].some((row) => row.some((value) => value !== 0))).toBe(true);
});

test('LshAttention rejects 16-bit vectors on a device without shader-f16', () => {
  const { settings, input } = randomCase(2, 200);
  const without = Object.create(context, { f16: { value: false } });
  expect(() => new LshAttention(without, input.shape, settings, { storage: 'f16' })).toThrow(
    'cannot store 16-bit floats',
  );
});

test('16 streamed rounds add less than a quarter to the memory of qk, v and out', async () => {
  const small = await testContext();
  const shape = { heads: 1, n: 16384, d: 64 };
  const settings = {
    ...presets.paper,
    rounds: 16,
    factors: defaultFactors(shape.n, 64, 'paper'),
    chunk: 64,
    lookBack: 1,
    lookAhead: 0,
    causal: true,
  };
  const lsh = new LshAttention(small, shape, settings, { keepRounds: false });
  await lsh.prepare();
  const inputOutput = 3 * 4 * shape.n * shape.d;
  expect(small.ledger.peak).toBeGreaterThan(inputOutput);
  expect(small.ledger.peak).toBeLessThan(1.25 * inputOutput);
});
