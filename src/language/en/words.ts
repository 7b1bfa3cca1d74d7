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
  },
  help: {
    continue: 'Lets the model write on from the end of the text',
    step: 'Draws one more token',
    talk: 'Talk with the guide of an invented town, which the model has learned to be',
    compare: 'Continues the text with full attention, 4 and 1 hash rounds, from the same seed',
    first: 'Back to the text on which the page opened',
  },
  talk: {
    label: 'What you say to the guide',
    say: 'Say',
    hint: 'Hello. My name is Kestrin.',
  },
  next: {
    title: (piece: string) => `After “${piece}”`,
    /** Before the model was fetched. */
    none: 'Press **Continue** to fetch the model (0.9 MB), or change the text.',
    drawn: 'drawn',
    branch: (piece: string) => `Continue with “${piece}”`,
    temperature: 'temperature',
  },
  compare: {
    full: 'full',
    rounds: (count: number) => (count === 1 ? '1 round' : `${count} rounds`),
    same: 'All three wrote the same.',
  },
  /** A layer of a link that does not hash. */
  wrongLayer: (layer: number, layers: string) => `layer is ${layer}; the layers that hash are ${layers}.`,
  progress: { fetch: 'fetching the model', write: 'writing' },
};
