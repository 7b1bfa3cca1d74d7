import { type MemberInfo, WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { kernelText, plain, registered, type ShaderFiles } from '../../src/gpu/runtime/kernel-text';
import { trainingUniforms } from '../../src/gpu/runtime/training-uniforms';
import { flag, packUniform, type UniformLayout, uniformOffsets, uniforms } from '../../src/gpu/runtime/uniforms';

/** The structs that are written from a schema, by name. */
export const schemas: Record<string, UniformLayout> = { ...uniforms, ...trainingUniforms };

/** How WGSL writes each type of a schema in short. */
const shortTypes = { u32: 'u32', i32: 'i32', f32: 'f32', 'vec2<u32>': 'vec2u', 'vec4<u32>': 'vec4u' };

/**
 * Compares the structs in a kernel's whole text with their schemas: names, types, offsets and sizes.
 *
 * @returns the names of those structs
 * @throws Error with one sentence that names the kernel, the struct and the field that differ
 */
export function checkUniforms(name: string, files: ShaderFiles = registered): string[] {
  const reflected = new WgslReflect(kernelText(name, {}, plain, files));
  for (const { name: variable, type } of reflected.uniforms) {
    if (type.isStruct && !(type.name in schemas)) {
      throw new Error(
        `${name} has the uniform ${variable}: ${type.name}, which has no schema; add one to uniforms.ts.`,
      );
    }
  }
  const structs = reflected.structs.filter((struct) => struct.name in schemas);
  for (const { name: struct, members, size } of structs) {
    const layout = schemas[struct];
    const inSchema = describeSchema(layout);
    const inText = members.map(describeMember);
    for (let k = 0; k < Math.max(inSchema.length, inText.length); k++) {
      if (inText[k] === inSchema[k]) continue;
      throw new Error(
        `In ${name}, ${struct} has ${inText[k] ?? 'nothing'} where its schema has ${inSchema[k] ?? 'nothing'}; give both the same fields in the same order.`,
      );
    }
    const packed = packUniform(layout, Object.fromEntries(Object.keys(layout).map((field) => [field, 0]))).byteLength;
    if (packed !== 16 * Math.ceil(size / 16)) {
      throw new Error(`In ${name}, ${struct} takes ${size} bytes, but packUniform writes ${packed}; mend packUniform.`);
    }
  }
  return structs.map((struct) => struct.name);
}

const describeMember = ({ name, type, offset, size }: MemberInfo): string =>
  `${name}: ${type.getTypeName()} at bytes ${offset} to ${offset + size - 1}`;

const describeSchema = (layout: UniformLayout): string[] => {
  const offsets = uniformOffsets(layout);
  return Object.entries(layout).map(([name, type]) => {
    const bytes = { vec2u: 8, vec4u: 16 }[shortTypes[type]] ?? 4;
    return `${name}: ${shortTypes[type]} at bytes ${offsets[name]} to ${offsets[name] + bytes - 1}`;
  });
};

/** Compares the bits of Params.flags with the constants of shaders/lib/params.wgsl. @throws Error that names the bit */
export function checkFlags(files: ShaderFiles = registered): void {
  const text = files.pieces.get('params') ?? '';
  const inText = new Map([...text.matchAll(/^const (\w+) = (\d+)u;/gm)].map(([, name, bit]) => [name, Number(bit)]));
  const inSchema = new Map(
    Object.entries(flag).map(([name, bit]) => [name.replace(/[A-Z]/g, '_$&').toUpperCase(), Number(bit)]),
  );
  for (const name of new Set([...inText.keys(), ...inSchema.keys()])) {
    const [here, there] = [inText.get(name), inSchema.get(name)];
    if (here !== there) {
      throw new Error(
        `The flag ${name} is ${here ?? 'not declared'} in params.wgsl and ${there ?? 'not declared'} in uniforms.ts; give it one bit in both.`,
      );
    }
  }
}
