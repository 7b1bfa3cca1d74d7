/** `lab generate`, `lab perplexity` and `lab pack`: language models that continue and measure texts. */
import { Weights } from '../model/parameters';
import { InputError } from '../shared/errors';
import { checkSampling, type Sampling } from '../text/sampling';
import type { Tokenizer } from '../text/tokenizer';
import { yardsticksOf } from '../text/yardsticks';
import { continuationOf } from '../training/text-generator';
import { lossWith, scoringWindows } from '../training/text-loss';
import { readTextModel, writeTextModel } from '../training/text-model';
import { readText } from './book';
import { dawnContext } from './dawn';
import { readInput, writeWhole } from './files';
import { openLanguageModel, useNames, useOptions, wholeNumber } from './language-models';
import { isOn, number, oneOf, parseCommandLine } from './options';
import { Interrupted, interruption, progress } from './progress';

export const textUsage = `generate --model FILE|FOLDER --prompt TEXT [--tokens 100] [--temperature 0.8] [--top-k 0] [--top-p 1] [--seed 0]
    [--rounds R|full] [--hash-seed S] [--start POSITION] [--json]
  Continues a text. Prints the new text as it grows, or with --json one object with ids and text. FILE is a text model of this lab. FOLDER
  holds a published model: config.json, model.safetensors or its parts, and tokenizer.json or spiece.model. --start is the position of its
  first token. Ctrl-C ends the text there.

perplexity --model FILE|FOLDER TEXT [--rounds R|full] [--hash-seed S] [--start POSITION] [--part last10] [--json]
  Prints the mean loss of a file of text, or of the book, in nats a token and a byte. --part last10 is its last tenth; then the losses of
  two models that count the bytes of the first nine tenths stand beside it. "perplexity FOLDER TEXT" names the model too.

pack MODEL OUT
  Writes a text model with one byte a weight, without what training needs to go on.`;

/** Runs `pack`. @throws InputError for a file that is no text model. */
export async function pack(argv: string[]): Promise<void> {
  const { files } = parseCommandLine(argv, []);
  if (files.length !== 2) throw new InputError('pack needs a text model and the file to write.');
  await writeWhole(files[1], writeTextModel(readTextModel(await readInput(files[0])), 8));
}

/** Runs `generate`. @throws InputError for invalid options; Interrupted after Ctrl-C, when the text so far is printed. */
export async function generate(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, [
    ...['model', 'prompt', 'tokens', 'temperature', 'top-k', 'top-p', 'seed', 'json'],
    ...useNames,
  ]);
  if (files.length > 0)
    throw new InputError(`generate takes no file ${JSON.stringify(files[0])}; give the text by --prompt.`);
  const sampling: Sampling = {
    temperature: number('temperature', flags.get('temperature') ?? 0.8),
    topK: number('top-k', flags.get('top-k') ?? 0),
    topP: number('top-p', flags.get('top-p') ?? 1),
    seed: number('seed', flags.get('seed') ?? 0),
  };
  checkSampling(sampling);
  const count = wholeNumber('tokens', flags.get('tokens') ?? 100, 1, 2 ** 20);
  const use = useOptions(flags);
  const isQuiet = isOn('json', flags);
  const model = await openLanguageModel(flags.get('model'));
  const { tokenizer, ends } = model;
  const prompt = Array.from(tokenizer.encode(flags.get('prompt') ?? ''));
  if (prompt.length === 0) throw new InputError('--prompt TEXT is needed; the text must have at least one character.');
  // The last new token is not read.
  const ready = model.ready({ ...use, first: prompt.length, length: prompt.length + count - 1 });
  if (prompt.length > ready.length)
    throw new InputError(`--prompt has ${prompt.length} tokens, but the model reads at most ${ready.length}.`);
  const context = await dawnContext();
  const continuation = continuationOf(context, tokenizer, ready);
  const ids: number[] = [];
  const promptText = tokenizer.decode(prompt);
  // A piece may begin with a blank that is left out at the start of a text, so the new text is decoded behind the prompt. Nothing of an end
  // is text.
  const textOf = () =>
    tokenizer.decode([...prompt, ...ids.filter((id) => !ends.includes(id))]).slice(promptText.length);
  let printed = 0;
  const report = progress();
  const interrupted = await continuation
    .continue([prompt], count, sampling, {
      signal: interruption(),
      isEnd: (id) => ends.includes(id),
      onToken: (_, id) => {
        ids.push(id);
        // The last characters may still be incomplete.
        const text = textOf().replace(/\uFFFD+$/, '');
        if (!isQuiet) process.stdout.write(text.slice(printed));
        printed = Math.max(printed, text.length);
        // On a terminal the text itself shows the progress.
        if (isQuiet || !process.stdout.isTTY) {
          report((seconds) => `${ids.length} of ${count} tokens, ${(ids.length / seconds).toFixed(1)} tokens/s`);
        }
      },
    })
    .then(
      () => undefined,
      (error) => {
        if (error instanceof Interrupted) return error;
        throw error;
      },
    );
  context.destroy();
  const text = textOf();
  if (isQuiet) console.log(JSON.stringify({ prompt, ids, text }));
  else console.log(text.slice(printed));
  if (interrupted) throw interrupted;
}

/** Runs `perplexity`. @throws InputError for invalid options; Interrupted after Ctrl-C. */
export async function perplexity(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['model', 'part', 'json', ...useNames]);
  const path = flags.get('model') ?? (files.length === 2 ? files.shift() : undefined);
  if (files.length !== 1) throw new InputError('perplexity needs a model and one file of text.');
  const part = oneOf('part', flags.get('part') ?? 'all', ['all', 'last10']);
  const use = useOptions(flags);
  const model = await openLanguageModel(path);
  const whole = await readText(files[0]);
  const cut = part === 'last10' ? Math.floor(0.9 * whole.length) : 0;
  const text = whole.slice(cut);
  const ids = model.tokenizer.encode(text);
  if (ids.length < 2) throw new InputError(`${files[0]} has ${ids.length} tokens; a loss needs at least 2.`);
  const { settings, values, directions, length } = model.ready({ ...use, first: ids.length, length: ids.length });
  const signal = interruption();
  const context = await dawnContext();
  const weights = new Weights(context, settings, false);
  weights.upload(values);
  const windows = [...scoringWindows(ids, length)];
  const report = progress();
  let done = 0;
  const { nats, targets } = await lossWith(context, weights, settings, directions, { batch: 1, n: length }, windows, {
    signal,
    onBatch: () => {
      done++;
      report((seconds) => `${done} of ${windows.length} windows, ${((done * length) / seconds).toFixed(0)} tokens/s`);
    },
  });
  context.destroy();
  const bytes = new TextEncoder().encode(text).length - firstBytes(model.tokenizer, ids[0]);
  const inBytes = (part: string) => new TextEncoder().encode(part);
  const yardsticks = part === 'last10' ? yardsticksOf(inBytes(whole.slice(0, cut)), inBytes(text)) : undefined;
  const result = { tokens: targets, natsPerToken: nats / targets, bytes, natsPerByte: nats / bytes };
  if (isOn('json', flags)) {
    console.log(JSON.stringify({ ...result, ...(yardsticks && { yardsticks }) }));
    return;
  }
  const { natsPerToken, natsPerByte } = result;
  console.log(`${targets} tokens: ${natsPerToken.toFixed(4)} nats a token, ${natsPerByte.toFixed(4)} nats a byte`);
  if (yardsticks) {
    const { letters, fourBytes } = yardsticks;
    console.log(
      `by the first nine tenths: letter frequencies ${letters.toFixed(4)}, counts after four bytes ${fourBytes.toFixed(4)} nats a byte`,
    );
  }
}

/** Bytes of the text before the second token. A first piece may have a blank that the text lacks, or only a part of a character. */
function firstBytes(tokenizer: Tokenizer, id: number): number {
  const text = tokenizer.decode([id]);
  return text.includes('\uFFFD') ? tokenizer.piece(id).length : new TextEncoder().encode(text).length;
}
