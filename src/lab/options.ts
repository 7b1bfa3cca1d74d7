/** Parses the command line. */

import { type Convention, defaultFactors, type Preset, presets, type Settings } from '../algorithm/settings';
import { InputError } from '../shared/errors';

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

/** Settings from a file's parsed `config` and the options, which override it. @throws InputError naming the value. */
export function readSettings(config: Record<string, unknown>, flags: Map<string, string>, n: number): Settings {
  const value = (flag: string, key: string): unknown => flags.get(flag) ?? config[key];
  const preset = oneOf('preset', value('preset', 'preset') ?? 'paper', Object.keys(presets)) as Preset;
  const base = presets[preset];
  const chunk = number('chunk', value('chunk', 'chunk') ?? 64);
  const buckets = value('buckets', 'buckets');
  const bool = (flag: string, fallback: boolean): boolean => {
    const text = flags.get(flag);
    return text === undefined ? fallback : oneOf(flag, text, ['true', 'false']) === 'true';
  };
  const choice = <K extends keyof Convention>(flag: string, key: K, values: Convention[K][]): Convention[K] =>
    flags.has(flag) ? (oneOf(flag, flags.get(flag), values as string[]) as Convention[K]) : base[key];
  return {
    ...base,
    rounds: number('rounds', value('rounds', 'rounds') ?? 4),
    chunk,
    // `checkSettings` rejects a chunk below 1; until then it must not be a divisor.
    factors: buckets === undefined ? defaultFactors(n, Math.max(1, chunk), preset) : numbers('buckets', buckets),
    lookBack: number('look-back', value('look-back', 'chunks_before') ?? 1),
    lookAhead: number('look-ahead', value('look-ahead', 'chunks_after') ?? 0),
    causal: oneOf('causal', String(value('causal', 'causal') ?? true), ['true', 'false']) === 'true',
    scale: choice('scale', 'scale', ['one', 'sqrt']),
    keyNorm: choice('key-norm', 'keyNorm', ['unit', 'smooth']),
    bucketMask: bool('bucket-mask', base.bucketMask),
    duplicates: choice('duplicates', 'duplicates', ['divided', 'counted']),
    wrap: bool('wrap', base.wrap),
    selfMask: number('self-mask', flags.get('self-mask') ?? base.selfMask),
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

/** One of the listed values. @throws InputError naming the value and the list. */
export function oneOf(name: string, value: unknown, values: string[]): string {
  if (typeof value !== 'string' || !values.includes(value)) {
    throw new InputError(`${name} is ${JSON.stringify(value)}; it must be one of ${values.join(', ')}.`);
  }
  return value;
}
