/** `lab chat`: tests a text model as the guide of a town. */
import type { Context } from '../gpu/runtime/context';
import type { Weights } from '../model/parameters';
import { InputError } from '../shared/errors';
import { dialogue } from '../text/guide/dialogue';
import { promptOf } from '../text/guide/format';
import { judgeReply } from '../text/guide/judge';
import type { Turn } from '../text/guide/turn';
import { weightsOf } from '../training/text-generator';
import { readTextModel, type TextModelFile } from '../training/text-model';
import { Replier } from '../training/text-replies';
import { dawnContext } from './dawn';
import { readInput } from './files';
import { roundsOf, wholeNumber } from './language-models';
import { isOn, parseCommandLine } from './options';
import { interruption, progress } from './progress';

export const chatUsage = `chat --model FILE [--suite 200] [--seed 0] [--rounds full,8,4,2,1] [--tokens 160 of a reply] [--json]
  Answers held-out dialogues of the guide, and prints the share of replies with all slots right, of refusals, and of replies that end.`;

/** Replies that are computed side by side. */
const repliesAtOnce = 16;

interface SuiteScore {
  /** Share of the replies with slots whose slots are all right. */
  slotsRight: number;
  /** Share of the off-topic questions that are declined. */
  declined: number;
  /** Share of the replies that end within the most tokens of a reply. */
  ended: number;
}

/** A line that the guide has to write, the text before it, and a guess of the model's line: at first the true one. */
interface Question {
  turn: Turn;
  prompt: Int32Array;
  draft: Int32Array;
}

/** The guide's lines of `count` held-out dialogues, each after the true lines before it. */
function questionsOf({ tokenizer }: TextModelFile, count: number, seed: number): Question[] {
  const asked: Question[] = [];
  for (let k = 0; k < count; k++) {
    const turns = dialogue(1e6 * seed + k, { heldOut: true });
    for (const [index, turn] of turns.entries()) {
      if (turn.speaker !== 'guide') continue;
      const prompt = tokenizer.encode(promptOf(turns, index));
      asked.push({ turn, prompt, draft: tokenizer.encode(` ${turn.text}\n`) });
    }
  }
  // Replies of like length are computed together, because the longest text decides the window.
  return asked.sort((a, b) => a.prompt.length - b.prompt.length);
}

/** The score of the replies to questions, of at most `tokens` tokens each. Each reply becomes the guess of its question. */
async function suite(
  { context, weights, file }: { context: Context; weights: Weights; file: TextModelFile },
  rounds: number,
  asked: readonly Question[],
  tokens: number,
  signal: AbortSignal,
): Promise<SuiteScore> {
  const lineBreak = file.tokenizer.encode('\n')[0];
  const sequences = Math.min(repliesAtOnce, asked.length);
  const replier = new Replier(context, weights, file, rounds, sequences);
  const score = { replies: 0, slots: 0, slotsRight: 0, offTopic: 0, declined: 0, ended: 0 };
  const report = progress();
  await replier.replies(asked, {
    count: tokens,
    signal,
    isEnd: (id) => id === lineBreak,
    onReply: (request, reply) => {
      const { turn } = asked[request];
      asked[request].draft = Int32Array.from(reply);
      const judged = judgeReply(turn, file.tokenizer.decode(reply));
      score.replies++;
      if (turn.slots.length > 0) {
        score.slots++;
        if (judged.slotsRight) score.slotsRight++;
      }
      if (turn.kind === 'declined') {
        score.offTopic++;
        if (judged.declined) score.declined++;
      }
      if (judged.ended) score.ended++;
      const { replies, slotsRight, slots } = score;
      report(
        (seconds) =>
          `rounds ${rounds || 'full'}: ${replies} of ${asked.length} replies, ${slotsRight} of ${slots} right, ${seconds.toFixed(0)} s`,
      );
    },
  });
  replier.free();
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
  const isQuiet = isOn('json', flags);
  const path = flags.get('model');
  if (path === undefined) throw new InputError('--model FILE is needed.');
  const file = readTextModel(await readInput(path));
  const signal = interruption();
  const context = await dawnContext();
  const model = { context, weights: weightsOf(context, file), file };
  const asked = questionsOf(file, count, seed);
  const scores: SuiteScore[] = [];
  // The replies with one number of rounds become the guesses for the next.
  for (const name of names) scores.push(await suite(model, roundsOf(name), asked, tokens, signal));
  context.destroy();
  const byRounds = (key: keyof SuiteScore) => Object.fromEntries(scores.map((score, k) => [names[k], score[key]]));
  const [slotsRight, declined, ended] = [byRounds('slotsRight'), byRounds('declined'), byRounds('ended')];
  if (isQuiet) {
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
