/** `lab guide`: dialogues of the town guide, and the floor of their loss. */

import { InputError } from '../shared/errors';
import { dialogue } from '../text/guide/dialogue';
import { endMark, entropyOf, formatDialogue } from '../text/guide/format';
import { number, oneOf, parseCommandLine } from './options';

export const guideUsage = `guide [--seed 1] [--count 1] [--held-out] [--json]
  Prints dialogues with the guide of an invented town, from COUNT seeds that begin with SEED, and the entropy of the guide's lines:
  what stays uncertain if everything before is known. With --held-out the names and phrasings are ones that training never uses.`;

const mostDialogues = 100_000;

/** A whole number within limits. @throws InputError naming the value. */
function whole(name: string, value: unknown, least: number, most: number): number {
  const parsed = number(name, value);
  if (!Number.isInteger(parsed) || parsed < least || parsed > most) {
    throw new InputError(`${name} is ${parsed}; it must be a whole number from ${least} to ${most}.`);
  }
  return parsed;
}

/** Runs the command. @throws InputError for invalid options. */
export async function guide(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['seed', 'count', 'held-out', 'json']);
  if (files.length) throw new InputError(`guide takes no files, but got ${files[0]}.`);
  const seed = whole('seed', flags.get('seed') ?? 1, 0, Number.MAX_SAFE_INTEGER - mostDialogues);
  const count = whole('count', flags.get('count') ?? 1, 1, mostDialogues);
  const heldOut = oneOf('held-out', flags.get('held-out') ?? 'false', ['true', 'false']) === 'true';
  const isJson = oneOf('json', flags.get('json') ?? 'false', ['true', 'false']) === 'true';
  const dialogues = Array.from({ length: count }, (_, i) => dialogue(seed + i, { heldOut }));
  const entropy = entropyOf(dialogues);
  if (isJson) {
    const listed = dialogues.map((turns, i) => ({ seed: seed + i, text: formatDialogue(turns), turns }));
    console.log(JSON.stringify({ dialogues: listed, entropy }));
    return;
  }
  for (const turns of dialogues) console.log(formatDialogue(turns).replace(endMark, ''));
  const { lines, characters, natsPerLine, natsPerCharacter } = entropy;
  console.log(
    `${lines} lines of the guide, ${characters} characters; entropy ${natsPerLine.toFixed(4)} nats a line, ` +
      `${natsPerCharacter.toFixed(5)} nats a character.`,
  );
}
