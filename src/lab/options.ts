import { type Convention, defaultFactors, type Preset, presets, type Settings } from '../algorithm/settings';
import { InputError } from '../shared/errors';

/** `--name value` pairs and what stands between them. A name without a value is `true`. */
export interface CommandLine {
  files: string[];
  flags: Map<string, string>;
}

/** @throws InputError for a flag that is not among `known`. */
export function parseCommandLine(argv: string[], known: readonly string[]): CommandLine {
  const line: CommandLine = { files: [], flags: new Map() };
  for (let i = 0; i < argv.length; i++) {
    if (!argv[i].startsWith('--')) {
      line.files.push(argv[i]);
      continue;
    }
    const [name, inline] = argv[i].slice(2).split(/=(.*)/s);
    if (!known.includes(name)) throw new InputError(`There is no option --${name}; there are: ${known.join(', ')}.`);
    const next = argv[i + 1];
    const bare =
      inline === undefined &&
      (next === undefined || next.startsWith('--') || (bareNames.includes(name) && !isBoolean(next)));
    line.flags.set(name, inline ?? (bare ? 'true' : argv[++i]));
  }
  return line;
}

/** Options that may stand alone, before a file's name. */
const bareNames = ['causal', 'backward', 'json'];

const isBoolean = (text: string): boolean => text === 'true' || text === 'false';

/** Options of an attention; each overrides what the file's `config` says. */
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

/** Settings from a file's `config` (as JSON text, may be missing) and flags. @throws InputError naming the value. */
export function readSettings(config: Record<string, unknown>, flags: Map<string, string>, n: number): Settings {
  const value = (flag: string, key: string): unknown => flags.get(flag) ?? config[key];
  const preset = oneOf('preset', value('preset', 'preset') ?? 'paper', Object.keys(presets)) as Preset;
  const base = presets[preset];
  const chunk = number('chunk', value('chunk', 'chunk') ?? 64);
  const buckets = value('buckets', 'buckets');
  const bool = (flag: string, fallback: boolean): boolean => {
    const given = flags.get(flag);
    return given === undefined ? fallback : oneOf(flag, given, ['true', 'false']) === 'true';
  };
  const choice = <K extends keyof Convention>(flag: string, key: K, values: Convention[K][]): Convention[K] =>
    flags.has(flag) ? (oneOf(flag, flags.get(flag), values as string[]) as Convention[K]) : base[key];
  return {
    ...base,
    rounds: number('rounds', value('rounds', 'rounds') ?? 4),
    chunk,
    // A chunk that is out of range is named by the check of all settings, not by dividing by it here.
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

/** A finite number from text or JSON. @throws InputError */
export function number(name: string, value: unknown): number {
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof parsed !== 'number' || !Number.isFinite(parsed)) {
    throw new InputError(`${name} is ${JSON.stringify(value)}; it must be a number.`);
  }
  return parsed;
}

/** Numbers from text with commas, or from JSON. @throws InputError */
export function numbers(name: string, value: unknown): number[] {
  const parts = typeof value === 'string' ? value.split(',') : [value].flat();
  return parts.map((part) => number(name, part));
}

/** How vectors are stored on the GPU. @throws InputError */
export function readStorage(flags: Map<string, string>): 'f32' | 'f16' {
  return oneOf('storage', flags.get('storage') ?? 'f32', ['f32', 'f16']) as 'f32' | 'f16';
}

/** One of a few words. @throws InputError */
export function oneOf(name: string, value: unknown, values: string[]): string {
  if (typeof value !== 'string' || !values.includes(value)) {
    throw new InputError(`${name} is ${JSON.stringify(value)}; it must be one of ${values.join(', ')}.`);
  }
  return value;
}
