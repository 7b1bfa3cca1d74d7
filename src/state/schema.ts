import { type Convention, limits, type Preset, presets } from '../algorithm/settings';
import { panel as words } from '../language/panel';
import { firstText } from '../shared/first-text';
import { lastPhase } from './phase';

/** Everything that decides what the page shows. The URL holds all of it, except the vectors of a person's file. */
export interface State {
  rounds: number;
  n: number;
  d: number;
  chunk: number;
  /** 'auto', a number, or factors '8,8'. */
  buckets: string;
  /** Degrees by which all random directions are turned. */
  turn: number;
  lookBack: number;
  lookAhead: number;
  causal: boolean;
  preset: Preset;
  scale: Convention['scale'];
  keyNorm: Convention['keyNorm'];
  bucketMask: boolean;
  duplicates: Convention['duplicates'];
  wrap: boolean;
  selfMask: number;
  sharedRotations: boolean;
  input: 'text' | 'twins' | 'sphere' | 'duplication' | 'own';
  /** The text that a language model reads. */
  text: string;
  /** The layer of the language model whose vectors are shown, counted from 1. It is one that hashes. */
  textLayer: number;
  noise: number;
  length: number;
  symbols: number;
  heads: number;
  seed: number;
  scene: 'both' | 'sphere' | 'hashing' | 'loom' | 'matrix' | 'tower';
  round: number;
  head: number;
  token: number;
  /** How many tokens around the selected one are shown; 0: all. */
  span: number;
  matrixOrder: 'original' | 'sorted';
  matrixRounds: 'united' | 'one';
  layers: number;
  /** What the tower and the training keep for the backward pass. */
  keep: 'buckets' | 'activations';
  /** Number of slices of positions that the feed-forward layers process in order. */
  slices: number;
  /** Half-layers that the run in the tower has passed: 2 · layers forward, then 2 · layers backward. */
  towerPhase: number;
  /** How far LSH attention is shown: 0 nothing done, a whole number a mark of the play, `lastPhase` all done. */
  phase: number;
  taskLength: number;
  /** Hash rounds in training; 0: full attention. */
  trainRounds: number;
  /** Whether a standard Transformer is trained beside the reversible one. */
  standard: boolean;
  theme: 'auto' | 'light' | 'dark';
  /** How the next token is drawn; see `Sampling`. */
  temperature: number;
  topK: number;
  topP: number;
  drawSeed: number;
}

export type Key = keyof State;

/** What each scene of the attention view shows. */
export const sceneParts: Record<State['scene'], readonly ('sphere' | 'loom' | 'matrix')[]> = {
  both: ['loom', 'matrix'],
  sphere: ['sphere'],
  hashing: ['sphere', 'loom'],
  loom: ['loom'],
  matrix: ['matrix'],
  tower: [],
};

interface Common<T> {
  group: 'attention' | 'convention' | 'input' | 'view' | 'words' | 'layers' | 'training' | 'play';
  /** A constant, or a function of other settings. */
  fallback: T | ((state: Pick<State, 'preset' | 'input'>) => T);
}

type Definition<T> = Common<T> &
  (
    | { type: 'whole'; min: number; max: number; steps?: readonly number[] }
    | { type: 'number'; min: number; max: number; step: number }
    | { type: 'switch' }
    | { type: 'choice'; choices: Record<string, T> }
    | { type: 'buckets' }
    /** Text of at most `most` characters. It has no control in the panel. */
    | { type: 'text'; most: number }
  );

interface ControlWords {
  label: string;
  /** What the control does, as a tooltip. */
  help: string;
}

export type Control<T = State[Key]> = ControlWords & Definition<T>;

/** Values of a list by their names, in the order of `values`. */
const byName = <T extends string | number>(values: readonly T[], names: Record<T, string>): Record<string, T> =>
  Object.fromEntries(values.map((value) => [names[value], value]));

const fromPreset =
  <K extends keyof Convention>(key: K) =>
  ({ preset }: Pick<State, 'preset'>): Convention[K] =>
    presets[preset][key];

/** Another fallback for text, so that the stage hashes as the language model does. */
const forText =
  <T>(text: T, other: T) =>
  ({ input }: Pick<State, 'input'>): T =>
    input === 'text' ? text : other;

/** Most characters of a text that a link holds. */
export const mostCharacters = 2000;

/** Largest number of layers that the page offers. */
const mostLayers = 24;

/** Largest number of tokens that the page offers; the device may hold fewer. */
export const mostTokens = 2 ** 20;

/** The one table from which the URL, the panel and all validation are made, in the panel's order. */
const definitions: { [K in Key]: Definition<State[K]> } = {
  rounds: {
    type: 'whole',
    min: 1,
    max: limits.rounds,
    // As in the training of the guide.
    fallback: forText(2, 4),
    group: 'attention',
  },
  n: {
    type: 'whole',
    min: 2,
    max: mostTokens,
    steps: Array.from({ length: 17 }, (_, k) => 2 ** (k + 4)),
    fallback: forText(firstText.tokens, 64),
    group: 'attention',
  },
  d: {
    type: 'whole',
    min: 2,
    max: limits.d,
    fallback: ({ input }) => (input === 'sphere' ? 3 : input === 'text' ? 32 : 16),
    group: 'attention',
  },
  chunk: {
    type: 'whole',
    min: 4,
    max: limits.chunk,
    fallback: 8,
    group: 'attention',
  },
  buckets: {
    type: 'buckets',
    fallback: forText('32', 'auto'),
    group: 'attention',
  },
  turn: {
    type: 'number',
    min: 0,
    max: 360,
    step: 1,
    fallback: 0,
    group: 'attention',
  },
  lookBack: {
    type: 'whole',
    min: 0,
    max: limits.lookBack,
    fallback: 1,
    group: 'attention',
  },
  lookAhead: {
    type: 'whole',
    min: 0,
    max: limits.lookAhead,
    fallback: 0,
    group: 'attention',
  },
  causal: {
    type: 'switch',
    fallback: true,
    group: 'attention',
  },
  preset: {
    type: 'choice',
    choices: byName(['paper', 'trax', 'lucidrains'], words.choices.preset),
    fallback: 'paper',
    group: 'attention',
  },
  bucketMask: {
    type: 'switch',
    fallback: fromPreset('bucketMask'),
    group: 'convention',
  },
  duplicates: {
    type: 'choice',
    choices: byName(['divided', 'counted'], words.choices.duplicates),
    fallback: fromPreset('duplicates'),
    group: 'convention',
  },
  wrap: {
    type: 'switch',
    fallback: fromPreset('wrap'),
    group: 'convention',
  },
  scale: {
    type: 'choice',
    choices: { q·k̂: 'one', 'q·k̂ / √d': 'sqrt' },
    fallback: fromPreset('scale'),
    group: 'convention',
  },
  keyNorm: {
    type: 'choice',
    choices: { 'k / ‖k‖': 'unit', 'k / √(‖k‖² + 10⁻⁶d)': 'smooth' },
    fallback: fromPreset('keyNorm'),
    group: 'convention',
  },
  selfMask: {
    type: 'choice',
    choices: { '−100 000': -1e5, '−50 000': -5e4 },
    fallback: fromPreset('selfMask'),
    group: 'convention',
  },
  sharedRotations: {
    type: 'switch',
    fallback: fromPreset('sharedRotations'),
    group: 'convention',
  },
  input: {
    type: 'choice',
    choices: byName(['text', 'twins', 'sphere', 'duplication', 'own'], words.choices.input),
    fallback: 'twins',
    group: 'input',
  },
  text: {
    type: 'text',
    most: 2 ** 16,
    fallback: firstText.text,
    group: 'input',
  },
  textLayer: {
    type: 'whole',
    min: 1,
    max: 64,
    fallback: firstText.layer,
    group: 'input',
  },
  noise: {
    type: 'number',
    min: 0,
    max: 2,
    step: 0.05,
    fallback: 0.3,
    group: 'input',
  },
  length: {
    type: 'number',
    min: 0.5,
    max: 32,
    step: 0.5,
    fallback: 8,
    group: 'input',
  },
  symbols: {
    type: 'whole',
    min: 2,
    max: 1024,
    fallback: 32,
    group: 'input',
  },
  heads: {
    type: 'whole',
    min: 1,
    max: 8,
    fallback: forText(4, 1),
    group: 'input',
  },
  seed: {
    type: 'whole',
    min: 0,
    max: 2 ** 31 - 1,
    fallback: forText(1, 5),
    group: 'input',
  },
  scene: {
    type: 'choice',
    choices: byName(['both', 'sphere', 'hashing', 'loom', 'matrix', 'tower'], words.choices.scene),
    fallback: 'both',
    group: 'view',
  },
  round: {
    type: 'whole',
    min: 1,
    max: limits.rounds,
    fallback: 1,
    group: 'view',
  },
  head: {
    type: 'whole',
    min: 1,
    max: 8,
    fallback: forText(firstText.head, 1),
    group: 'view',
  },
  token: {
    type: 'whole',
    min: 0,
    max: mostTokens - 1,
    fallback: forText(firstText.token, 41),
    group: 'view',
  },
  span: {
    type: 'choice',
    choices: byName([0, 64, 512, 4096, 32768], words.choices.span),
    fallback: 0,
    group: 'view',
  },
  matrixOrder: {
    type: 'choice',
    choices: byName(['original', 'sorted'], words.choices.matrixOrder),
    fallback: 'original',
    group: 'view',
  },
  matrixRounds: {
    type: 'choice',
    choices: byName(['united', 'one'], words.choices.matrixRounds),
    fallback: 'united',
    group: 'view',
  },
  layers: {
    type: 'whole',
    min: 1,
    max: mostLayers,
    fallback: 3,
    group: 'layers',
  },
  keep: {
    type: 'choice',
    choices: byName(['buckets', 'activations'], words.choices.keep),
    fallback: 'buckets',
    group: 'layers',
  },
  slices: {
    type: 'whole',
    min: 1,
    max: 16,
    steps: [1, 2, 4, 8, 16],
    fallback: 1,
    group: 'layers',
  },
  towerPhase: {
    type: 'whole',
    min: 0,
    max: 4 * mostLayers,
    fallback: 5,
    group: 'layers',
  },
  phase: {
    type: 'number',
    min: 0,
    max: lastPhase,
    step: 0.01,
    fallback: lastPhase,
    group: 'play',
  },
  taskLength: {
    type: 'whole',
    min: 8,
    max: 512,
    steps: [16, 32, 64, 128, 256],
    fallback: 64,
    group: 'training',
  },
  trainRounds: {
    type: 'choice',
    choices: byName([0, 1, 2, 4, 8], words.choices.trainRounds),
    fallback: 4,
    group: 'training',
  },
  standard: {
    type: 'switch',
    fallback: false,
    group: 'training',
  },
  theme: {
    type: 'choice',
    choices: byName(['auto', 'light', 'dark'], words.choices.theme),
    fallback: 'auto',
    group: 'view',
  },
  temperature: { type: 'number', min: 0, max: 4, step: 0.05, fallback: 0.8, group: 'words' },
  topK: { type: 'whole', min: 0, max: 512, fallback: 0, group: 'words' },
  topP: { type: 'number', min: 0.05, max: 1, step: 0.05, fallback: 1, group: 'words' },
  drawSeed: { type: 'whole', min: 0, max: 2 ** 31 - 1, fallback: 0, group: 'words' },
};

export const keys = Object.keys(definitions) as Key[];

/** The settings that the panel has a control for. The timeline has one for the others. */
export const panelKeys = keys.filter((key) => definitions[key].group !== 'play');

const controlWords: Record<Key, ControlWords> = words.controls;

/** Every control with its words. */
export const controls = Object.fromEntries(keys.map((key) => [key, { ...definitions[key], ...controlWords[key] }])) as {
  [K in Key]: Control<State[K]>;
};

/** The value of a setting that neither the link nor the person set. It may follow from the preset or the input. */
export function fallback<K extends Key>(key: K, state: Pick<State, 'preset' | 'input'>): State[K] {
  const value = controls[key].fallback;
  return typeof value === 'function' ? value(state) : value;
}
