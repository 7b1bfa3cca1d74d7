/** Opens what commands can read and continue a text with: a text model of this lab, or the folder of a published one. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../algorithm/settings';
import { InputError } from '../shared/errors';
import { missingFiles } from '../text/published';
import { type LanguageModel, languageModelOf } from '../training/language-model';
import { publishedModel } from '../training/published-model';
import { readTextModel } from '../training/text-model';
import { isFolder, readInput, readModelTensors } from './files';
import { number } from './options';
import { readTokenizer, vocabularyOf } from './tokens';

/** Reads a model. @throws InputError naming what is missing, broken or not supported. */
export async function openLanguageModel(path: string | undefined): Promise<LanguageModel> {
  if (path === undefined || path === 'true') throw new InputError('--model FILE or --model FOLDER is needed.');
  if (!(await isFolder(path))) return languageModelOf(readTextModel(await readInput(path)));
  const names = await readdir(path);
  const textOf = async (name: string) => new TextDecoder().decode(await readInput(join(path, name)));
  const vocabulary = names.includes('config.json') ? await vocabularyOf(join(path, 'config.json')) : undefined;
  const missing = missingFiles(names, vocabulary);
  if (missing.length > 0) throw new InputError(`The folder ${path} lacks ${missing.join(', ')}.`);
  const generation = 'generation_config.json';
  return publishedModel({
    config: await textOf('config.json'),
    ...(names.includes(generation) && { generationConfig: await textOf(generation) }),
    tokenizer: (await readTokenizer(path)).tokenizer,
    tensors: await readModelTensors(path),
  });
}

/** A whole number of the command line. @throws InputError naming the range. */
export function wholeNumber(name: string, value: unknown, low: number, high: number): number {
  const parsed = number(name, value);
  if (!Number.isInteger(parsed) || parsed < low || parsed > high)
    throw new InputError(`${name} is ${parsed}; it must be a whole number from ${low} to ${high}.`);
  return parsed;
}

/** Hash rounds of the command line; 0 is full attention. @throws InputError naming the range. */
export function roundsOf(text: string): number {
  if (text === 'full') return 0;
  const rounds = number('rounds', text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > limits.rounds)
    throw new InputError(`rounds is ${text}; it must be full or a whole number from 1 to ${limits.rounds}.`);
  return rounds;
}

/** Options that say how a model is used. */
export const useNames = ['rounds', 'hash-seed', 'start'] as const;

/** Rounds, seed of the directions and position of the first token, as far as they are given. */
export function useOptions(flags: Map<string, string>): { rounds?: number; hashSeed?: number; start?: number } {
  const options: { rounds?: number; hashSeed?: number; start?: number } = {};
  const [rounds, hashSeed, start] = useNames.map((name) => flags.get(name));
  if (rounds !== undefined) options.rounds = roundsOf(rounds);
  if (hashSeed !== undefined) options.hashSeed = wholeNumber('hash-seed', hashSeed, 0, 2 ** 50);
  if (start !== undefined) options.start = wholeNumber('start', start, 0, 2 ** 31);
  return options;
}
