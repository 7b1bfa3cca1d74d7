/** `lab vectors`: what a file of vectors is read as. */

import { readVectorFile, type VectorFile } from '../formats/vector-file';
import { InputError } from '../shared/errors';
import { readInput } from './files';
import { parseCommandLine } from './options';

export const vectorsUsage = `vectors FILE [options]
  Reads FILE as the page does, and prints its shape, its first and last numbers and their sum.
    --json        prints an object with shape [heads, n, d], names, first, last, sum, leftOut and note`;

/** Numbers that are printed from each end of the vectors. */
const shown = 4;

/** Runs the command. @throws InputError for an invalid file. */
export async function vectors(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['json']);
  if (files.length !== 1) throw new InputError(`vectors needs one file, but got ${files.length}.`);
  const file = readVectorFile(files[0], await readInput(files[0]));
  const summary = summaryOf(file);
  if (flags.get('json') === 'true') {
    console.log(JSON.stringify(summary));
    return;
  }
  const lines = [
    `${file.heads} ${file.heads === 1 ? 'head' : 'heads'}, ${file.n} tokens, ${file.d} numbers each`,
    ...endsOf('qk', summary),
    ...(summary.v ? endsOf('v', summary.v) : []),
    ...(summary.names ? [`names: ${summary.names.slice(0, shown).join(', ')}${file.n > shown ? ', …' : ''}`] : []),
    ...summary.leftOut.map((part) => `left out: ${part}`),
    ...(summary.note ? [`note: ${summary.note}`] : []),
  ];
  console.log(lines.join('\n'));
}

function summaryOf(file: VectorFile) {
  const { heads, n, d, qk, v, names, leftOut, note } = file;
  return {
    shape: [heads, n, d],
    names: names ?? null,
    ...numbersOf(qk),
    ...(v && { v: numbersOf(v) }),
    leftOut: leftOut ?? [],
    note: note ?? null,
  };
}

/** First and last numbers, and the sum in float64 of all, in order. */
function numbersOf(data: Float32Array) {
  const sum = data.reduce((total, value) => total + value, 0);
  return { first: [...data.slice(0, shown)].map(shortest), last: [...data.slice(-shown)].map(shortest), sum };
}

/** The number with the fewest digits that rounds to the same float32, as NumPy prints it. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

const endsOf = (name: string, { first, last, sum }: ReturnType<typeof numbersOf>): string[] => [
  `${name} first: ${first.join(', ')}`,
  `${name} last: ${last.join(', ')}`,
  `${name} sum: ${sum}`,
];
