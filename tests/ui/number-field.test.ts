import { describe, expect, test } from 'vitest';
import { isNoNumber, readTyped } from '../../src/ui/number-field';

describe('readTyped', () => {
  test.for([
    ['noise', '0,5', 0.5],
    ['noise', '1,5', 1.5],
    ['noise', ' 0.25 ', 0.25],
    ['noise', '0,125', 0.125],
    ['noise', '+1', 1],
    ['noise', '1e-1', 0.1],
    ['length', '32', 32],
    ['seed', '1000', 1000],
    ['turn', '−0', 0],
  ] as const)('reads %s from "%s"', ([key, text, value]) => {
    expect(readTyped(key, text)).toBe(value);
  });

  test.for([
    ['seed', '1 000', /^seed is "1 000"; it must be a whole number from 0 to 2147483647/],
    ['seed', '12abc', /"12abc"/],
    ['seed', '0,5', /whole number/],
    ['seed', '1,000', /a thousand or a decimal/],
    ['noise', '1,500', /a thousand or a decimal/],
    ['noise', '0,5,1', /must be a number from 0 to 2\./],
    ['noise', '-1', /must be a number from 0 to 2\./],
    ['noise', '', /must be a number/],
    ['noise', '½', /"½"/],
    ['rounds', '99', /hash rounds is "99"; it must be a whole number from 1 to 16/],
    ['turn', '١٢', /must be a number/],
  ] as const)('refuses %s "%s" in one sentence', ([key, text, sentence]) => {
    expect(() => readTyped(key, text)).toThrow(sentence);
  });

  test('the largest value may follow from other settings', () => {
    expect(readTyped('token', '63', 63)).toBe(63);
    expect(() => readTyped('token', '64', 63)).toThrow(/from 0 to 63/);
  });
});

test('isNoNumber is true only for text that nothing typed after it makes a number', () => {
  for (const text of ['', '-', '0,', '1.', '1e', '1e-', '12', ' 7']) expect(isNoNumber(text), text).toBe(false);
  for (const text of ['1 0', '12a', '0,5,', '1.2.', 'e', 'abc', '1,000', '--1'])
    expect(isNoNumber(text), text).toBe(true);
});
