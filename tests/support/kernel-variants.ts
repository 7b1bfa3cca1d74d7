import type { Constants } from '../../src/gpu/runtime/kernel-text';
import { kernelNames, kernelSource } from '../../src/gpu/runtime/kernels';
import '../../src/gpu/runtime/training-kernels';

/** Sizes that kernels are asked for: vectors of 1, 4 and 32 vec4s; blocks and tiles of a GPU and of a software device. */
const sizes: Record<string, number[]> = {
  D4: [1, 4, 32],
  PARTS: [1, 2],
  SIZE: [16, 4096],
  HALF: [0, 1],
  SHIFT: [0, 28],
};
const blocks = [
  [32, 16],
  [16, 8],
  [8, 8],
  [4, 4],
];

export interface Variant {
  title: string;
  code: string;
}

/** Every kernel with every value of its switches and sizes, and with vectors in one binding or two, of 32 bits or perhaps of 16. */
export function kernelVariants(f16: boolean): Variant[] {
  const storages = [false, true].flatMap((halves) =>
    (f16 ? [false, true] : [false]).map((half) => ({ halves, f16: half })),
  );
  return kernelNames().flatMap((name) => {
    const text = kernelSource(name);
    let all: Constants[] = [{}];
    const extend = (choices: Constants[]) => {
      all = all.flatMap((constants) => choices.map((choice) => ({ ...constants, ...choice })));
    };
    const has = (constant: string, type: string) => new RegExp(`^const ${constant}: ${type} = `, 'm').test(text);
    for (const [, constant] of text.matchAll(/^const (\w+): bool = /gm))
      extend([{ [constant]: true }, { [constant]: false }]);
    for (const [constant, values] of Object.entries(sizes)) {
      if (has(constant, 'u32')) extend(values.map((value) => ({ [constant]: value })));
    }
    // The tile of a sort is another thing.
    if (has('TILE', 'u32') && has('D4', 'u32')) {
      extend(blocks.map(([THREADS, TILE]) => (has('THREADS', 'u32') ? { THREADS, TILE } : { TILE })));
    }
    // One query a workgroup: on a software device only as many threads as it has vec4s, or as there may be rounds.
    else if (has('THREADS', 'u32')) {
      const few = (D4 = 4) => [{}, { THREADS: 4 * Math.ceil(D4 / 4) }, { THREADS: 16 }];
      all = all.flatMap((constants) => few(Number(constants.D4)).map((choice) => ({ ...constants, ...choice })));
    }
    const seen = new Map<string, Variant>();
    for (const constants of all) {
      for (const storage of storages) {
        const code = kernelSource(name, constants, storage);
        seen.set(code, { title: `${name} ${JSON.stringify(constants)} ${JSON.stringify(storage)}`, code });
      }
    }
    return [...seen.values()];
  });
}
