/**
 * English words of index.html: header, introduction, titles of dialogs. They must be plain strings. In text, *…* is emphasis and **…** is
 * bold. In attributes there is no markup.
 */
export const document = {
  title: 'Reformer Lab',
  /** For search engines. */
  description: 'LSH attention and reversible layers of the Reformer, computed live on your own GPU',
  noScript: 'Reformer Lab computes in the browser. Please allow JavaScript.',
  /** Shown while the scripts have not started, which they never do in some frames. The first script removes it. */
  unstarted:
    'The scripts of this page could not be fetched. In a sandboxed frame, add allow-same-origin to its sandbox, or let the server send Access-Control-Allow-Origin. From the disk, and in a frame from a text or a blob, open the build of a single file. Otherwise reload the page with a network.',
  lecture: 'Lecture',
  views: {
    label: 'Views',
    words: 'Words',
    attention: 'LSH attention',
    layers: 'Reversible layers',
  },
  /** The timeline in the header, which plays the steps of LSH attention. */
  timeline: { label: 'The algorithm, step by step', play: 'Play', phase: 'How far the algorithm is shown' },
  steps: { tokens: 'tokens', hash: 'hash', sort: 'sort', chunk: 'chunk', attend: 'attend', combine: 'combine' },
  words: {
    idea: 'A small Reformer reads this text piece by piece, and guesses what comes next. To guess, it *looks back*: each piece compares itself with earlier ones and takes over what the most similar ones hold. That is *attention*.',
    rounds:
      'Comparing every piece with every other would cost too much in a long text. So pieces are *hashed* into buckets, and only pieces in the same bucket, or in a chunk beside it, meet. **Try it: move the hash rounds slider.**',
    ribbon: 'Text',
    next: 'Next',
  },
  attention: {
    idea: 'Comparing every query with every key costs n² scores. The Reformer hashes instead: random directions put similar vectors into one *bucket*. It sorts tokens by bucket and cuts them into equal *chunks*. A query looks only at its own chunk and usually the one before, as a bucket may be split.',
    rounds:
      'Each further *hash round* hashes again and finds pairs that the others missed. **Try it: move the hash rounds slider.**',
  },
  layers: {
    idea: 'Training goes backward through a network and needs the activations of every layer again. So *N layers keep N times the memory*. A reversible layer adds to two streams in turn. What it added can be computed again and *subtracted*. Only the last pair of streams is kept, and the bucket ids, so that the second pass cannot hash differently. The price is one more computation of each layer.',
    attempt:
      '**Try it:** Move the **phase** slider, set **each layer keeps** to all activations, then press **Train**.',
  },
  quality: {
    title: 'Does it learn as well?',
    answer:
      'At equal settings, yes. To compare, switch on **standard Transformer** before training. In the paper (Table 4, no LSH), BLEU on English–German 2014:',
    base: 'base',
    big: 'big',
    transformer: 'Transformer (Vaswani et al.)',
    tuned: 'tuned later (Ott et al.)',
    reversible: 'reversible, 100K steps',
    reversibleLonger: 'reversible, longer',
    conclusion: 'The last 0.2 come from years of tuning, not from the layers.',
  },
  rounds: {
    title: 'What do more hash rounds improve?',
    answer:
      'The table below evaluates trained models with other numbers of rounds. An independent reproduction (reformer_fastai, 2021) measured less than the paper for models trained with full attention and evaluated with LSH (1 to 5 %), and more for the reverse (47 to 76 %).',
  },
  stage: 'Stage. The read-out beside it describes the same in words.',
  /** Ends a computation that takes long. */
  stop: 'Stop',
  charts: 'Charts',
  /** Closes a message or a dialog. */
  close: 'Close',
  benchmark: 'Attention time on this device',
  export: 'Export',
  sweep: {
    title: 'Error, captured attention and time by hash rounds',
    svg: 'Save as SVG',
    png: 'Save as PNG',
    csv: 'Save numbers as CSV',
  },
  experiments: 'What each switch changes, measured',
  /** The dialog with the source text of a GPU kernel. */
  source: 'Kernel',
};
