import { describe, expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { lshAttention, lshGradients } from '../../src/algorithm/lsh';
import { fixtureNames, loadFixture } from '../support/fixtures';

describe.each(fixtureNames)('%s', (name) => {
  test('out, buckets and order equal those of the independent implementation', async () => {
    const { shape, settings, tensor, has } = await loadFixture(name);
    const result = lshAttention({ shape, qk: tensor('qk'), v: tensor('v'), rotations: tensor('rotations') }, settings);
    expect(result.buckets).toEqual(tensor('buckets'));
    if (has('order')) expect(result.order).toEqual(tensor('order'));
    expect(relativeError(result.out, tensor('out'))).toBeLessThan(1e-6);
  });
});

describe.each(fixtureNames.filter((name) => name.startsWith('lsh-')))('%s', (name) => {
  test('gradients equal those of the independent implementation', async () => {
    const { shape, settings, tensor } = await loadFixture(name);
    const input = { shape, qk: tensor('qk'), v: tensor('v'), rotations: tensor('rotations') };
    const gradients = lshGradients(input, settings, tensor('grad_out'));
    expect(relativeError(gradients.qk, tensor('grad_qk'))).toBeLessThan(1e-6);
    expect(relativeError(gradients.v, tensor('grad_v'))).toBeLessThan(1e-6);
  });
});
