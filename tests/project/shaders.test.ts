import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { kernelNames, kernelSource } from '../../src/gpu/runtime/kernels';
import '../../src/gpu/runtime/bench-kernels';
import '../../src/gpu/runtime/training-kernels';

const folder = fileURLToPath(new URL('../../shaders/', import.meta.url));

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.wgsl'));

describe.each(files)('%s', (name) => {
  const text = readFileSync(folder + name, 'utf8');
  const code = text.replace(/\/\/.*$/gm, '');

  test('has at most one entry point, begins with a comment, and has at most 120 lines', () => {
    expect(code.match(/@compute/g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(text.startsWith('// ')).toBe(true);
    expect(text.split('\n').length).toBeLessThanOrEqual(120);
  });

  // Some drivers do not reset a variable without an initial value in each iteration of a loop.
  test('initializes every variable of a function', () => {
    expect(code.match(/^[ \t]+var\s+\w+\s*:[^=;]+;/gm)).toBeNull();
  });
});

describe.each(kernelNames())('kernel %s', (name) => {
  test('stays within the limits of every device', () => {
    const [code, halves] = [false, true].map((halves) =>
      kernelSource(name, {}, { halves, f16: false }).replace(/\/\/.*$/gm, ''),
    );
    expect(halves.match(/var<storage/g)?.length ?? 0).toBeLessThanOrEqual(8);
    const threads = /const THREADS(?:: u32)? = (\d+)u;/.exec(code)?.[1] ?? '';
    const size = /@workgroup_size\((\d+)(?:,\s*(\d+))?\)/.exec(code.replace('size(THREADS)', `size(${threads})`));
    expect(Number(size?.[1]) * Number(size?.[2] ?? 1)).toBeLessThanOrEqual(256);
    expect(code).not.toContain('enable ');
  });

  test('rejects a constant that it does not have', () => {
    expect(() => kernelSource(name, { NONE_SUCH: 1 })).toThrow('has no constant NONE_SUCH');
  });
});
