/** English words of the settings panel: labels, help and choices of every control. */
export const panel = {
  title: 'Settings',
  folders: {
    attention: 'Attention',
    convention: 'Convention (set by the preset)',
    input: 'Vectors',
    view: 'View',
    words: 'Drawing words',
    layers: 'Reversible layers',
    training: 'Training',
  },
  /** By key of the control. A label also stands in sentences: “hash rounds is "0"; it must be …”. */
  controls: {
    rounds: {
      label: 'hash rounds',
      help: 'How many times all tokens are hashed, each time with new directions. More rounds find more of the pairs that full attention sees, and cost proportionally more.',
    },
    n: { label: 'tokens n', help: 'Length of the sequence.' },
    d: { label: 'head size d', help: 'Numbers in each query, key and value.' },
    chunk: { label: 'chunk m', help: 'Tokens in each chunk of the sorted list.' },
    buckets: {
      label: 'buckets',
      help: 'Number of buckets in a round: auto, an even number, or even factors such as 8,8.',
    },
    turn: {
      label: 'turn directions',
      help: 'Degrees by which all random directions are turned before hashing. Tokens near a border change bucket. You can also press T or Shift+T on the stage, or drag a direction of the sphere.',
    },
    lookBack: {
      label: 'look-back',
      help: 'Chunks before its own that a query also sees, because a bucket may be split over two chunks.',
    },
    lookAhead: { label: 'look-ahead', help: 'Chunks after its own that a query also sees.' },
    causal: { label: 'causal', help: 'A query sees no later token.' },
    preset: {
      label: 'preset',
      help: 'Three published conventions: the paper, Google’s trax (which Hugging Face ports), and reformer-pytorch by lucidrains. The preset sets the controls under Convention.',
    },
    bucketMask: { label: 'own bucket only', help: 'A query does not see the keys of other buckets in its window.' },
    duplicates: {
      label: 'repeated pairs',
      help: 'A pair may meet in several rounds. Its weight is divided by the number of these rounds, or counted in each of them.',
    },
    wrap: {
      label: 'wrap around',
      help: 'The first chunk of a round looks back to the last chunk of the round before.',
    },
    scale: { label: 'score', help: 'How a query scores a key. k̂ is the key scaled to length one.' },
    keyNorm: { label: 'key length', help: 'How a key is scaled to length one.' },
    selfMask: {
      label: 'self mask',
      help: 'Score of a token with itself. It is so low that a token attends to itself only when it sees no other token.',
    },
    sharedRotations: { label: 'heads share hashes', help: 'All heads hash with the same random directions.' },
    input: {
      label: 'vectors',
      help: 'Twins: the second half repeats the first half with noise. You can also drop a .npy, .csv or .safetensors file on the page.',
    },
    text: { label: 'text', help: 'The text that the language model reads.' },
    textLayer: {
      label: 'layer',
      help: 'The layer of the language model whose vectors are shown, counted from 1. Every second layer hashes.',
    },
    temperature: {
      label: 'temperature',
      help: 'Logits are divided by it before a word is drawn. 0 takes the likeliest word.',
    },
    topK: { label: 'top-k', help: 'Draws from the k likeliest words only. 0 draws from all.' },
    topP: { label: 'top-p', help: 'Draws from the fewest words that together have this probability.' },
    drawSeed: {
      label: 'seed of drawing',
      help: 'The random numbers by which words are drawn follow from this number.',
    },
    noise: { label: 'noise', help: 'How far a repeated vector is from its original.' },
    length: { label: 'query length', help: 'Length of every query vector. Longer queries attend more sharply.' },
    symbols: { label: 'symbols', help: 'Number of different symbols in the duplication task.' },
    heads: { label: 'heads', help: 'Number of attention heads. Each head has its own vectors.' },
    seed: { label: 'seed', help: 'All random numbers follow from this number.' },
    scene: { label: 'scene', help: 'What the stage shows.' },
    round: { label: 'round in front', help: 'The hash round that is drawn in front.' },
    head: { label: 'head', help: 'The head that is drawn.' },
    token: { label: 'token', help: 'The selected token. You can also click a token, or use the arrow keys.' },
    span: {
      label: 'shown',
      help: 'How much of a long sequence is shown: all tokens, or those around the selected token. Tokens that are too many to tell apart are drawn as densities.',
    },
    matrixOrder: { label: 'matrix order', help: 'Order of the rows and columns of the matrix.' },
    matrixRounds: { label: 'matrix shows', help: 'Pairs seen in any round, or in the round in front.' },
    layers: {
      label: 'layers',
      help: 'Number of layers of the model. Each layer is attention and a feed-forward network.',
    },
    keep: {
      label: 'each layer keeps',
      help: 'What the forward pass keeps for the backward pass: all activations, or only the bucket ids. With bucket ids, activations are computed again.',
    },
    slices: {
      label: 'feed-forward slices',
      help: 'Feed-forward layers process the positions in slices. The numbers stay the same, but memory holds the hidden features of only one slice at a time.',
    },
    towerPhase: { label: 'phase', help: 'Where the run is: first up through the layers, then down again.' },
    phase: {
      label: 'phase of the play',
      help: 'How far the algorithm is shown, from the tokens to the combined output.',
    },
    taskLength: {
      label: 'sequence length',
      help: 'Tokens of a sequence 0 w 0 w. The model learns this duplication task.',
    },
    trainRounds: {
      label: 'train with',
      help: 'Hash rounds during training. The accuracy table evaluates the trained model with other numbers of rounds.',
    },
    standard: {
      label: 'standard Transformer',
      help: 'Also trains a Transformer without reversible layers, of the same size from the same seed on the same sequences.',
    },
    theme: { label: 'colours', help: 'Light or dark colours.' },
  },
  /** Why a number that a person typed is refused. `text` is in quotes. */
  fields: {
    number: (label: string, text: string, least: number, most: number) =>
      `${label} is ${text}; it must be a number from ${least} to ${most}.`,
    wholeNumber: (label: string, text: string, least: number, most: number) =>
      `${label} is ${text}; it must be a whole number from ${least} to ${most}, in digits only.`,
    ambiguous: (label: string, text: string) =>
      `${label} is ${text}, which can mean a thousand or a decimal; write it without the comma, or with a point.`,
  },
  /** The control of the hash rounds where it chooses a column of the accuracy table. */
  evaluationRounds: 'evaluation rounds',
  /** Names in the lists, by control and value. The names in one list must differ. */
  choices: {
    preset: { paper: 'paper', trax: 'trax', lucidrains: 'lucidrains' },
    duplicates: { divided: 'divided', counted: 'counted' },
    input: {
      text: 'text',
      twins: 'twins',
      sphere: 'points on a sphere',
      duplication: 'duplication task',
      own: 'my own file',
    },
    scene: {
      both: 'loom and matrix',
      sphere: 'sphere',
      hashing: 'sphere and loom',
      loom: 'loom',
      matrix: 'matrix',
      tower: 'tower of layers',
    },
    span: {
      0: 'all tokens',
      64: '64 around the token',
      512: '512 around the token',
      4096: '4096 around the token',
      32768: '32768 around the token',
    },
    matrixOrder: { original: 'original order', sorted: 'sorted by bucket' },
    matrixRounds: { united: 'all rounds', one: 'the round in front' },
    keep: { buckets: 'bucket ids', activations: 'all activations' },
    trainRounds: { 0: 'full attention', 1: '1 round', 2: '2 rounds', 4: '4 rounds', 8: '8 rounds' },
    theme: { auto: 'like the system', light: 'light', dark: 'dark' },
  },
  buttons: {
    reroll: 'Re-roll ↻',
    openFile: 'Open a file …',
    resetCamera: 'Reset camera',
    /** Runs the tower through all phases. */
    play: 'Run forward and back ▶',
    train: 'Train ▶',
    pause: 'Pause ❚❚',
    step: 'One step',
    /** Puts the model back to its state before training. */
    reset: 'Reset',
    save: 'Save weights …',
    load: 'Open weights …',
    export: 'Export …',
    compare: 'Compare with this setting (A)',
    measure: 'Measure on this device …',
    sweep: 'Sweep the rounds …',
    experiments: 'Experiments …',
    sortYourself: 'Sort it yourself …',
  },
};
