/** `lab vectors`: what a file of vectors is read as. */

import { defaultFit, type Fit, fitVectors } from '../formats/fit';
import { type Projection, projections } from '../formats/projection';
import { readVectorFile, type VectorFile } from '../formats/vector-file';
import { InputError } from '../shared/errors';
import { readInput } from './files';
import { number, numbers, oneOf, parseCommandLine } from './options';

export const vectorsUsage = `vectors FILE [options]
  Reads FILE as the page does, and prints its shape, its first and last numbers and their sum.
    --json        prints an object with shape [heads, n, d], names, first, last, sum, leftOut and note
    --heads 0,3   keeps these heads
    --projection random|principal  --width W  --seed S
                  reduces wider vectors to W numbers (128): along random directions, or to their first principal components`;

/** Numbers that are printed from each end of the vectors. */
const shown = 4;

/** Runs the command. @throws InputError for an invalid file. */
export async function vectors(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['json', 'heads', 'projection', 'width', 'seed']);
  if (files.length !== 1) throw new InputError(`vectors needs one file, but got ${files.length}.`);
  const whole = readVectorFile(files[0], await readInput(files[0]));
  const file = ['heads', 'projection', 'width', 'seed'].some((name) => flags.has(name))
    ? fitVectors(whole, readFit(flags, whole))
    : whole;
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

/** How the options fit a file. Heads stay unless some are named. @throws InputError for a projection of vectors that are not too wide. */
function readFit(flags: Map<string, string>, { heads, d }: VectorFile): Fit {
  const named = flags.get('heads');
  const unused = ['projection', 'width', 'seed'].find((name) => flags.has(name));
  const width = number('width', flags.get('width') ?? defaultFit.width);
  if (unused && d <= width)
    throw new InputError(`The vectors have ${d} numbers each, which is not more than ${width}; leave --${unused} out.`);
  return {
    mostHeads: heads,
    heads: named === undefined ? undefined : numbers('heads', named),
    projection: oneOf('projection', flags.get('projection') ?? defaultFit.projection, [...projections]) as Projection,
    width,
    seed: number('seed', flags.get('seed') ?? defaultFit.seed),
  };
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
