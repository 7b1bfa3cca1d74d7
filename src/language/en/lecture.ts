const paper = 'Kitaev, Kaiser, Levskaya: Reformer, 2020';
const announcement = 'Google’s announcement of the Reformer, January 2020';
const ofModel = '12 layers, width 1024, feed-forward 4096, 8 heads, 4 bytes a number, one sequence; paper, Table 3';
const leak = 'computed with head size 64, chunks of 64, 32 buckets, twins';

/** English words of the lecture: its interface and its steps. */
export const lecture = {
  /** The bar at the top while the lecture is open. */
  bar: {
    previous: 'Previous step',
    next: 'Next step',
    /** Shows or hides the text of the step. */
    text: 'Text',
    textHint: 'Show or hide the text of the step (W on the stage)',
    present: 'Present',
    presentHint:
      'Presentation mode, with large type (P on the stage). Page Up and Page Down turn the steps, as a clicker does.',
    leavePresent: 'End',
    leavePresentHint: 'Leave presentation mode (P on the stage)',
    notes: 'Notes',
    notesHint: 'The text of the step in a second window',
    timer: 'Time since the presentation began. Click to restart it.',
    explore: 'Explore freely',
    stepTitle: (step: number, title: string) => `Step ${step}: ${title}`,
  },

  contents: {
    title: 'Contents',
    close: 'Close',
    answered: (chapter: string, count: number, all: number) => `${chapter} · ${count} of ${all} right`,
  },

  /** Around the text of a step. */
  step: {
    where: <T>(chapter: T, step: number, count: number): (string | T)[] => [chapter, ` · ${step} of ${count}`],
    previous: '← Previous',
    next: 'Next →',
    attempt: 'Try it:',
    doIt: 'Do it',
    changed: 'Settings differ from this step’s.',
    putBack: 'Put back',
    sources: 'Sources',
    source: (figure: string, source: string) => `${figure}: ${source}`,
  },

  quiz: {
    check: 'Check',
    showMe: 'Where that was shown',
    up: 'Up',
    down: 'Down',
    computing: 'The page is still computing.',
  },

  /** The speaker's second window. */
  notes: {
    windowTitle: 'Reformer Lab · notes',
    upNext: (title: string) => `Next: ${title}`,
  },

  /** The dialog that makes a link for a lesson. */
  link: {
    title: 'A link for a lesson',
    text: 'The link opens this step with these settings. Tick the controls to hide: they keep their settings.',
    present: 'Open in presentation mode',
    copy: 'Copy link',
    copied: 'Copied',
    /** In place of `copied`, where the browser forbids the page to copy. */
    selected: 'Selected: press Ctrl+C',
    noAddress: 'The page stands in a frame without an address. Append this text to the address of the page itself.',
    close: 'Close',
  },

  /** Words in the equations. */
  equations: {
    attention: 'Attention',
    feedForward: 'FeedForward',
    bucket: 'bucket',
    layers: 'layers',
    heads: 'heads',
  },

  /** Figures that are written with words. */
  figures: {
    million: 'a million',
    aMillion: 'A million',
    announced: 'January 2020',
    notebook: 'half a million',
    fastai: '1 to 5 %',
    billions: (count: string) => `${count} billion`,
    millions: (count: string) => `${count} million`,
  },

  /** Where the figures come from, by their names in the texts. */
  sources: {
    year: paper,
    million: announcement,
    aMillion: announcement,
    gigabytes: announcement,
    announced: announcement,
    notebook: 'the notebook that comes with trax: 0.5M tokens a core',
    mostTokens: 'computed: the largest setting of this page',
    tokens64k: 'computed: 2¹⁶',
    scores64k: 'computed: 65,536²',
    matrix64k: 'computed: 4 bytes · 65,536²',
    chunk64: 'computed: the paper’s chunks of 64 tokens',
    slots64k: 'computed: 8 rounds · 2 chunks · 64 tokens',
    evenChance: 'computed: 1 − (1 − ½)⁴',
    paper48: `${paper}, Table 2`,
    paper44: `${paper}, Table 2`,
    paper41: `${paper}, Table 2`,
    paper01: `${paper}, Table 2`,
    fastai: 'reformer_fastai, 2021: 1.4, 1.9, 3.0, 4.6 % with 8, 4, 2, 1 rounds',
    newstest: `${paper}, Table 4: newstest2014, English to German`,
    bleuBase: `${paper}, Table 4: reversible base, 100K steps`,
    stepsBase: `${paper}, Table 4: reversible base`,
    bleuLonger: `${paper}, Table 4: reversible base, 500K steps, no weight sharing`,
    stepsLonger: `${paper}, Table 4: reversible base, no weight sharing`,
    bleuBig: `${paper}, Table 4: reversible big`,
    vaswaniBase: `${paper}, Table 4: Vaswani et al. 2017, base`,
    vaswaniBig: `${paper}, Table 4: Vaswani et al. 2017, big`,
    ottBig: `${paper}, Table 4: Ott et al. 2018, big`,
    tableThree: paper,
    figureFive: paper,
    modelLayers: ofModel,
    modelWidth: ofModel,
    modelHeads: ofModel,
    fitsStandard: `computed: √(16 GB / (4 bytes · heads · layers)); ${ofModel}`,
    fitsReversible: `computed: √(16 GB / (4 bytes · heads)); ${ofModel}`,
    fitsReformer: `computed: 16 GB / (4 bytes · width), as the square is gone; ${ofModel}`,
    crossing: 'computed: where the curves of the paper’s Figure 5 (right) cross; read off to 3 %',
    crossingLow: 'the paper’s Figure 5 for one round, and programs measured since',
    crossingHigh: 'the paper’s Figure 5, and programs measured since',
    leakTokens: leak,
    leakOne: `${leak}, 1 round`,
    leakEight: `${leak}, 8 rounds`,
    leastCaptured: 'computed: what question 7 asks for',
    flashYear: 'Dao, Fu, Ermon, Rudra, Ré: FlashAttention, 2022',
  },

  /** Titles, by the ids of chapters. */
  chapters: {
    '01': 'Memory',
    '02': 'Every pair',
    '03': 'Hash',
    '04': 'Sort and chunk',
    '05': 'Look back',
    '06': 'More hashes',
    '07': 'Backwards',
    '08': 'The Reformer',
    '09': '{aMillion} words',
    '10': 'The fine print',
    q: 'Questions',
  },

  /**
   * The text of each step, by its id. `[words](target)` highlight the part of the page that they name, and the reverse. `*words*` are terms
   * where they are introduced. `{name}` is a figure from facts.ts or live.ts, `$name$` an equation. Empty lines separate paragraphs.
   * `attempt` proposes what to try.
   */
  steps: {
    '01.1': {
      title: 'Why not just a Transformer?',
      text: `A Transformer is a stack of layers, drawn here as a [tower](stage). Each layer has two parts: *attention*, in which tokens look
at one another, and a *feed-forward* part, in which each token is worked on by itself.

To learn, it runs up the tower, sees how wrong it was, and runs down again, correcting every layer. On the way up each part leaves something
behind: the [bars](stage) on the right.`,
      attempt: 'Run it forward and back, and watch the bars come and go.',
    },
    '01.2': {
      title: 'Why anything is kept',
      text: `Corrections are found by *backpropagation*. Say a matrix $W$ turns $x$ into $y$. With the loss $L$,

$gradient$

The second factor comes down from the layers above, and comes late. The first, $x$, went in long before. So $x$ has to wait, and what waits
for the way back is called an *activation*. At the phase shown, [{kept}](readout) are waiting.`,
      attempt: 'Go on to the bottom: nothing has to wait any more.',
    },
    '01.3': {
      title: 'N layers, N times the memory',
      text: `Every layer keeps its own. With [{layers} layers](layers) a training step of this small model holds [{activationsAll}](memory)
of activations: not estimated, but counted as they were allocated on your device.

The [red bars](memory) of the chart grow with depth. This is the first thing that is expensive about a Transformer.`,
      attempt: 'Take away two thirds of the layers.',
    },
    '01.4': {
      title: 'Two costs, two ideas',
      text: `The other cost is length: attention compares [every pair](matrix) of tokens. (Computing them all at once is no cost, but a
virtue.)

The *Reformer* (Kitaev, Kaiser and Levskaya, {year}) has one idea against each. *Hashing* finds the few pairs that matter. *Reversible
layers* compute activations again instead of keeping them.

Numbers like those beside are computed while you read, on your device. Change whatever you like: the lecture waits.`,
      attempt: 'Select another token, by a click or the arrow keys.',
    },
    '02.1': {
      title: 'Attention asks everyone',
      text: `Each token sends out a *query* $q$ and offers a *key* $k$ and a *value* $v$. The query is multiplied with every key; a softmax
makes weights of the products; the answer is the weighted sum of the values.

$attention$

In the [matrix](matrix) a row is a query, a column a key, and the colour their weight. No query sees [later tokens](later), so half of it
stays empty. The Reformer uses one vector for both: the key is the query at length one, $kHat$.`,
      attempt: 'Select a later token: its row is longer.',
    },
    '02.2': {
      title: 'Most of it is next to nothing',
      text: `Of all keys that token {token} may see, one [holds {twinWeight}](seen-keys) of the weight: its *twin*. The vectors are made so:
the second half of the sequence repeats the first, with a little noise. That is the [second diagonal](matrix).

Trained attention is less tidy, but any softmax is ruled by its largest products. If we knew those keys, the others could be left out.`,
      attempt: 'Make queries shorter: attention blurs, and the twin loses.',
    },
    '02.3': {
      title: 'Twice as long, four times the work',
      text: `There are now [{n} tokens](n), so $squareByN$ products: {pairs}. For [full attention](times) this device took {fullTime}.

Twice the tokens are four times the pairs: that is the second thing that is expensive.`,
      attempt: 'Double the tokens, and look at the last bar again.',
    },
    '02.4': {
      title: 'And four times the memory',
      text: `Standard attention also writes its matrix down. For {tokens64k} tokens that is {scores64k} scores, {matrix64k} at four bytes
each: more than a whole accelerator with {gigabytes} of memory, for one head of one layer.

Computing the matrix in strips, as this page does, saves the memory. The work is still $square$.`,
      attempt: 'Measure how time grows on your device.',
    },
    '03.1': {
      title: 'Find the similar ones',
      text: `A query gives its weight to keys that point the same way. How to find near neighbours without comparing with everyone? By
*locality-sensitive hashing*, LSH: give each vector a number, its *bucket*, so that vectors close to each other probably get the same one,
and others probably do not. Then look into [your own bucket](rounds-table) only.

[Colours](stage) are buckets. Token {token} is in bucket {bucket}, and so is its twin.`,
      attempt: 'Select another token and compare its colour with its twin’s.',
    },
    '03.2': {
      title: 'Random directions',
      text: `Draw random directions. Each has two ends, and each end stands for a [bucket](buckets). The bucket of a vector is the end that
it is closest to:

$hash$

$R$ holds the directions, drawn from a normal distribution; the paper calls it a rotation. The bracket holds the products with both ends.
Nothing is learnt: chance is enough.`,
      attempt: 'Turn the directions, or drag one and all turn, and see colours change.',
    },
    '03.3': {
      title: 'Neighbours fall together',
      text: `Two vectors with a small angle between them are mostly closest to the same direction; the wider the angle, the less often. How
long they are makes no difference: a longer vector has the same largest product.

With [little noise](noise) twins are close, and one round of hashing [captures {capturedAll}](curve) of full attention’s weight.`,
      attempt: 'Add noise. Twins drift apart, and so do their buckets.',
    },
    '03.4': {
      title: 'Often is not always',
      text: `Between any two neighbours a border may run. This step’s directions put token {token} and its twin on either side of one. The
[heaviest key](missed-keys) missed now is worth {missedFull} of its attention.

That is the bargain: hashing spares comparisons, and pays with misses. It makes attention faster, not more accurate.`,
      attempt: 'Other directions, another border: this pair may be found, and others missed.',
    },
    '04.1': {
      title: 'Sort by bucket',
      text: `Above, tokens stand in the order of the text. Below they are [sorted by bucket](sorted), and within a bucket by position. Each
thread takes a token to its new place. Now members of a bucket stand side by side.

As buckets are few and known, sorting needs no comparing: count how many go where, add up, put each in its place. That takes a time
proportional to $n$.`,
      attempt: 'Select the twin: its thread ends close by.',
    },
    '04.2': {
      title: 'Buckets are uneven',
      text: `Chance is not fair: the [largest bucket](buckets-chart) has {largestBucket} of the {n} tokens, others have hardly any.

A GPU is fast when all its processors do the same amount of work. If each bucket were a piece of work, all would wait for the largest.`,
      attempt: 'Take fewer buckets: the largest grows.',
    },
    '04.3': {
      title: 'Chunks are equal',
      text: `So the sorted list is cut not where buckets end, but after every [{chunk} tokens](chunk): the walls between *chunks*. A [query
looks](window) at its own chunk and at the one before, so it meets at most $twice$ keys, here {window}, and of these it takes those of its
own bucket.

Hashing $R$ times makes at most

$slots$

scores a query, however long the text is. Twice the text is now twice the work.`,
      attempt: 'Make chunks twice as long: fewer walls, more work.',
    },
    '04.4': {
      title: 'What is left of the matrix',
      text: `The same pairs, with rows and columns [sorted by bucket](matrixOrder). What is [seen](seen) lies in blocks along the diagonal.
The rest is never computed. The [missed](missed) pairs are known because the page computes full attention as well.`,
      attempt: 'Back to the order of the text: the blocks scatter.',
    },
    '05.1': {
      title: 'A bucket cut in two',
      text: `Chunks are cut without asking the buckets. The bucket of token {token} begins in one chunk and goes on in the next, and a wall
stands between the token and its twin.

Because a query [looks back](window) one chunk, it finds the twin all the same: the token [sees {seen} keys](readout), which hold {captured}
of its attention.`,
      attempt: 'The next token’s twin stands across a wall too.',
    },
    '05.2': {
      title: 'Without looking back',
      text: `With [look-back](lookBack) off, a query meets only its own chunk, where no earlier key of its bucket is left. Now the token
finds [{captured}](readout) of its attention.

Over all queries {capturedAll} is captured. The [error](curve) is {error}: the distance from full attention, relative to its length.`,
      attempt: 'Look back one chunk.',
    },
    '05.3': {
      title: 'How long may a bucket be?',
      text: `With one chunk of look-back, a bucket of up to $longest$ tokens is seen whole, wherever the walls fall. Between $longer$ and
$twice$ tokens, it depends on the walls. Above $twice$, some pair is always missed.

Here the [largest bucket](buckets-chart) has {largestBucket} tokens and the window {window}. With four buckets, token {token} shares its
bucket with its twin, but they stand two chunks apart. Now it captures {captured}. The paper’s remedy is plenty of buckets, so that on
average each fills half a chunk.`,
      attempt: 'Take more buckets.',
    },
    '05.4': {
      title: 'Who comes before the first?',
      text: `Nobody stands before the first chunk. In the paper, its tokens look at their own chunk only. In trax, the authors’ later code,
they look at [the last chunk](window) of the round before: the chunks of all rounds form a ring.

That is one of several differences between [three published versions](preset). Here each is a switch, under “Convention”.`,
      attempt: 'Choose the paper’s version.',
    },
    '06.1': {
      title: 'One round misses',
      text: `Token {token} has bad luck in this round: its twin fell into another bucket, and the [keys that it missed](missed-keys) hold
nearly everything. It captures {captured}.

Bad luck is not fate. Other directions would have put the border elsewhere.`,
      attempt: 'Hash once more.',
    },
    '06.2': {
      title: 'Hash again',
      text: `Four rounds now, each with its own directions and its own loom, one behind the other. In three the twin is still elsewhere; the
[last one finds it](seen-keys), and the token captures {captured}.

If one round finds a pair with probability $p$, then $R$ rounds find it with

$found$

For an even chance and four rounds that is {evenChance}.`,
      attempt: 'Put another round in front.',
    },
    '06.3': {
      title: 'What rounds buy',
      text: `With every [round](rounds) more pairs are found: after one round {capturedOne} of full attention’s weight was captured, after
{rounds} it is [{capturedAll}](curve). The error falls from {errorOne} to {error}.

More hashes, more accurate. The first help most: later ones find much that was found before.`,
      attempt: 'Go on.',
    },
    '06.4': {
      title: 'What rounds cost',
      text: `Each round hashes, sorts and attends anew, so time grows with their number. [Here](times) {rounds} rounds took {lshTime}, full
attention {fullTime}.

A query has $slots$ = {slots} scores, in a text of {n} tokens. Texts as short as this are for seeing, not for winning. With {tokens64k}
tokens, chunks of {chunk64} and eight rounds, {slots64k} scores take the place of {tokens64k}.`,
      attempt: 'Take two rounds.',
    },
    '06.5': {
      title: 'A weighted sum',
      text: `How do rounds become one answer? Each round has an answer, and a number $z$ that measures how much attention it found: the
logarithm of the sum of its exponentiated scores. $zAll$ is that of all rounds together.

$combine$

A round that found the twin [weighs much](rounds-table), one that found little weighs little. It is no average: bad luck does no harm.`,
      attempt: 'Select a token that only one round helps.',
    },
    '06.6': {
      title: 'Met more than once',
      text: `Close pairs meet in many rounds. If they are [counted every time](duplicates), they weigh too much. Now, with {rounds} rounds,
the [error](curve) is {error}.

The paper divides by the number $meetings$ of rounds in which a pair is met, by taking its logarithm from the score:

$divided$

Then all rounds together equal one softmax over all pairs found: exactly, not nearly.`,
      attempt: 'Divide.',
    },
    '07.1': {
      title: 'Two streams',
      text: `Now the other cost, depth. A *reversible layer* carries two streams. Attention reads the second and is added to the first; the
feed-forward part reads the first and is added to the second:

$forward1$

$forward2$

In each line [one stream is read](stage), the other only added to. (What is read is normalized first.)`,
      attempt: 'Run it up and down.',
    },
    '07.2': {
      title: 'Backwards: first the last',
      text: `At the top we have $y1$ and $y2$, and no activation. What can be undone? The [last addition](stage). It was computed from $y1$,
and $y1$ is there, so it can be computed once more and subtracted:

$back1$

(What is [kept](readout) are bucket ids: see the last step.)`,
      attempt: 'Go to the phase before, at the top, and watch the second stream.',
    },
    '07.3': {
      title: 'Then the first',
      text: `Now that $x2$ is back, attention can be [computed again](stage):

$back2$

The order matters: attention had read $x2$, so $x2$ has to come first. Both inputs are the outputs of the layer below, and so it goes on to
the bottom.`,
      attempt: 'Go to the bottom.',
    },
    '07.4': {
      title: 'What it saves, what it costs',
      text: `With {layers} layers a training step holds [{activationsReversible}](memory) instead of {activationsAll}. The chart’s blue bars
hardly grow with depth: they hold one layer’s activations at a time, and both streams at the top.

The price is time: every layer is computed once more on the way down. Reversible layers do not make training faster. They make it fit.`,
      attempt: 'Let each layer [keep](keep) everything, as usual.',
    },
    '07.5': {
      title: 'Nearly what it was',
      text: `Numbers on a computer are rounded, so what comes back is not quite what went in: this layer is [off by {drift}](readout) at
most. That does no harm, with one exception.

A vector near a border may hash differently the second time, here [{flipped}](readout) of all hashes. Then the layer would subtract
something other than it added. So one small thing is kept: the bucket ids.`,
      attempt: 'See how it was higher up, where less had gone wrong.',
    },
    '08.1': {
      title: 'Both ideas, one model',
      text: `LSH attention inside reversible layers: that is the *Reformer*. Here is a small one. It learns the paper’s test: a random word
of symbols, and the same word again. A model that finds the right place in the first half can predict the second. A Transformer finds it
with full attention. Can hashing?`,
      attempt: 'Run it to the bottom: on the way, only bucket ids were kept.',
    },
    '08.2': {
      title: 'Train it',
      text: `Every [training step](train) draws new sequences, runs up and down, and corrects all weights, here on your device. The
[loss](loss) says how surprised the model is by each symbol. It begins near or above the dashed line of guessing, and falls when attention
has found where to look.`,
      attempt: 'Train, and watch. Press again to stop.',
    },
    '08.3': {
      title: 'Beside a standard one',
      text: `Do reversible layers learn worse? Train a [standard Transformer](standard) of the same size beside it, from the same start, on
the same sequences. The two [curves](loss) differ as two runs do, no more: at equal settings both learn alike, in the paper too.`,
      attempt: 'Train both.',
    },
    '08.4': {
      title: 'Evaluate it with other rounds',
      text: `The page brings trained models, each [evaluated with several numbers of rounds](accuracy), beside the paper’s. More rounds than
in training still help: in the paper, from {paper44} to {paper48} for the model trained with four. With one round, {paper41} is left.

The model trained with full attention suffers more: with one round it reaches {paper01}. An independent reproduction found even less
({fastai}). Ours are small; compare.`,
      attempt: 'Evaluate with eight rounds.',
    },
    '08.5': {
      title: 'A little behind in translation',
      text: `From English to German the paper tried reversible layers alone, since sentences are shorter than a chunk. In BLEU, the usual
score of translations, on the test of {newstest}: {bleuBase} for the small reversible model after {stepsBase} steps and {bleuLonger} after
{stepsLonger}, {bleuBig} for the large one. The first Transformer had {vaswaniBase} and {vaswaniBig}.

Later a Transformer reached {ottBig}, a little more. Not because its layers are better: by then the standard model had been tuned for years.`,
    },
    '09.1': {
      title: 'What grows with length',
      text: `The largest thing a step of training has to hold, by the paper’s Table {tableThree}, for one sequence. First a standard
Transformer, then with reversible layers, then with LSH:

$standardMemory$

$reversibleMemory$

$reformerMemory$

Subscripts name layers, heads and widths. Depth is gone with the first idea, the [square](matrix) with the second; $c$ stands for what a
query meets in a chunk, and is the same for any length. (Feed-forward parts run in slices of the text, which takes care of their width.)`,
      attempt: 'Four rounds: see at the top right what they add.',
    },
    '09.2': {
      title: '{gigabytes}, by formula',
      text: `Take {modelLayers} layers of width {modelWidth}, {modelHeads} heads, four bytes a number. Then {gigabytes} of activations are

{fitsStandard} tokens for the standard Transformer,

{fitsReversible} with reversible layers,

{fitsReformer} once the square is gone as well.

The last counts a single array as wide as the model. Work needs several at once (streams, queries, values, gradients), which leaves about
{million}.`,
    },
    '09.3': {
      title: '… and as allocated here',
      text: `A formula is a promise, an allocation a fact. LSH attention of {n} tokens holds [{gpuBytes}](device) on your device now, all
buffers counted: {bytesPerToken} a token, a little less for longer texts, as some buffers have a fixed size. By this measure {gigabytes}
would hold {fitsHere} tokens of one such head.`,
      attempt: 'Twice the tokens: nearly twice the bytes.',
    },
    '09.4': {
      title: 'Run the largest that fits',
      text: `Google announced in {announced}: up to {million} words on one accelerator with {gigabytes}. Trax’s own notebook has {notebook}
tokens on each core.

And here? [Tokens](n) go up to {mostTokens}. A software GPU takes a minute or more for that; you can stop it.`,
      attempt: 'Begin with {tokens64k}. If that went well, take more.',
    },
    '10.1': {
      title: 'When it is slower',
      text: `Hashing and sorting take time before anything is saved. With these {n} tokens LSH attention took {lshTime}, full attention
[{fullTime}](times).

In the paper’s Figure {figureFive} four rounds win from about {crossing} tokens. Between {crossingLow} and {crossingHigh}, depending on
rounds and program, is a fair summary. Below that, use full attention.`,
      attempt: 'Measure where it is on your device.',
    },
    '10.2': {
      title: 'What hashing misses',
      text: `Hashing finds *similar* pairs. Attention spread over many keys, each with a little, is lost in parts. Token {token} captures
{captured} with {rounds} rounds, and [these keys](missed-keys) were found by none. Sharp attention suits LSH, diffuse attention does not,
and nobody tells you beforehand which you have.`,
      attempt: 'Eight rounds.',
    },
    '10.3': {
      title: 'The future moves the walls',
      text: `Causal attention must not depend on later tokens. But later tokens are sorted in between, and move the walls of chunks. Without
the [bucket mask](bucketMask), outputs of earlier tokens then change with the future. We took {leakTokens} tokens and replaced the last
quarter: in [trax](preset), {leakOne} of the earlier outputs change with one round and {leakEight} with eight. With the paper’s mask, none.`,
      attempt: 'Put on the mask: own bucket only.',
    },
    '10.4': {
      title: 'Not the last word',
      text: `Soon exact attention learnt to live without the large matrix: computed in tiles that never leave fast memory (FlashAttention,
{flashYear}), it needs memory like $n$ and, though its work is still $square$, is so fast that it beats hashing at most lengths in use. It
also misses nothing.

What remained: computing activations again is daily practice, and longer texts ask anew which pairs are worth computing.`,
      attempt: 'One round: what sparse attention leaves out.',
    },
  },
};
