/** The headless runner: the page's engine in Node, on Dawn. */
import { InputError } from '../shared/errors';
import { attend, attendUsage } from './attend';
import { bench, benchUsage } from './bench';
import { chat, chatUsage } from './chat';
import { forward, forwardUsage } from './forward';
import { guide, guideUsage } from './guide';
import { kernels, kernelsUsage } from './kernels';
import { memory, memoryUsage } from './memory';
import { Interrupted } from './progress';
import { read, readUsage } from './read';
import { scale, scaleUsage } from './scale';
import { generate, pack, perplexity, textUsage } from './text';
import { tokens, tokensUsage } from './tokens';
import { train, trainUsage } from './train';
import { trainTextUsage } from './train-text';
import { vectors, vectorsUsage } from './vectors';

const commands: Record<string, (argv: string[]) => Promise<void>> = {
  attend,
  scale,
  forward,
  memory,
  train,
  bench,
  vectors,
  guide,
  generate,
  chat,
  perplexity,
  pack,
  read,
  tokens,
  kernels,
};
const usages = [
  attendUsage,
  scaleUsage,
  forwardUsage,
  memoryUsage,
  trainUsage,
  trainTextUsage,
  benchUsage,
  vectorsUsage,
  guideUsage,
  textUsage,
  readUsage,
  chatUsage,
  tokensUsage,
  kernelsUsage,
];
const usage = `Reformer Lab, headless. Invalid input prints one line to stderr and exits with code 2.\n\n${usages.join('\n\n')}`;

/** Runs one command and returns the exit code: 0 for success, 2 for invalid input (one line on stderr), 130 after Ctrl-C, 1 for any other error. */
export async function main(argv: string[]): Promise<number> {
  const [command, ...rest] = argv;
  try {
    if (command === undefined || command === 'help' || command === '--help') {
      console.log(usage);
      return 0;
    }
    if (!Object.hasOwn(commands, command)) {
      const known = Object.keys(commands).join(', ');
      throw new InputError(`There is no command ${JSON.stringify(command)}; the commands are ${known}.`);
    }
    await commands[command](rest);
    return 0;
  } catch (error) {
    if (error instanceof InputError) {
      console.error(error.message);
      return 2;
    }
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof Interrupted ? 130 : 1;
  }
}
