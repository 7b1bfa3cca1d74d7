/**
 * English words of the glossary. `names`: the term, and other forms in which texts have it. `text` may refer to other terms. `step`: where the
 * lecture introduces it.
 */
export const glossary = {
  title: 'Glossary',
  close: 'Close',
  open: 'Glossary',
  openHint: 'What the terms mean',
  step: (title: string) => `Step: ${title}`,
  entries: [
    {
      names: ['token'],
      text: 'A piece of a text, such as a word or a part of one. Here each is a vector.',
      step: '01.1',
    },
    {
      names: ['attention'],
      text: 'The part of a layer in which each token takes over values of other tokens, by weights that it computes from queries and keys.',
      step: '01.1',
    },
    { names: ['feed-forward'], text: 'The part of a layer that works on each token by itself.', step: '01.1' },
    {
      names: ['backpropagation'],
      text: 'The way back through a model, on which each layer’s corrections are computed, from the last layer to the first.',
      step: '01.2',
    },
    {
      names: ['activation'],
      text: 'A number that a layer computed on the way up and that the way back needs.',
      step: '01.2',
    },
    { names: ['Reformer'], text: 'A Transformer with LSH attention and reversible layers, of 2020.', step: '01.4' },
    {
      names: ['query'],
      text: 'The vector with which a token looks for others. In the Reformer it also serves as the token’s key.',
      step: '02.1',
    },
    {
      names: ['key'],
      text: 'The vector by which a token is found. In the Reformer it is the query, scaled to length one.',
      step: '02.1',
    },
    { names: ['value'], text: 'The vector that a token hands to those that look at it.', step: '02.1' },
    {
      names: ['twin'],
      text: 'In the input “twins” the second half of the tokens repeats the first, with noise. A token’s twin is the one that it repeats: the key that its query should find.',
      step: '02.2',
    },
    {
      names: ['locality-sensitive hashing', 'LSH', 'hashing', 'hashed'],
      text: 'Hashing that puts similar vectors into the same bucket more often than others.',
      step: '03.1',
    },
    {
      names: ['bucket'],
      text: 'The number that hashing gives to a vector: the end of a random direction to which it is closest. Also all tokens with that number.',
      step: '03.1',
    },
    {
      names: ['captured'],
      text: 'The share of full attention’s weight that lies on pairs which LSH attention sees. Of one token in its card, of all queries in the chart.',
      step: '03.3',
    },
    {
      names: ['error'],
      text: 'The distance of all outputs of LSH attention from those of full attention, divided by the length of the latter. It can exceed one.',
      step: '05.2',
    },
    {
      names: ['chunk', 'chunks'],
      text: 'Equally many tokens that stand side by side after sorting by bucket.',
      step: '04.3',
    },
    {
      names: ['bucket mask'],
      text: 'Hides the keys of other buckets from a query that meets them in a chunk.',
      step: '04.3',
    },
    { names: ['look-back', 'looks back'], text: 'How many chunks before its own a query looks at.', step: '05.1' },
    {
      names: ['chunk edge'],
      text: 'A cause of a missed pair: both tokens are in one bucket and near each other, but a wall between chunks is in the way.',
      step: '05.1',
    },
    {
      names: ['long bucket'],
      text: 'A cause of a missed pair: both tokens are in one bucket that is so long that they stand too far apart.',
      step: '05.3',
    },
    {
      names: ['round', 'hash round'],
      text: 'One set of random directions, one hashing, one sorting, one look. More rounds find more pairs.',
      step: '06.1',
    },
    {
      names: ['reversible layer', 'reversible layers'],
      text: 'A layer with two streams whose inputs can be computed again from its outputs, so that it need not keep activations.',
      step: '07.1',
    },
    {
      names: ['stream'],
      text: 'The vectors of all tokens as they run through the layers, which add to them.',
      step: '01.1',
    },
    {
      names: ['phase'],
      text: 'How far a run up and down the layers has come: one phase for each part of a layer, each way.',
      step: '01.2',
    },
    {
      names: ['nats'],
      text: 'The unit of the loss. A model with a loss of x nats is as unsure as if it guessed among e to the x symbols.',
      step: '08.2',
    },
    {
      names: ['duplication'],
      text: 'The test on which the small models here are trained: a random word of symbols, and the same again.',
      step: '08.1',
    },
  ],
};
