/** `lab train text`: trains a language model on text or on the guide's dialogues. */

import type { Batch } from '../algorithm/duplication-task';
import { InputError } from '../shared/errors';
import { ByteBpe } from '../text/byte-bpe';
import { guideBatch, textBatch } from '../text/data';
import { dialogue } from '../text/guide/dialogue';
import { formatDialogue } from '../text/guide/format';
import { greedy } from '../text/sampling';
import { ModelTrainer } from '../training/model-trainer';
import { TextGenerator } from '../training/text-generator';
import { lossOf, scoringWindows } from '../training/text-loss';
import {
  adamOf,
  checkTextTraining,
  defaultTextTraining,
  readTextModel,
  type TextModelFile,
  type TextModelName,
  type TextTraining,
  textSettings,
  textSizes,
  writeTextModel,
} from '../training/text-model';
import { bookName, readText } from './book';
import { dawnContext } from './dawn';
import { readInput, writeWhole } from './files';
import { isOn, number, oneOf, parseCommandLine } from './options';

export const trainTextUsage = `train text [--data guide|book|FILE] [--model guide|book|S|XS] [options] --save FILE [--resume FILE] [--json]
  Trains a language model. --data guide makes dialogues of a town's guide, book is Moby-Dick, FILE is a text. The last
  tenth of a text is held out.
    --minutes M (stop after M minutes)  --steps 4000 (of the whole schedule)  --until STEP (stop there)  --batch 8  --rate 0.003  --warm-up 200
    --decay 0.01  --seed 1  --mode stored|reversible
  Prints loss and speed, and every 500 steps the loss of held-out text and a sample. Saves weights and Adam's moments every five minutes, at
  the end and on Ctrl-C. --resume goes on from such a file, with its data and schedule. --json prints only the last line.`;

/** Dialogues from which the pieces are learned. */
const dialoguesForPieces = 3000;

/** What the guide is asked for a sample. */
const samplePrompt = 'Visitor: Hello. I use the name Jubrihal.\nGuide:';

/** Runs the command. @throws InputError for invalid options. */
export async function trainText(argv: string[]): Promise<void> {
  const known = [
    'data',
    'model',
    'minutes',
    'steps',
    'until',
    'batch',
    'rate',
    'warm-up',
    'decay',
    'seed',
    'mode',
    'save',
    'resume',
    'json',
  ];
  const { files, flags } = parseCommandLine(argv, known);
  if (files.length > 0)
    throw new InputError(`train text takes no file ${JSON.stringify(files[0])}; name the text by --data.`);
  const save = flags.get('save');
  if (save === undefined) throw new InputError('train text needs --save FILE.');
  const resumed = flags.has('resume') ? readTextModel(await readInput(flags.get('resume') as string)) : undefined;
  if (resumed && !resumed.moments)
    throw new InputError('The file of --resume has no moments of Adam; a training cannot go on from it.');
  const fixed = ['data', 'model', 'steps', 'batch', 'rate', 'warm-up', 'decay', 'seed'].find((flag) => flags.has(flag));
  if (resumed && fixed !== undefined)
    throw new InputError(`--${fixed} cannot be changed with --resume; the file holds it. Leave the option out.`);
  const data = resumed?.training.data ?? flags.get('data') ?? 'guide';
  const name = oneOf(
    'model',
    flags.get('model') ?? (data === 'guide' || data === bookName ? data : 'S'),
    Object.keys(textSizes),
  ) as TextModelName;
  const sizes = resumed?.sizes ?? textSizes[name];
  const value = (flag: string, fallback: number) => number(flag, flags.get(flag) ?? fallback);
  const training: TextTraining = resumed?.training ?? {
    data,
    seed: value('seed', defaultTextTraining.seed),
    batch: value('batch', defaultTextTraining.batch),
    rate: value('rate', defaultTextTraining.rate),
    warmUp: value('warm-up', defaultTextTraining.warmUp),
    decay: value('decay', defaultTextTraining.decay),
    steps: value('steps', defaultTextTraining.steps),
    step: 0,
  };
  const mode = oneOf('mode', flags.get('mode') ?? 'stored', ['stored', 'reversible']) as 'stored' | 'reversible';
  checkTextTraining(training);
  const minutes = value('minutes', Number.MAX_SAFE_INTEGER);
  if (!(minutes > 0)) throw new InputError(`minutes is ${minutes}; it must be above 0.`);
  const until = value('until', training.steps);
  if (!Number.isInteger(until) || until < 1 || until > training.steps)
    throw new InputError(
      `until is ${until}; it must be a whole number from 1 to ${training.steps}, the steps of the schedule.`,
    );
  const text = data === 'guide' ? undefined : await readText(data);
  const learned = text?.slice(0, Math.floor(0.9 * text.length));
  const tokenizer = resumed?.tokenizer ?? ByteBpe.train(learned ?? guideText(training.seed), sizes.vocabulary);
  const ids = learned === undefined ? undefined : tokenizer.encode(learned);
  const rest = text === undefined ? undefined : tokenizer.encode(text.slice(learned?.length));
  if ((ids && ids.length < 2) || (rest && rest.length < 2))
    throw new InputError(`${data} is too short; both its first nine tenths and its last need at least 2 tokens.`);
  const isQuiet = isOn('json', flags);
  const report = (line: string) => {
    if (!isQuiet) console.error(line);
  };
  const shape = { batch: training.batch, n: sizes.length };
  const context = await dawnContext();
  const trainer = new ModelTrainer(
    context,
    {
      settings: textSettings(sizes),
      shape,
      adam: adamOf(training),
      seed: training.seed,
      embedding: 0.05,
      batchOf: (step) =>
        ids ? textBatch(ids, shape, training.seed, step) : guideBatch(tokenizer, shape, training.seed, step),
    },
    mode,
  );
  const fileOf = (): TextModelFile => ({
    sizes,
    tokenizer,
    training: { ...training, step: trainer.step },
    values: new Map(),
    moments: undefined,
  });
  if (resumed) trainer.load(resumed.values, resumed.training.step, resumed.moments);
  const heldOut = async () => {
    const limit = 16;
    const batches = rest
      ? scoringWindows(rest.subarray(0, limit * sizes.length), sizes.length)
      : Array.from({ length: limit }, (_, k) =>
          guideBatch(tokenizer, { batch: 1, n: sizes.length }, training.seed, k, true),
        );
    let bytes = 0;
    function* counted() {
      for (const batch of batches as Iterable<Batch>) {
        for (const [at, target] of batch.targets.entries()) {
          if (target >= 0 && batch.weights?.[at] !== 0) bytes += tokenizer.piece(target).length;
        }
        yield batch;
      }
    }
    const { weights } = trainer;
    const { nats } = await lossOf(context, weights, fileOf(), sizes.rounds, { batch: 1, n: sizes.length }, counted());
    const generator = new TextGenerator(context, weights, fileOf(), { rounds: sizes.rounds });
    const prompt = tokenizer.encode(text ? text.slice(0, 40) : samplePrompt);
    const [sample] = await generator.continue([prompt], 48, greedy);
    generator.free();
    report(`held out: ${(nats / bytes).toFixed(4)} nats a byte; ${JSON.stringify(tokenizer.decode(sample))}`);
    return nats / bytes;
  };
  const write = async () => {
    const values = await trainer.weights.read();
    const moments = await trainer.weights.read('moments');
    await writeWhole(save, writeTextModel({ ...fileOf(), values, moments }));
  };
  const start = performance.now();
  const first = trainer.step;
  let savedAt = start;
  const seconds = () => (performance.now() - start) / 1000;
  let isStopped = false;
  process.once('SIGINT', () => {
    isStopped = true;
  });
  while (trainer.step < until && seconds() < 60 * minutes && !isStopped) {
    await trainer.train();
    if (trainer.step % 10 === 0) {
      const recent = await trainer.recent(10);
      const loss = recent.reduce((sum, [loss]) => sum + loss, 0) / recent.length;
      const accuracy = recent.reduce((sum, [, accuracy]) => sum + accuracy, 0) / recent.length;
      const speed = ((trainer.step - first) * training.batch * sizes.length) / seconds();
      report(
        `step ${trainer.step}: loss ${loss.toFixed(4)} nats a token, ${(100 * accuracy).toFixed(1)} % right, ${speed.toFixed(0)} tokens/s`,
      );
    }
    if (trainer.step % 500 === 0 && trainer.step < until && !isQuiet) await heldOut();
    if (performance.now() - savedAt > 300_000) {
      await write();
      savedAt = performance.now();
    }
  }
  const recent = await trainer.recent(20);
  await write();
  const natsPerByte = await heldOut();
  context.destroy();
  console.log(
    JSON.stringify({ steps: trainer.step, losses: recent.map(([loss]) => loss), heldOutNatsPerByte: natsPerByte }),
  );
}

function guideText(seed: number): string {
  return Array.from({ length: dialoguesForPieces }, (_, k) => formatDialogue(dialogue(1000 * seed + k))).join('');
}
