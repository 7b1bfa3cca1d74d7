/** Parses the command line. */

import { type Convention, defaultFactors, type Preset, presets, type Settings } from '../algorithm/settings';
import { InputError, quote } from '../shared/errors';

/** The files and the `--name value` options of a command line. An option without a value is `true`. */
export interface CommandLine {
  files: string[];
  flags: Map<string, string>;
}

/** @throws InputError for an option that is not in `known`. */
export function parseCommandLine(argv: string[], known: readonly string[]): CommandLine {
  const line: CommandLine = { files: [], flags: new Map() };
  for (let i = 0; i < argv.length; i++) {
    if (!argv[i].startsWith('--')) {
      line.files.push(argv[i]);
      continue;
    }
    const [name, inline] = argv[i].slice(2).split(/=(.*)/s);
    if (!known.includes(name))
      throw new InputError(`There is no option --${name}; the options are ${known.join(', ')}.`);
    const next = argv[i + 1];
    const bare =
      inline === undefined &&
      (next === undefined || next.startsWith('--') || (bareNames.includes(name) && !isBoolean(next)));
    line.flags.set(name, inline ?? (bare ? 'true' : argv[++i]));
  }
  return line;
}

/** Options that need no value: a file's name after them is a file. */
const bareNames = ['causal', 'backward', 'json'];

const isBoolean = (text: string): boolean => text === 'true' || text === 'false';

/** Options for the settings of an attention. Each overrides the file's `config`. */
export const settingNames = [
  'preset',
  'rounds',
  'chunk',
  'buckets',
  'causal',
  'look-back',
  'look-ahead',
  'scale',
  'key-norm',
  'bucket-mask',
  'duplicates',
  'wrap',
  'self-mask',
] as const;

/** Keys of a file's `config` that have another name than their setting, as other programs write them. */
const otherNames = { factors: 'buckets', lookBack: 'chunks_before', lookAhead: 'chunks_after' } as const;

/** Keys of a file's `config`: the sizes, the seed of its rotations, and all settings. */
const configKeys = [
  ...['heads', 'n', 'd', 'seed', 'preset', 'rounds', 'chunk', 'causal', ...Object.entries(otherNames).flat()],
  ...Object.keys(presets.paper),
];

/**
 * Settings from a file's parsed `config` and the options, which override it. The option --preset also overrides the switches in `config`.
 * @throws InputError naming the value, or a key of `config` that is not used.
 */
export function readSettings(config: Record<string, unknown>, flags: Map<string, string>, n: number): Settings {
  for (const key of Object.keys(config)) {
    if (!configKeys.includes(key))
      throw new InputError(
        `config has the key ${quote(key)}, which is not used; the keys are ${configKeys.join(', ')}.`,
      );
  }
  const value = (flag: string, key: keyof Settings | 'preset', fallback: unknown): unknown => {
    const other = key in otherNames ? otherNames[key as keyof typeof otherNames] : key;
    if (other !== key && config[key] !== undefined && config[other] !== undefined)
      throw new InputError(`config has ${key} and ${other}, which are the same setting; leave one of them out.`);
    const written = config[key] === undefined ? config[other] : config[key];
    return flags.get(flag) ?? (written === undefined ? fallback : written);
  };
  const preset = oneOf('preset', value('preset', 'preset', 'paper'), Object.keys(presets)) as Preset;
  const base = presets[preset];
  const switchOf = (flag: string, key: keyof Convention): unknown =>
    flags.has('preset') ? (flags.get(flag) ?? base[key]) : value(flag, key, base[key]);
  const bool = (name: string, of: unknown): boolean =>
    typeof of === 'boolean' ? of : oneOf(name, of, ['true', 'false']) === 'true';
  const chunk = number('chunk', value('chunk', 'chunk', 64));
  const buckets = value('buckets', 'factors', undefined);
  // JSON has no infinity: it writes null.
  const causalMask = switchOf('', 'causalMask') ?? Number.NEGATIVE_INFINITY;
  if (typeof causalMask !== 'number' || causalMask > -1e9)
    throw new InputError(`causalMask is ${JSON.stringify(causalMask)}; it must be null, for -∞, or at most -1e9.`);
  return {
    rounds: number('rounds', value('rounds', 'rounds', 4)),
    chunk,
    // `checkSettings` rejects a chunk below 1; until then it must not be a divisor.
    factors: buckets === undefined ? defaultFactors(n, Math.max(1, chunk), preset) : numbers('buckets', buckets),
    lookBack: number('look-back', value('look-back', 'lookBack', 1)),
    lookAhead: number('look-ahead', value('look-ahead', 'lookAhead', 0)),
    causal: bool('causal', value('causal', 'causal', true)),
    scale: oneOf('scale', switchOf('scale', 'scale'), ['one', 'sqrt']) as Convention['scale'],
    keyNorm: oneOf('key-norm', switchOf('key-norm', 'keyNorm'), ['unit', 'smooth']) as Convention['keyNorm'],
    bucketMask: bool('bucket-mask', switchOf('bucket-mask', 'bucketMask')),
    duplicates: oneOf('duplicates', switchOf('duplicates', 'duplicates'), [
      'divided',
      'counted',
    ]) as Convention['duplicates'],
    wrap: bool('wrap', switchOf('wrap', 'wrap')),
    causalMask,
    selfMask: number('self-mask', switchOf('self-mask', 'selfMask')),
    sharedRotations: bool('sharedRotations', switchOf('', 'sharedRotations')),
  };
}

/** A finite number from text or JSON. @throws InputError naming the value. */
export function number(name: string, value: unknown): number {
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof parsed !== 'number' || !Number.isFinite(parsed)) {
    throw new InputError(`${name} is ${JSON.stringify(value)}; it must be a number.`);
  }
  return parsed;
}

/** Numbers from text with commas, or from JSON. @throws InputError naming the first part that is no number. */
export function numbers(name: string, value: unknown): number[] {
  const parts = typeof value === 'string' ? value.split(',') : [value].flat();
  return parts.map((part) => number(name, part));
}

/** The type of vectors on the GPU. @throws InputError naming the value. */
export function readStorage(flags: Map<string, string>): 'f32' | 'f16' {
  return oneOf('storage', flags.get('storage') ?? 'f32', ['f32', 'f16']) as 'f32' | 'f16';
}

/** True if an option without a value is given. @throws InputError for another value than true or false. */
export const isOn = (name: string, flags: Map<string, string>): boolean =>
  oneOf(name, flags.get(name) ?? 'false', ['true', 'false']) === 'true';

/** One of the listed values. @throws InputError naming the value and the list. */
export function oneOf(name: string, value: unknown, values: string[]): string {
  if (typeof value !== 'string' || !values.includes(value)) {
    throw new InputError(`${name} is ${JSON.stringify(value)}; it must be one of ${values.join(', ')}.`);
  }
  return value;
}
