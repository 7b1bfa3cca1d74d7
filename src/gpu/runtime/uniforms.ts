/** The uniform structs of the kernels, and how to write them. */

type FieldType = 'u32' | 'i32' | 'f32' | 'vec2<u32>' | 'vec4<u32>';

/** The fields of a struct in WGSL, in order. */
export type UniformLayout = Record<string, FieldType>;

/** A value for every field: a number, or the numbers of a vector. */
export type UniformValues<L extends UniformLayout> = {
  [K in keyof L]: L[K] extends `vec${string}` ? readonly number[] : number;
};

/**
 * The structs of shaders/, by name; those of training kernels are in training-uniforms.ts. The fields are explained in the shaders.
 * tests/project/uniforms.test.ts compares them.
 */
export const uniforms = {
  Params: {
    heads: 'u32',
    n: 'u32',
    rounds: 'u32',
    roundStride: 'u32',
    chunk: 'u32',
    chunks: 'u32',
    lookBack: 'i32',
    lookAhead: 'i32',
    round: 'u32',
    start: 'u32',
    count: 'u32',
    flags: 'u32',
    scale: 'f32',
    keyEpsilon: 'f32',
    selfMask: 'f32',
    head: 'u32',
    factors: 'vec4<u32>',
    halfRows: 'u32',
    keyStep: 'u32',
    bucketStart: 'u32',
    each: 'u32',
  },
  Sort: {
    n: 'u32',
    tiles: 'u32',
    source: 'vec2<u32>',
    sink: 'vec2<u32>',
    order: 'u32',
    chunk: 'u32',
    keyStep: 'u32',
  },
  Flows: { n: 'u32', orderStart: 'u32', start: 'u32', first: 'u32', span: 'u32', bins: 'u32' },
} as const satisfies Record<string, UniformLayout>;

/** Bits of Params.flags. */
export const flag = {
  causal: 1,
  bucketMask: 2,
  wrap: 4,
  divide: 8,
  first: 16,
  restart: 32,
  sorted: 64,
  oneRound: 128,
  keepRounds: 256,
} as const;

/** Bytes between two uniform blocks: the alignment of a uniform binding that every device accepts. */
export const paramsStride = 256;

/** Numbers in a field. */
const lengthOf = (type: FieldType): number => Number(/\d(?=<)/.exec(type)?.[0] ?? 1);

interface Field {
  name: string;
  type: FieldType;
  /** Where it begins, in numbers. */
  first: number;
  length: number;
}

const placed = new WeakMap<UniformLayout, Field[]>();

/** The fields with their places: vectors of two and four numbers begin at multiples of their length. */
function fieldsOf(layout: UniformLayout): Field[] {
  let fields = placed.get(layout);
  if (!fields) {
    let end = 0;
    fields = Object.entries(layout).map(([name, type]) => {
      const length = lengthOf(type);
      const first = length * Math.ceil(end / length);
      end = first + length;
      return { name, type, first, length };
    });
    placed.set(layout, fields);
  }
  return fields;
}

/** Where each field begins, in bytes. */
export const uniformOffsets = (layout: UniformLayout): Record<string, number> =>
  Object.fromEntries(fieldsOf(layout).map(({ name, first }) => [name, 4 * first]));

/** True if a type holds the number: f32 the nearest one to it. */
function holds(type: FieldType, value: number): boolean {
  if (type === 'f32') return !Number.isNaN(value);
  return value === (type === 'i32' ? value | 0 : value >>> 0);
}

/**
 * The bytes of a struct, in whole 16 bytes. A vector may have fewer numbers than its field; the rest is 0.
 * @throws Error that names the field whose value it cannot hold
 */
export function packUniform<L extends UniformLayout>(layout: L, values: UniformValues<L>): ArrayBuffer {
  const fields = fieldsOf(layout);
  const { first, length } = fields[fields.length - 1];
  const integers = new Uint32Array(4 * Math.ceil((first + length) / 4));
  const floats = new Float32Array(integers.buffer);
  for (const { name, type, first, length } of fields) {
    const value: number | readonly number[] = values[name];
    const numbers = typeof value === 'number' ? [value] : value;
    if (numbers.length > length || !numbers.every((number) => holds(type, number))) {
      throw new Error(`The uniform ${name} cannot be ${numbers.join(', ')}; its type is ${type}.`);
    }
    (type === 'f32' ? floats : integers).set(numbers, first);
  }
  return integers.buffer;
}
