import { describe, expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { unpadded } from '../../src/gpu/attention/inputs';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { fixtureNames, loadFixture } from '../support/fixtures';
import { testContext } from './context';

const context = await testContext();

describe.each(fixtureNames)('%s', (name) => {
  test('out, buckets and order equal those of the independent implementation', async () => {
    const { shape, settings, tensor, has } = await loadFixture(name);
    const lsh = new LshAttention(context, shape, settings);
    lsh.upload({ qk: tensor('qk'), v: tensor('v'), rotations: tensor('rotations') });
    await lsh.run();
    expect(Array.from(await context.read(lsh.buckets))).toEqual(Array.from(tensor('buckets')));
    if (has('order')) expect(Array.from(await context.read(lsh.order))).toEqual(Array.from(tensor('order')));
    const out = unpadded(await context.read(lsh.out), shape.d);
    expect(relativeError(out, tensor('out'))).toBeLessThan(1e-5);
  });
});
