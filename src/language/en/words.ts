/** English words of the view in which a language model reads and continues text. */
export const words = {
  /** Names the field that holds the text. */
  text: 'The text that the model reads. Type to change it.',
  strip: {
    tokens: (count: number) => `${count} tokens`,
    /** Only the end of a long text fits the model. */
    last: (count: number, all: number) => `last ${count} of ${all} tokens`,
    layers: 'layer',
    layer: (layer: number, hashes: boolean) =>
      hashes ? `Show layer ${layer}, which hashes` : `Layer ${layer} looks at neighbours only`,
    heads: 'head',
    head: (head: number) => `Show head ${head}`,
  },
  buttons: {
    continue: 'Continue',
    stop: 'Stop',
    step: 'One word on',
    talk: 'Talk',
    compare: 'Side by side',
    first: 'First text',
    surprise: 'surprise',
    ownText: 'Your text …',
  },
  help: {
    continue: 'Lets the model write on from the end of the text',
    step: 'Draws one more token',
    talk: 'Talk with the guide of an invented town, which the model has learned to be',
    compare: 'Continues the text with full attention, 4 and 1 hash rounds, from the same seed',
    first: 'Back to the text on which the page opened',
    ownText: 'Read your own text, or train a small model on it',
    surprise: 'Colours each piece by how much the model did not expect it, in nats',
  },
  talk: {
    label: 'What you say to the guide',
    say: 'Say',
    hint: 'Hello. My name is Kestrin.',
  },
  /** What the selected piece looks at. `weight` and `full` are elements that show a share in percent. */
  finding: {
    seen: (piece: Node, key: Node, weight: Node, rounds: number[]): (string | Node)[] => [
      piece,
      ' looks most at ',
      key,
      ': ',
      weight,
      ` of its attention. They met in round${rounds.length === 1 ? '' : 's'} ${rounds.join(', ')}.`,
    ],
    missed: (key: Node, full: Node, cause: string): (string | Node)[] => [
      ' It missed ',
      key,
      ', which would get ',
      full,
      `: ${cause}.`,
    ],
    /** Nothing heavy was missed. */
    nothing: ' It missed nothing that would get 2 % or more.',
    alone: (piece: Node): (string | Node)[] => [piece, ' sees no earlier piece, so it attends to itself.'],
  },
  next: {
    title: (piece: string) => `After “${piece}”`,
    /** Before the model was fetched. */
    none: 'Press **Continue** to fetch the model (0.9 MB), or change the text.',
    drawn: 'drawn',
    branch: (piece: string) => `Continue with “${piece}”`,
    temperature: 'temperature',
  },
  /** The words that the model looked up, as buttons. */
  lookups: {
    title: 'Looked up:',
    none: 'met in no round',
    rounds: (rounds: number[]) => `round ${rounds.join(' ')}`,
    help: ({ back, layer, head }: { back: number; layer: number; head: number }) =>
      `Found ${back} pieces back by layer ${layer}, head ${head}. Show it.`,
  },
  compare: {
    full: 'full',
    rounds: (count: number) => (count === 1 ? '1 round' : `${count} rounds`),
  },
  /** A layer of a link that does not hash. */
  wrongLayer: (layer: number, layers: string) => `layer is ${layer}; the layers that hash are ${layers}.`,
  progress: { fetch: 'fetching the model', write: 'writing' },
};
