/**
 * English words of the lecture's steps, by their ids. `[words](target)` highlight the part of the page that they name, and the reverse.
 * `*words*` are terms where they are introduced. `{name}` is a figure from facts.ts or live.ts, `$name$` an equation. Empty lines separate
 * paragraphs. A paragraph that begins with `> ` is about the step's own settings: its figures stay those of the step. `attempt` proposes what
 * to try. `after` is shown once that is done: `{name.before}` is a figure as it was in the step.
 */
export const steps = {
  '01.1': {
    title: 'Why not just a Transformer?',
    text: `A Transformer is a stack of layers. Each layer has two parts: *attention*, in which tokens look at one another, and a
*feed-forward* part, in which each token is worked on by itself. Each part adds what it computes to the [stream](figure) that runs up.

To learn, the model runs up, sees how wrong it was, and runs down again, correcting every layer. On the way up each part leaves something
behind: the [red boxes](figure) on the right.`,
    attempt: 'Run it forward and back, and watch the boxes come and go.',
    after: 'At the bottom {kept} are left. At the top it was {kept.before}.',
  },
  '01.2': {
    title: 'Why anything is kept',
    text: `Corrections are found by *backpropagation*. Say a matrix $W$ turns $x$ into $y$. The loss $L$, a number, measures how wrong the
model is.

$gradient$

The last factor comes from the layers above, so it is known late. But $x$ went in early, on the way up. So $x$ has to wait. What waits for
the way back is called an *activation*.

> At the phase shown, half-way down, [{kept}](figure) are waiting.`,
    attempt: 'Go on to the bottom.',
    after: 'At the bottom {kept} are waiting, half-way down it was {kept.before}: what was used is let go.',
  },
  '01.3': {
    title: 'N layers, N times the memory',
    text: `Every layer keeps its own, so the [red bars](memory) of the chart grow with depth. This is the first thing that is expensive
about a Transformer.

> With {layers} layers a training step of this small model holds {activationsAll} of activations: [{kept}](figure) that the layers keep, and
{shared} that all layers use in turn. This is not estimated, but counted as it was allocated on your device.`,
    attempt: 'Take away two thirds of the layers.',
    after: 'With {layers} layers a training step holds {activationsAll}, instead of {activationsAll.before}.',
  },
  '01.4': {
    title: 'Two costs, two ideas',
    text: `The other cost is length: attention compares [every pair](matrix) of tokens.

The *Reformer* (Kitaev, Kaiser and Levskaya, {year}) has one idea against each cost. *Hashing* finds the few pairs that matter. *Reversible
layers* compute activations again instead of keeping them.

Numbers like those beside are computed while you read, on your device. Change whatever you like: the lecture waits.

> The selected token, {token}, looks at [{seen} keys](readout): itself, and all before it.`,
    attempt: 'Select another token, by a click or the arrow keys.',
    after: 'Token {token} looks at {seen} keys: later tokens have more.',
  },
  '02.1': {
    title: 'Attention asks everyone',
    text: `Each token sends out a *query* $q$ and offers a *key* $k$ and a *value* $v$. The query is multiplied with every key; a softmax
makes weights of the products; the answer is the weighted sum of the values.

$attention$

In the [matrix](matrix) a row is a query, a column a key, and the colour their weight. No query sees [later tokens](later). The Reformer
uses one vector for both, so that a token has one place to be found: the key is the query at length one, $kHat$.

> Token {token} sees [{seen} keys](readout).`,
    attempt: 'Select a later token.',
    after: 'Token {token} sees {seen} keys: its row is longer.',
  },
  '02.2': {
    title: 'Most of it is next to nothing',
    text: `> Of all keys that token {token} may see, one [holds {twinWeight}](seen-keys) of the weight: its *twin*, token {twin}.

The vectors are made so: the second half of the sequence repeats the first, with a little noise. That is the second diagonal of the
[matrix](matrix).

Trained attention is less tidy, but any softmax is ruled by its largest products. If we knew those keys, the others could be left out.`,
    attempt: 'Make queries shorter.',
    after:
      'The twin holds {twinWeight}, instead of {twinWeight.before}: short queries spread their weight over more keys.',
  },
  '02.3': {
    title: 'Twice as long, four times the work',
    text: `Each of {n} queries may be compared with {n} keys: $squareByN$ = {pairs} pairs. (Half of them lie in the future and are masked,
at any length.)

Twice the tokens are four times the pairs: that is the second thing that is expensive.

> One run of [full attention](times) took {fullTime} on this device.`,
    attempt: 'Double the tokens.',
    after: `There are {pairs} pairs, four times the {pairs.before} of before. One run of full attention took {fullTime}, before
{fullTime.before}. Such short runs vary; the next step measures properly.`,
  },
  '02.4': {
    title: 'And four times the memory',
    text: `Standard attention also writes its [matrix](matrix) down. For {tokens64k} tokens that is {scores64k} scores, {matrix64k} at four
bytes each: more than a whole accelerator with {gigabytes} of memory, for one head of one layer.

Computing the matrix in strips, as this page does, saves the memory. The work is still $square$.`,
    attempt: 'Measure how time grows on your device.',
  },
  '03.1': {
    title: 'Find the similar ones',
    text: `A query gives its weight to keys that point the same way. How to find near neighbours without comparing with everyone? By
*locality-sensitive hashing*, LSH: give each vector a number, its *bucket*, so that vectors close to each other probably get the same one,
and others probably do not. Then look into [your own bucket](rounds-table) only.

[Colours](stage) are buckets.

> Token {token} is in bucket {bucket}, and so is its twin, token {twin}.`,
    attempt: 'Select another token and compare its colour with its twin’s.',
    after: 'Token {token} and its twin, {twin}, are both in bucket {bucket}.',
  },
  '03.2': {
    title: 'Random directions',
    text: `Draw random directions. Each has two ends, and each end stands for a [bucket](buckets): four directions, eight buckets. The
bucket of a vector is the end that it is closest to:

$hash$

The columns of $D$ are the directions, and the bracket holds the products of $x$ with both ends of each. (The paper writes R, and calls it
a rotation.) Nothing is learnt: chance is enough.`,
    attempt: 'Turn the directions, or drag one and all turn, and see colours change.',
  },
  '03.3': {
    title: 'Neighbours fall together',
    text: `Two vectors with a small angle between them are mostly closest to the same direction; the wider the angle, the less often.
Length makes no difference: a longer vector is closest to the same end.

How well does that find what matters? *Captured* is the share of full attention’s weight that lies on pairs which hashing finds, averaged
over all queries.

> With little [noise](noise) twins point nearly the same way, and one round captures [{capturedAll}](curve).`,
    attempt: 'Add noise, so that twins drift apart.',
    after:
      'One round captures {capturedAll}, instead of {capturedAll.before}: twins drift apart, and so do their buckets.',
  },
  '03.4': {
    title: 'Often is not always',
    text: `Between any two neighbours a border may run. That is the bargain: hashing spares comparisons, and pays with misses. It makes
attention faster, not more accurate.

> A border runs between token {token} and its twin, {twin}: they are closest to different ends. The [heaviest key](missed-keys) that the
token misses is that twin, worth {missedFull} of its attention. It captures {captured}.`,
    attempt: 'Turn all directions a little, and every border moves.',
    after: `Token {token} and its twin are on one side: the token captures {captured}, before {captured.before}. Elsewhere the moved
borders part others.`,
  },
  '04.1': {
    title: 'Sort by bucket',
    text: `Above, tokens stand in the order of the text. Below they are [sorted by bucket](sorted), and within a bucket by position. A line
takes each token to its new place. Now members of a bucket stand side by side.

As buckets are few and known, sorting needs no comparing: count how many go where, add up, put each in its place. That takes a time
proportional to $n$.

> Token {token} is in bucket {bucket}.`,
    attempt: 'Select the twin: its line ends close by.',
    after: 'Token {token}, the twin, is in bucket {bucket} too.',
  },
  '04.2': {
    title: 'Buckets are uneven',
    text: `Chance is not fair: some [buckets](buckets-chart) are much larger than others. A GPU is fast when all its processors do the same
amount of work. If each bucket were a piece of work, all would wait for the largest.

> The largest bucket has {largestBucket} of the {n} tokens, the smallest {smallestBucket}.`,
    attempt: 'Take fewer buckets.',
    after: 'The largest bucket grows: {largestBucket} tokens, before {largestBucket.before}.',
  },
  '04.3': {
    title: 'Chunks are equal',
    text: `So the sorted list is cut not where buckets end, but after every [{chunk} tokens](chunk), $m$ in formulas: the walls between
*chunks*. A [query looks](window) at its own chunk and at the one before, so it meets at most $twice$ keys, here {window}. Of these it takes
only those of its own bucket; the others are masked (the *bucket mask*).

So a query has at most $twice$ scores, however long the text is. Twice the text is now twice the work.`,
    attempt: 'Make chunks twice as long.',
    after: 'Fewer walls, more work: a query meets up to {window} keys, before {window.before}.',
  },
  '04.4': {
    title: 'What is left of the matrix',
    text: `The same pairs, with rows and columns [sorted by bucket](matrixOrder). What is [seen](seen) lies in blocks along the diagonal.
The rest is never computed. The [missed](missed) pairs are known because the page computes full attention as well.`,
    attempt: 'Back to the order of the text: the blocks scatter.',
    after: 'The blocks are scattered, but the pairs are the same: they capture {capturedAll}, as before.',
  },
  '04.5': {
    title: 'Sort it yourself',
    text: `Sixteen tokens, four buckets, chunks of four. Sort them by bucket as in the [sorted order](sorted), cut the order into chunks, and
tick the keys that a query sees. The page marks what differs from the algorithm.`,
    attempt: 'Sort sixteen tokens by hand.',
  },
  '05.1': {
    title: 'A bucket cut in two',
    text: `Chunks are cut without asking the buckets, so a bucket may begin in one chunk and go on in the next. Then a wall stands between
its members. A query [looks back](window) one chunk, and finds them all the same.

> Such a wall stands between token {token} and its twin. By looking back the token [sees {seen} keys](readout), which hold {captured} of
its attention.`,
    attempt: 'Select the next token: its twin stands across a wall too.',
    after: 'Token {token} finds its twin across the wall as well: it captures {captured}.',
  },
  '05.2': {
    title: 'Without looking back',
    text: `With [look-back](lookBack) off, a query meets only its own chunk. Tokens of its bucket that stand there but come later in the
text do not count, as none may see the future. The [error](curve) is the distance of all answers from those of full attention, relative to
their length.

> Token {token} sees [{seen} key](readout), itself, and captures {captured}. Over all queries {capturedAll} is captured, and the error is
{error}.`,
    attempt: 'Look back one chunk.',
    after: `Token {token} captures {captured}, before {captured.before}. Over all queries it is {capturedAll}, before {capturedAll.before},
and the error falls from {error.before} to {error}.`,
  },
  '05.3': {
    title: 'How long may a bucket be?',
    text: `With one chunk of look-back, a bucket of up to $longest$ tokens is seen whole, wherever the walls fall. A longer one, up to
$twice$, is seen whole only if they fall well. Above $twice$, some pair is always missed. The paper’s remedy is plenty of buckets, so that
on average each fills half a chunk.

> Here are four. The [largest bucket](buckets-chart) has {largestBucket} tokens, more than the {window} that a query meets. Token {token}
shares its bucket with its twin, but too far apart: it captures {captured}.`,
    attempt: 'Take more buckets.',
    after: `The largest bucket has {largestBucket} tokens, fewer than the {window} that a query meets. Token {token} captures {captured},
before {captured.before}.`,
  },
  '05.4': {
    title: 'Who comes before the first?',
    text: `Nobody stands before the first chunk. In the paper, its tokens look at their own chunk only. In trax, the authors’ later code,
they look at [the last chunk](window) of the round before: the chunks of all rounds form a ring.

[Trax](preset) also has no bucket mask: a query takes all earlier keys that it meets, of any bucket. Here each difference is a switch,
under “Convention”.

> Token {token} sees {seen} keys. Over all queries {capturedAll} is captured.`,
    attempt: 'Choose the paper’s version.',
    after: `Token {token} sees {seen} keys, before {seen.before}, and {capturedAll} is captured, before {capturedAll.before}: the mask hides
the keys of other buckets. Chapter ten tells what it is good for.`,
  },
  '06.1': {
    title: 'One round misses',
    text: `One set of directions, one sorting, one look: that is a *round*. Bad luck in one is not fate. Other directions would have put
the borders elsewhere.

> Token {token} has bad luck: its twin fell into another bucket, and the [keys that it missed](missed-keys) hold nearly everything. It
captures {captured}.`,
    attempt: 'Hash once more.',
    after: `In the second round the twin is elsewhere again: token {token} captures {captured}. But over all queries two rounds capture
{capturedAll}, one round {capturedOne}.`,
  },
  '06.2': {
    title: 'Hash again',
    text: `Four rounds now, each with its own directions and its own lines, one behind the other. If one round finds a pair with
probability $p$, then $R$ rounds find it with

$found$

For an even chance and four rounds that is {evenChance}.

> For token {token}, three rounds miss the twin; the [last one finds it](seen-keys), and the token captures {captured}.`,
    attempt: 'Put another round in front.',
    after: 'Another round in front, but the same four together: the token captures {captured}.',
  },
  '06.3': {
    title: 'What rounds buy',
    text: `More [rounds](rounds), more accurate. The first help most: later ones find much that was found before.

> After one round {capturedOne} of full attention’s weight was captured, after {rounds} it is [{capturedAll}](curve). The error falls from
{errorOne} to {error}.`,
    attempt: 'Go on.',
    after:
      'After {rounds} rounds {capturedAll} is captured. The second half of them adds less than the first half did.',
  },
  '06.4': {
    title: 'What rounds cost',
    text: `Each round hashes, sorts and attends anew, so work grows with their number: a query has up to $slots$ scores, here {slots}.
With {tokens64k} tokens, chunks of {chunk64} and eight rounds, {slots64k} scores take the place of {tokens64k}.

> Here a query of full attention has {n} scores at most, and eight rounds make more: texts as short as this are for seeing, not for
winning. From which length [time](times) is won, chapter ten measures.`,
    attempt: 'Take two rounds.',
    after: `A query has up to {slots} scores, before {slots.before}. The price: {capturedAll} is captured, before
{capturedAll.before}.`,
  },
  '06.5': {
    title: 'A weighted sum',
    text: `How do rounds become one answer? Each round $r$ gives a query $i$ an answer $oRound$, and a number $zRound$ that is large if
the round found much attention: the logarithm of the sum of its exponentiated scores. $zAll$ is the same for all rounds together.

$combine$

It is no average: a round of bad luck weighs little, and does no harm.

> For token {token}, two rounds found the twin and share the weight: the heavier [round](rounds-table) has {mostWeight}.`,
    attempt: 'Select a token that only one round helps.',
    after: 'For token {token}, the one round that found the twin weighs {mostWeight}.',
  },
  '06.6': {
    title: 'Met more than once',
    text: `Close pairs meet in many rounds. If they are [counted every time](duplicates), they weigh too much. The paper divides by the
number $meetings$ of rounds in which a pair is met, by taking its logarithm from the score:

$divided$

Then all rounds together equal one softmax over all pairs found: exactly, not nearly.

> Here pairs are counted every time. With {rounds} rounds the [error](curve) is {error}.`,
    attempt: 'Divide.',
    after: 'Divided, the error falls from {error.before} to {error}.',
  },
  '07.1': {
    title: 'Two streams',
    text: `Now the other cost, depth. In a [standard layer](figure) $standardLayer$. To get $x$ back from $y$, one would have to
subtract $fx$, and to compute that, one needs $x$.

A *reversible layer* carries two streams. Each part reads one, and is added to the other:

$forward1$

$forward2$

What was read is still there afterwards, so what was added can be computed again. (What is read is normalized first.)`,
    attempt: 'Try to undo both.',
  },
  '07.2': {
    title: 'Backwards: first the last',
    text: `At the top we have $y1$ and $y2$, and no activation. What can be undone? The [last addition](stage). It was computed from $y1$,
and $y1$ is there, so it can be computed once more and subtracted:

$back1$

> This was done one phase ago, in the highest layer. What is [kept](readout), {kept}, are bucket ids: the last step tells why.`,
    attempt: 'Go to the phase before, at the top, and watch the second stream.',
    after:
      'The second stream is $y2$ again. What is kept is the same, {kept} of bucket ids: the feed-forward part had kept nothing.',
  },
  '07.3': {
    title: 'Then the first',
    text: `Now that $x2$ is back, attention can be [computed again](stage):

$back2$

The order matters: attention had read $x2$, so $x2$ has to come first. Both inputs are the outputs of the layer below, and so it goes on to
the bottom.`,
    attempt: 'Go to the bottom.',
    after: 'At the bottom both streams are the embeddings again, and {kept} are kept.',
  },
  '07.4': {
    title: 'What it saves, what it costs',
    text: `The chart’s [blue bars](memory) hardly grow with depth: they hold one layer’s activations at a time, and both streams at the top.

The price is time: every layer is computed once more on the way down. Reversible layers do not make training faster. They make it fit.

> With {layers} layers a training step holds [{activationsReversible}](memory) instead of {activationsAll}. Of this the layers keep {kept},
as bucket ids.`,
    attempt: 'Let each layer [keep](keep) everything, as usual.',
    after: 'The layers keep {kept}. As bucket ids it was {kept.before}.',
  },
  '07.5': {
    title: 'Nearly what it was',
    text: `Numbers on a computer are rounded, so what comes back is not quite what went in. That does no harm, with one exception: a vector
near a border may hash differently the second time. Then the layer would subtract something other than it added. So one small thing is kept,
the bucket ids.

> The lowest layer is [off by {drift}](readout) at most. Hashed anew, {flipped} of its hashes would differ: rarely any, but a single one
would do.`,
    attempt: 'See how it was higher up.',
    after: 'Higher up it is off by {drift} at most, at the bottom by {drift.before}: less had gone wrong.',
  },
  '08.1': {
    title: 'Both ideas, one model',
    text: `LSH attention inside reversible layers: that is the Reformer. Here is a small one. It learns the paper’s test: a random word of
symbols, and the [same word again](figure). Nobody can predict the first word. But a model that finds the right place in it can predict the
second. A Transformer finds it with full attention. Can hashing?`,
    attempt: 'Draw another word.',
  },
  '08.2': {
    title: 'Train it',
    text: `Every [training step](train) draws new words, runs up and down, and corrects all weights, here on your device. The [loss](loss)
measures how surprised the model is by each symbol of the second word, in *nats*: e to the loss is the number of symbols between which it is
torn. It begins at guessing, the dashed line, or above, and falls when attention has found where to look. [Below the word](figure) are the model’s
guesses.`,
    attempt: 'Train until the loss falls; it takes many steps. Press again to stop.',
    after: 'The loss is {loss} nats: attention looks at the right place.',
  },
  '08.3': {
    title: 'Beside a standard one',
    text: `Do reversible layers learn worse? Train a [standard Transformer](standard) of the same size beside it. Both begin anew, from the
same start, on the same words: the model of the last step is let go. The two [curves](loss) differ as two runs do, no more: at equal
settings both learn alike, in the paper too.`,
    attempt: 'Train both.',
    after:
      'Both have found it: the loss is {loss} nats for the reversible model, and {lossStandard} for the standard one.',
  },
  '08.4': {
    title: 'Evaluate it with other rounds',
    text: `The page brings trained models. Each row is one, [evaluated with several numbers of rounds](accuracy); the small figures are the
paper’s. Look along a row: a model loses with fewer rounds than in training, not with more.

In the paper the model trained with four rounds reaches {paper41} with one. Trained with full attention it reaches {paper01}: its vectors
were not made for hashing. With full attention the paper’s hashing models fail ({paper40}). Ours do not: here pairs are counted once, so
many rounds and full attention are nearly the same.`,
    attempt: 'Mark the column of eight rounds.',
  },
  '08.5': {
    title: 'A little behind in translation',
    text: `From English to German the paper tried reversible layers alone, since sentences are shorter than a chunk: no hashing. The
[picture](figure) has the scores in BLEU, the usual measure, on {newstest}. The reversible models are ahead of the first Transformer.
One standard model is a little ahead of them, {ottBig} to {bleuBig}.

Not because its layers are better: by then the standard model had been tuned for years.`,
    attempt: 'Leave out what was tuned later.',
  },
  '09.1': {
    title: 'What grows with length',
    text: `How much must a training step hold, by the paper’s Table {tableThree}? For one sequence of $n$ tokens: a standard Transformer,
then with reversible layers, then with LSH:

$standardMemory$

$reversibleMemory$

$reformerMemory$

times four bytes, with $nLayers$ = {modelLayers} layers, $nHeads$ = {modelHeads} heads, $dModel$ = {modelWidth} numbers a token and $dFf$ =
{modelFeedForward} inside feed-forward parts. $R$ rounds, in each of which a query meets $c$ = {modelMet} keys, however long the text is.
Depth is gone with the first idea, the square with the second.`,
    attempt: 'Go along the [curves](figure), to where one crosses the line.',
  },
  '09.2': {
    title: '{gigabytes}, by formula',
    text: `Into {gigabytes} fit {fitsStandard} tokens for the [standard Transformer](figure), {fitsReversible} with reversible layers, and
{fitsReformer} once the square is gone as well, with one round. With four rounds it is {fitsFour}, about {million}.

This counts the largest thing only. Work needs more beside it: streams, queries, values, gradients. So read it as a size, not as a promise.`,
    attempt: 'Go from crossing to crossing.',
  },
  '09.3': {
    title: '… and as allocated here',
    text: `A formula is a promise, an allocation a fact. The [dots](figure) are what your device holds for LSH attention, all buffers
counted. They lie lower than the curves, because this is one head of one small layer, forward only. But they rise as the third curve does:
with the length, not with its square.

> {n} tokens hold [{gpuBytes}](device), {bytesPerToken} a token.`,
    attempt: 'Take twice the tokens.',
    after: '{n} tokens hold {gpuBytes}, nearly twice the {gpuBytes.before} of before.',
  },
  '09.4': {
    title: 'Run the largest that fits',
    text: `Google announced in {announced}: up to {million} words on one accelerator with {gigabytes}. Trax’s own notebook has {notebook}
tokens on each core. And here? [Tokens](n) go up to {mostTokens}. A software GPU takes a minute or more for that; you can stop it.

Full attention would take much longer. So the page times and compares only some queries of it: the [chart](times) names how many.`,
    attempt: 'Begin with {tokens64k}. If that went well, take more.',
    after: `{n} tokens in one round, but only {capturedAll} is [captured](curve), before {capturedAll.before}: the text is cut into ever more
buckets, and these vectors were drawn, not trained. A trained model does: in the paper one round reaches {paper01} with a model trained on full
attention, {paper11} with one trained on a single round.`,
  },
  '10.1': {
    title: 'When it is slower',
    text: `Hashing and sorting take time before anything is saved. In the paper’s Figure {figureFive} four rounds win from about {crossing}
tokens. Between {crossingLow} and {crossingHigh}, depending on rounds and program, is a fair summary. Below that, use full attention.

> Here a query has up to {slots} scores with LSH and {n} with full attention: as many, and hashing comes on top.`,
    attempt: 'Measure where it is on your device.',
  },
  '10.2': {
    title: 'What hashing misses',
    text: `Hashing finds similar pairs. Sharp attention suits it: few keys hold the weight, and these are close. Diffuse attention does
not: many keys hold a little each, and most are missed. Nobody tells you beforehand which you have.

> Queries are short here, so attention is diffuse. With {rounds} rounds token {token} captures {captured}. The heaviest
[missed key](missed-keys) is worth only {missedFull}, but there are many.`,
    attempt: 'Make queries longer, so that attention is sharp.',
    after: 'Sharp attention: with the same rounds the token captures {captured}, before {captured.before}.',
  },
  '10.3': {
    title: 'The future moves the walls',
    text: `Causal attention must not depend on later tokens. But later tokens are sorted in between, and move the walls of chunks. Without
the [bucket mask](bucketMask), outputs of earlier tokens then change with the future. We took {leakTokens} tokens and replaced the last
quarter: in [trax](preset), {leakOne} of the earlier outputs change with one round and {leakEight} with eight. With the paper’s mask, none.

> Here trax lets token {token} see {seen} keys, of any bucket.`,
    attempt: 'Put on the mask: own bucket only.',
    after:
      'With the mask token {token} sees {seen} keys, before {seen.before}. Those of other buckets are gone, and with them the leak.',
  },
  '10.4': {
    title: 'Not the last word',
    text: `Soon exact attention learnt to live without the large matrix: computed in tiles that never leave fast memory (FlashAttention,
{flashYear}), it needs memory like $n$. Its work is still $square$, but so fast that it beats hashing at most lengths in use. And it misses
nothing.

What remained: computing activations again is daily practice, and longer texts ask anew which pairs are worth computing.

> Eight rounds capture [{capturedAll}](curve).`,
    attempt: 'One round: what sparse attention leaves out.',
    after:
      'One round captures {capturedAll}, eight captured {capturedAll.before}: the [red pairs](missed) are what is left out.',
  },
};
