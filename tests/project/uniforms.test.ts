import { describe, expect, test } from 'vitest';
import { kernelNames } from '../../src/gpu/runtime/kernels';
import {
  flag,
  packUniform,
  paramsStride,
  type UniformLayout,
  uniformOffsets,
  uniforms,
} from '../../src/gpu/runtime/uniforms';
import { checkFlags, checkUniforms, schemas } from '../support/uniform-checks';
import '../../src/gpu/runtime/bench-kernels';
import '../../src/gpu/runtime/training-kernels';

describe('the schemas of uniforms', () => {
  test('hold the names, types, offsets and sizes of the structs in every whole kernel, and no others', () => {
    const found = new Set(kernelNames().flatMap((name) => checkUniforms(name)));
    expect([...found].sort()).toEqual(Object.keys(schemas).sort());
  });

  test('hold the flags of shaders/lib/params.wgsl, each one bit', () => {
    checkFlags();
    expect(Object.values(flag)).toEqual(Object.keys(flag).map((_, k) => 2 ** k));
  });
});

describe('packUniform', () => {
  const layout = { count: 'u32', back: 'i32', pair: 'vec2<u32>', scale: 'f32', four: 'vec4<u32>' } as const;

  test('writes every value where its field begins, in the order of the schema', () => {
    // In another order than the schema.
    const bytes = packUniform(layout, { four: [6, 7, 8], scale: 1.5, pair: [4, 5], back: -1, count: 3 });
    const words = new Uint32Array(bytes);
    expect(bytes.byteLength).toBe(48);
    expect(Array.from(words)).toEqual([3, 0xffffffff, 4, 5, words[4], 0, 0, 0, 6, 7, 8, 0]);
    expect(new Float32Array(bytes)[4]).toBe(1.5);
  });

  test('begins a vector at a multiple of its size', () => {
    expect(
      uniformOffsets({ a: 'u32', b: 'vec2<u32>', c: 'f32', d: 'vec4<u32>', e: 'i32' } satisfies UniformLayout),
    ).toEqual({ a: 0, b: 8, c: 16, d: 32, e: 48 });
  });

  test.each([
    [{ ...layout }, { count: -1 }, 'The uniform count cannot be -1; its type is u32.'],
    [{ ...layout }, { count: 1.5 }, 'The uniform count cannot be 1.5; its type is u32.'],
    [{ ...layout }, { back: 2 ** 31 }, 'The uniform back cannot be 2147483648; its type is i32.'],
    [{ ...layout }, { scale: Number.NaN }, 'The uniform scale cannot be NaN; its type is f32.'],
    [{ ...layout }, { pair: [1, 2, 3] }, 'The uniform pair cannot be 1, 2, 3; its type is vec2<u32>.'],
  ])('refuses a value that a field cannot hold: %#', (fields, wrong, message) => {
    const values = { count: 0, back: 0, pair: [0, 0], scale: 0, four: [0] };
    expect(() => packUniform(fields, { ...values, ...wrong })).toThrow(new Error(message));
  });

  test('writes fewer bytes than lie between two blocks', () => {
    for (const fields of Object.values(uniforms)) {
      const zeros = Object.fromEntries(Object.keys(fields).map((name) => [name, 0]));
      expect(packUniform(fields as UniformLayout, zeros).byteLength).toBeLessThanOrEqual(paramsStride);
    }
  });
});
