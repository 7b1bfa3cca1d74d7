/** `lab generate`, `lab chat`, `lab perplexity` and `lab pack`: text models at work. */
import type { Weights } from '../model/parameters';
import { InputError } from '../shared/errors';
import { dialogue } from '../text/guide/dialogue';
import { promptOf } from '../text/guide/format';
import { judgeReply } from '../text/guide/judge';
import type { Turn } from '../text/guide/turn';
import { checkSampling, greedy, type Sampling } from '../text/sampling';
import { TextGenerator, weightsOf } from '../training/text-generator';
import { lossOf, scoringWindows } from '../training/text-loss';
import { readTextModel, type TextModelFile, writeTextModel } from '../training/text-model';
import { dawnContext } from './dawn';
import { readInput, writeWhole } from './files';
import { number, oneOf, parseCommandLine } from './options';

export const textUsage = `generate --model FILE --prompt TEXT [--tokens 100] [--rounds R|full] [--temperature 0.8] [--top-k 0] [--top-p 1] [--seed 0] [--hash-seed S] [--json]
  Continues a text. Prints the new text as it grows, or with --json one object with ids and text.

chat --model FILE [--suite 200] [--seed 0] [--rounds full,8,4,2,1] [--tokens 160 of a reply] [--json]
  Answers held-out dialogues of the guide, and prints the share of replies with all slots right, of refusals, and of replies that end.

perplexity --model FILE TEXT [--rounds R|full] [--part last10] [--json]
  Prints the mean loss of a text in nats a token and a byte.

pack MODEL OUT
  Writes a text model with one byte a weight, without what training needs to go on.`;

/** Replies that are computed side by side. */
const repliesAtOnce = 16;

const roundsOf = (text: string): number => {
  if (text === 'full') return 0;
  const rounds = number('rounds', text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 16)
    throw new InputError(`rounds is ${text}; it must be full or a whole number from 1 to 16.`);
  return rounds;
};

function wholeNumber(name: string, value: unknown, low: number, high: number): number {
  const parsed = number(name, value);
  if (!Number.isInteger(parsed) || parsed < low || parsed > high)
    throw new InputError(`${name} is ${parsed}; it must be a whole number from ${low} to ${high}.`);
  return parsed;
}

async function modelOf(flags: Map<string, string>): Promise<TextModelFile> {
  const path = flags.get('model');
  if (path === undefined) throw new InputError('--model FILE is needed.');
  return readTextModel(await readInput(path));
}

/** Runs `pack`. @throws InputError for a file that is no text model. */
export async function pack(argv: string[]): Promise<void> {
  const { files } = parseCommandLine(argv, []);
  if (files.length !== 2) throw new InputError('pack needs a text model and the file to write.');
  await writeWhole(files[1], writeTextModel(readTextModel(await readInput(files[0])), 8));
}

/** Runs `generate`. @throws InputError for invalid options. */
export async function generate(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, [
    ...['model', 'prompt', 'tokens', 'rounds', 'temperature', 'top-k', 'top-p', 'seed', 'hash-seed', 'json'],
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
  const file = await modelOf(flags);
  const prompt = file.tokenizer.encode(flags.get('prompt') ?? '');
  if (prompt.length === 0) throw new InputError('--prompt TEXT is needed; the text must have at least one character.');
  const rounds = roundsOf(flags.get('rounds') ?? String(file.sizes.rounds));
  const hashSeed = flags.has('hash-seed')
    ? { hashSeed: wholeNumber('hash-seed', flags.get('hash-seed'), 0, 2 ** 50) }
    : {};
  const context = await dawnContext();
  const generator = new TextGenerator(context, weightsOf(context, file), file, { rounds, ...hashSeed });
  const ids: number[] = [];
  let printed = 0;
  const isQuiet = flags.has('json');
  await generator.continue([prompt], count, sampling, {
    onToken: (_, id) => {
      ids.push(id);
      // The last characters may still be incomplete.
      const text = file.tokenizer.decode(ids).replace(/\uFFFD+$/, '');
      if (!isQuiet) process.stdout.write(text.slice(printed));
      printed = text.length;
    },
  });
  context.destroy();
  const text = file.tokenizer.decode(ids);
  if (isQuiet) console.log(JSON.stringify({ prompt: Array.from(prompt), ids, text }));
  else console.log(text.slice(printed));
}

interface SuiteScore {
  /** Share of the replies with slots whose slots are all right. */
  slotsRight: number;
  /** Share of the off-topic questions that are declined. */
  declined: number;
  /** Share of the replies that end within the most tokens of a reply. */
  ended: number;
}

/** A line that the guide has to write, and the text before it. */
interface Question {
  turn: Turn;
  prompt: Int32Array;
}

/** The guide's lines of `count` held-out dialogues, each after the true lines before it. */
function questionsOf(file: TextModelFile, count: number, seed: number): Question[] {
  const asked: Question[] = [];
  for (let k = 0; k < count; k++) {
    const turns = dialogue(1e6 * seed + k, { heldOut: true });
    for (const [index, turn] of turns.entries()) {
      if (turn.speaker === 'guide') asked.push({ turn, prompt: file.tokenizer.encode(promptOf(turns, index)) });
    }
  }
  // Replies of like length are computed together, because the longest text decides the window.
  return asked.sort((a, b) => a.prompt.length - b.prompt.length);
}

/** The score of the replies to questions, of at most `tokens` tokens each. */
async function suite(
  weights: Weights,
  file: TextModelFile,
  rounds: number,
  asked: readonly Question[],
  tokens: number,
): Promise<SuiteScore> {
  const lineBreak = file.tokenizer.encode('\n')[0];
  const sequences = Math.min(repliesAtOnce, asked.length);
  const generator = new TextGenerator(weights.context, weights, file, { rounds, sequences });
  const score = { slots: 0, slotsRight: 0, offTopic: 0, declined: 0, ended: 0 };
  for (let k = 0; k < asked.length; k += repliesAtOnce) {
    const part = asked.slice(k, k + repliesAtOnce);
    const replies = await generator.continue(
      part.map(({ prompt }) => prompt),
      tokens,
      greedy,
      { isEnd: (id) => id === lineBreak },
    );
    for (const [place, { turn }] of part.entries()) {
      const judged = judgeReply(turn, file.tokenizer.decode(replies[place]));
      if (turn.slots.length > 0) {
        score.slots++;
        if (judged.slotsRight) score.slotsRight++;
      }
      if (turn.kind === 'declined') {
        score.offTopic++;
        if (judged.declined) score.declined++;
      }
      if (judged.ended) score.ended++;
    }
    console.error(
      `rounds ${rounds || 'full'}: ${Math.min(k + repliesAtOnce, asked.length)} of ${asked.length} replies, ${score.slotsRight} of ${score.slots} right`,
    );
  }
  generator.free();
  return {
    slotsRight: score.slotsRight / score.slots,
    declined: score.declined / score.offTopic,
    ended: score.ended / asked.length,
  };
}

/** Runs `chat`. @throws InputError for invalid options. */
export async function chat(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['model', 'suite', 'seed', 'rounds', 'tokens', 'json']);
  if (files.length > 0)
    throw new InputError(`chat takes no file ${JSON.stringify(files[0])}; name the model by --model.`);
  const count = wholeNumber('suite', flags.get('suite') ?? 200, 1, 100_000);
  const seed = wholeNumber('seed', flags.get('seed') ?? 0, 0, 2 ** 31);
  const tokens = wholeNumber('tokens', flags.get('tokens') ?? 160, 1, 2 ** 16);
  const names = (flags.get('rounds') ?? 'full,8,4,2,1').split(',');
  for (const name of names) roundsOf(name);
  const file = await modelOf(flags);
  const context = await dawnContext();
  const weights = weightsOf(context, file);
  const asked = questionsOf(file, count, seed);
  const scores: SuiteScore[] = [];
  for (const name of names) scores.push(await suite(weights, file, roundsOf(name), asked, tokens));
  context.destroy();
  const byRounds = (key: keyof SuiteScore) => Object.fromEntries(scores.map((score, k) => [names[k], score[key]]));
  const [slotsRight, declined, ended] = [byRounds('slotsRight'), byRounds('declined'), byRounds('ended')];
  if (flags.has('json')) {
    console.log(JSON.stringify({ slotsRight, declined, ended, replies: asked.length }));
    return;
  }
  const percent = (share: number) => (Number.isNaN(share) ? 'none asked' : `${(100 * share).toFixed(1)} %`);
  for (const [k, name] of names.entries()) {
    const { slotsRight, declined, ended } = scores[k];
    console.log(
      `rounds ${name}: all slots right ${percent(slotsRight)}, declined ${percent(declined)}, ended ${percent(ended)} of ${asked.length} replies`,
    );
  }
}

/** Runs `perplexity`. @throws InputError for invalid options. */
export async function perplexity(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['model', 'rounds', 'part', 'json']);
  if (files.length !== 1) throw new InputError('perplexity needs one file of text.');
  const part = oneOf('part', flags.get('part') ?? 'all', ['all', 'last10']);
  const file = await modelOf(flags);
  const rounds = roundsOf(flags.get('rounds') ?? String(file.sizes.rounds));
  const whole = new TextDecoder().decode(await readInput(files[0]));
  const text = part === 'last10' ? whole.slice(Math.floor(0.9 * whole.length)) : whole;
  const ids = file.tokenizer.encode(text);
  if (ids.length < 2) throw new InputError(`${files[0]} has ${ids.length} tokens; a loss needs at least 2.`);
  const context = await dawnContext();
  const n = file.sizes.length;
  const { nats, targets } = await lossOf(
    context,
    weightsOf(context, file),
    file,
    rounds,
    { batch: 1, n },
    scoringWindows(ids, n),
  );
  context.destroy();
  const bytes = new TextEncoder().encode(text).length - file.tokenizer.piece(ids[0]).length;
  const result = { tokens: targets, natsPerToken: nats / targets, bytes, natsPerByte: nats / bytes };
  console.log(
    flags.has('json')
      ? JSON.stringify(result)
      : `${targets} tokens: ${result.natsPerToken.toFixed(4)} nats a token, ${result.natsPerByte.toFixed(4)} nats a byte`,
  );
}
