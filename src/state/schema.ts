import { type Convention, limits, type Preset, presets } from '../algorithm/settings';

/** Everything that decides what the page shows. All of it is in the URL, except a person's own vectors. */
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
  input: 'twins' | 'sphere' | 'duplication' | 'own';
  noise: number;
  length: number;
  symbols: number;
  heads: number;
  seed: number;
  scene: 'both' | 'sphere' | 'hashing' | 'loom' | 'matrix' | 'tower';
  round: number;
  head: number;
  token: number;
  /** Tokens shown of the sequence, around the selected one; 0: all. */
  span: number;
  matrixOrder: 'original' | 'sorted';
  matrixRounds: 'united' | 'one';
  layers: number;
  /** What the tower and the training hold for the way back. */
  keep: 'buckets' | 'activations';
  /** Slices of positions that the feed-forward layers go through. */
  slices: number;
  /** Half-layers gone in the tower: up to twice as many as there are layers forwards, then backwards. */
  towerPhase: number;
  taskLength: number;
  /** Rounds trained with; 0: full attention. */
  trainRounds: number;
  /** A standard Transformer is trained beside the reversible one. */
  standard: boolean;
  theme: 'auto' | 'light' | 'dark';
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
  label: string;
  /** One sentence on what it does. */
  help: string;
  group: 'attention' | 'convention' | 'input' | 'view' | 'layers' | 'training';
  /** A constant, or what another value implies. */
  fallback: T | ((state: Pick<State, 'preset' | 'input'>) => T);
}

export type Control<T = State[Key]> = Common<T> &
  (
    | { type: 'whole'; min: number; max: number; steps?: readonly number[] }
    | { type: 'number'; min: number; max: number; step: number }
    | { type: 'switch' }
    | { type: 'choice'; choices: Record<string, T> }
    | { type: 'buckets' }
  );

const ofPreset =
  <K extends keyof Convention>(key: K) =>
  ({ preset }: Pick<State, 'preset'>): Convention[K] =>
    presets[preset][key];

/** Most layers that the page offers. */
const mostLayers = 24;

/** Largest number of tokens that the page offers; the device may hold fewer. */
export const mostTokens = 2 ** 20;

/** The one table from which the URL, the panel and all validation are made. Order is the panel's order. */
export const controls: { [K in Key]: Control<State[K]> } = {
  rounds: {
    type: 'whole',
    min: 1,
    max: limits.rounds,
    fallback: 4,
    group: 'attention',
    label: 'hash rounds',
    help: 'How often all tokens are hashed anew. More rounds find more of what full attention sees, and cost as much more.',
  },
  n: {
    type: 'whole',
    min: 2,
    max: mostTokens,
    steps: Array.from({ length: 17 }, (_, k) => 2 ** (k + 4)),
    fallback: 64,
    group: 'attention',
    label: 'tokens n',
    help: 'Length of the sequence.',
  },
  d: {
    type: 'whole',
    min: 2,
    max: limits.d,
    fallback: ({ input }) => (input === 'sphere' ? 3 : 16),
    group: 'attention',
    label: 'head size d',
    help: 'Numbers in each query, key and value.',
  },
  chunk: {
    type: 'whole',
    min: 4,
    max: limits.chunk,
    fallback: 8,
    group: 'attention',
    label: 'chunk m',
    help: 'Tokens in a chunk of the sorted list.',
  },
  buckets: {
    type: 'buckets',
    fallback: 'auto',
    group: 'attention',
    label: 'buckets',
    help: 'Buckets of a round: auto, an even number, or even factors such as 8,8.',
  },
  turn: {
    type: 'number',
    min: 0,
    max: 360,
    step: 1,
    fallback: 0,
    group: 'attention',
    label: 'turn directions',
    help: 'Degrees by which all random directions are turned before hashing; tokens near a border change bucket. Also by T and Shift+T, or by dragging a direction of the sphere.',
  },
  lookBack: {
    type: 'whole',
    min: 0,
    max: limits.lookBack,
    fallback: 1,
    group: 'attention',
    label: 'look-back',
    help: 'Chunks before its own that a query also sees, because a bucket may be split over two.',
  },
  lookAhead: {
    type: 'whole',
    min: 0,
    max: limits.lookAhead,
    fallback: 0,
    group: 'attention',
    label: 'look-ahead',
    help: 'Chunks after its own that a query also sees.',
  },
  causal: {
    type: 'switch',
    fallback: true,
    group: 'attention',
    label: 'causal',
    help: 'A query sees no later token.',
  },
  preset: {
    type: 'choice',
    choices: { paper: 'paper', trax: 'trax', lucidrains: 'lucidrains' },
    fallback: 'paper',
    group: 'attention',
    label: 'preset',
    help: 'Three published conventions: the paper, Google’s trax (which Hugging Face ports), and reformer-pytorch. It sets the switches of the convention.',
  },
  bucketMask: {
    type: 'switch',
    fallback: ofPreset('bucketMask'),
    group: 'convention',
    label: 'own bucket only',
    help: 'Keys of other buckets in the window are masked.',
  },
  duplicates: {
    type: 'choice',
    choices: { divided: 'divided', counted: 'counted' },
    fallback: ofPreset('duplicates'),
    group: 'convention',
    label: 'repeated pairs',
    help: 'A pair met in several rounds: divided by how often it is met, or counted every time.',
  },
  wrap: {
    type: 'switch',
    fallback: ofPreset('wrap'),
    group: 'convention',
    label: 'wrap around',
    help: 'The first chunk of a round looks back to the last chunk of the round before.',
  },
  scale: {
    type: 'choice',
    choices: { q·k̂: 'one', 'q·k̂ / √d': 'sqrt' },
    fallback: ofPreset('scale'),
    group: 'convention',
    label: 'score',
    help: 'How a query scores a key; k̂ is the key at length one.',
  },
  keyNorm: {
    type: 'choice',
    choices: { 'k / ‖k‖': 'unit', 'k / √(‖k‖² + 10⁻⁶d)': 'smooth' },
    fallback: ofPreset('keyNorm'),
    group: 'convention',
    label: 'key length',
    help: 'How a key is brought to length one.',
  },
  selfMask: {
    type: 'choice',
    choices: { '−100 000': -1e5, '−50 000': -5e4 },
    fallback: ofPreset('selfMask'),
    group: 'convention',
    label: 'self mask',
    help: 'Score of a token with itself: it attends to itself only when nothing else is there.',
  },
  sharedRotations: {
    type: 'switch',
    fallback: ofPreset('sharedRotations'),
    group: 'convention',
    label: 'heads share hashes',
    help: 'All heads hash with the same random directions.',
  },
  input: {
    type: 'choice',
    choices: {
      twins: 'twins',
      'points on a sphere': 'sphere',
      'duplication task': 'duplication',
      'my own file': 'own',
    },
    fallback: 'twins',
    group: 'input',
    label: 'vectors',
    help: 'Twins: the second half repeats the first with noise. Or drop a .npy, .csv or .safetensors file on the page.',
  },
  noise: {
    type: 'number',
    min: 0,
    max: 2,
    step: 0.05,
    fallback: 0.3,
    group: 'input',
    label: 'noise',
    help: 'How far a repeated vector strays from its original.',
  },
  length: {
    type: 'number',
    min: 0.5,
    max: 32,
    step: 0.5,
    fallback: 8,
    group: 'input',
    label: 'query length',
    help: 'Length of every query: longer ones attend more sharply.',
  },
  symbols: {
    type: 'whole',
    min: 2,
    max: 1024,
    fallback: 32,
    group: 'input',
    label: 'symbols',
    help: 'Symbols of the duplication task.',
  },
  heads: {
    type: 'whole',
    min: 1,
    max: 8,
    fallback: 1,
    group: 'input',
    label: 'heads',
    help: 'Attention heads, each with vectors of its own.',
  },
  seed: {
    type: 'whole',
    min: 0,
    max: 2 ** 31 - 1,
    fallback: 5,
    group: 'input',
    label: 'seed',
    help: 'All random numbers follow from it.',
  },
  scene: {
    type: 'choice',
    choices: {
      'loom and matrix': 'both',
      sphere: 'sphere',
      'sphere and loom': 'hashing',
      loom: 'loom',
      matrix: 'matrix',
      'tower of layers': 'tower',
    },
    fallback: 'both',
    group: 'view',
    label: 'scene',
    help: 'What the stage shows.',
  },
  round: {
    type: 'whole',
    min: 1,
    max: limits.rounds,
    fallback: 1,
    group: 'view',
    label: 'round in front',
    help: 'The hash round that is drawn in front.',
  },
  head: {
    type: 'whole',
    min: 1,
    max: 8,
    fallback: 1,
    group: 'view',
    label: 'head',
    help: 'The head that is drawn.',
  },
  token: {
    type: 'whole',
    min: 0,
    max: mostTokens - 1,
    fallback: 41,
    group: 'view',
    label: 'token',
    help: 'The selected token; also by click, or by the arrow keys.',
  },
  span: {
    type: 'choice',
    choices: {
      'all tokens': 0,
      '64 around the token': 64,
      '512 around it': 512,
      '4096 around it': 4096,
      '32768 around it': 32768,
    },
    fallback: 0,
    group: 'view',
    label: 'shown',
    help: 'How much of a long sequence is shown: all, where tokens too many to tell apart become densities, or the part around the selected token.',
  },
  matrixOrder: {
    type: 'choice',
    choices: { 'as in the text': 'original', 'sorted by bucket': 'sorted' },
    fallback: 'original',
    group: 'view',
    label: 'matrix order',
    help: 'Order of the matrix’s rows and columns.',
  },
  matrixRounds: {
    type: 'choice',
    choices: { 'all rounds': 'united', 'the round in front': 'one' },
    fallback: 'united',
    group: 'view',
    label: 'matrix shows',
    help: 'Pairs seen in any round, or in one.',
  },
  layers: {
    type: 'whole',
    min: 1,
    max: mostLayers,
    fallback: 3,
    group: 'layers',
    label: 'layers',
    help: 'Layers of the model, each attention and feed-forward.',
  },
  keep: {
    type: 'choice',
    choices: { 'bucket ids': 'buckets', 'all activations': 'activations' },
    fallback: 'buckets',
    group: 'layers',
    label: 'each layer keeps',
    help: 'What the forward pass leaves for the backward one: every activation, or only the buckets, when activations are computed again.',
  },
  slices: {
    type: 'whole',
    min: 1,
    max: 16,
    steps: [1, 2, 4, 8, 16],
    fallback: 1,
    group: 'layers',
    label: 'feed-forward slices',
    help: 'Feed-forward layers go through the positions slice by slice: the same numbers, with only one slice’s hidden features at a time.',
  },
  towerPhase: {
    type: 'whole',
    min: 0,
    max: 4 * mostLayers,
    fallback: 5,
    group: 'layers',
    label: 'phase',
    help: 'How far the run has come: up through the layers, then down again.',
  },
  taskLength: {
    type: 'whole',
    min: 8,
    max: 512,
    steps: [16, 32, 64, 128, 256],
    fallback: 64,
    group: 'training',
    label: 'sequence length',
    help: 'Tokens of 0 w 0 w, the task that is learnt.',
  },
  trainRounds: {
    type: 'choice',
    choices: { 'full attention': 0, '1 round': 1, '2 rounds': 2, '4 rounds': 4, '8 rounds': 8 },
    fallback: 4,
    group: 'training',
    label: 'train with',
    help: 'Hash rounds in training; the table asks the trained model with others.',
  },
  standard: {
    type: 'switch',
    fallback: false,
    group: 'training',
    label: 'and a standard one',
    help: 'Trains a Transformer without reversible layers, of the same size from the same seed on the same sequences.',
  },
  theme: {
    type: 'choice',
    choices: { 'as the system': 'auto', light: 'light', dark: 'dark' },
    fallback: 'auto',
    group: 'view',
    label: 'colours',
    help: 'Light or dark.',
  },
};

export const keys = Object.keys(controls) as Key[];

/** What a value is when nobody set it: it may follow from the preset or the input. */
export function fallback<K extends Key>(key: K, state: Pick<State, 'preset' | 'input'>): State[K] {
  const value = controls[key].fallback;
  return typeof value === 'function' ? value(state) : value;
}
