import type { Constants } from '../../src/gpu/runtime/kernel-text';
import { kernelNames, kernelSource } from '../../src/gpu/runtime/kernels';
import '../../src/gpu/runtime/bench-kernels';
import '../../src/gpu/runtime/training-kernels';

/** Values of the kernels' size constants. D4 counts the vec4s of a vector. */
const sizes: Record<string, number[]> = {
  D4: [1, 4, 32],
  STREAMS: [1, 2],
  SIZE: [16, 4096],
  HALF: [0, 1],
  SHIFT: [0, 28],
};
/** THREADS and TILE of the block kernels, on a GPU and on a software adapter. */
const blocks = [
  [32, 16],
  [16, 8],
  [8, 8],
  [4, 4],
];

/** The WGSL of a kernel with one choice of constants and storage. */
export interface Variant {
  title: string;
  code: string;
}

/** Every kernel with every value of its switches and sizes, and with vectors in one or two bindings; `f16` adds 16-bit vectors. */
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
    // In sort kernels TILE means something else; they have no D4.
    if (has('TILE', 'u32') && has('D4', 'u32')) {
      extend(blocks.map(([THREADS, TILE]) => (has('THREADS', 'u32') ? { THREADS, TILE } : { TILE })));
    }
    // Kernels with one query in each workgroup: software devices use one thread for each vec4, or for each of 16 rounds.
    else if (has('THREADS', 'u32')) {
      const threadChoices = (D4 = 4) => [{}, { THREADS: 4 * Math.ceil(D4 / 4) }, { THREADS: 16 }];
      all = all.flatMap((constants) =>
        threadChoices(Number(constants.D4)).map((choice) => ({ ...constants, ...choice })),
      );
    }
    const variants = new Map<string, Variant>();
    for (const constants of all) {
      for (const storage of storages) {
        const code = kernelSource(name, constants, storage);
        variants.set(code, { title: `${name} ${JSON.stringify(constants)} ${JSON.stringify(storage)}`, code });
      }
    }
    return [...variants.values()];
  });
}
