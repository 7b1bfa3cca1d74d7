/** Finds the parts of a table that are no vectors: headings of numbers, counts, and columns that number the rows. */

import { InputError, quote } from '../shared/errors';
import type { Column, Dialect } from './dialect';

/** Numbers of a table, row-major [rows, width]. */
export interface NumberTable {
  rows: number;
  width: number;
  data: Float64Array;
  /** A name for each row. */
  names: string[] | undefined;
  /** The parts of the file that were left out, each as a noun with its place. */
  leftOut: string[];
  /** How the file is written, where that is unusual. */
  notes: string[];
  /** The line of the first row. */
  firstLine: number;
}

/** A line above the numbers that names the columns. */
export interface Heading {
  cells: string[];
  line: number;
}

/** A first line that counts the rows and the numbers of each. */
export interface Counts {
  rows: number;
  numbers: number;
  line: number;
}

/** Most names that are kept. More would take far more memory than the file. */
export const mostNames = 2 ** 20;

/** Fewest rows below a heading of numbers, so that a small table of numbers is not mistaken for one with a heading. */
const fewestRows = 4;

/** Names of columns that number or date the rows. */
const indexName = new RegExp(
  `^(?:${[
    String.raw`unnamed: ?\d+`,
    '(?:[a-z]+[ _.-])?(?:ids?|idx|index|indices|ix|no|nr|num|number)',
    '(?:row|line|item|sample|token|word|user|doc|node)s?(?:id|idx|index|no|num|number|names?)?',
    '(?:row|line)[ _.-]?names?',
    'obs|observation|record|case|frame|subject|key|step|epoch|iter|iteration|seq|rank',
    'time|timestamp|date|datetime|unix|year',
    '[#nikt]',
  ].join('|')})\\.?$`,
  'i',
);

/** What stands around the numbers, and what the cells of each column are. */
export interface TableParts extends Pick<Dialect, 'columns' | 'digitsOnly'> {
  headings: Heading[];
  counts: Counts | undefined;
}

/** The table without its heading of numbers, its counts and its index columns. @throws InputError if a part can be read in two ways. */
export function withoutHeadingAndIndex(
  table: NumberTable,
  { headings, counts, columns, digitsOnly }: TableParts,
): NumberTable {
  const leftOut = headings.map(({ line }) => `line ${line}, a heading`);
  let found = table;
  // Words that are numbers, such as years, look like a number more than the first line counts.
  const areWordsNumbers = counts?.numbers === table.width - 1 && !table.names;
  if (counts) {
    checkCounts(table, counts, areWordsNumbers ? 1 : 0);
    leftOut.push(countsWords(counts));
  } else if (!headings.length) {
    const words = firstRowWords(table);
    if (words) {
      leftOut.push(words);
      found = withoutFirstRow(table);
    }
  }
  const places = columns.flatMap((column, i) => (column === 'number' ? [i] : []));
  const heading = headings[0];
  const isShort = heading !== undefined && heading.cells.length < columns.length;
  const nameOf = (place: number): string | undefined =>
    heading?.cells[isShort ? place - 1 : place] ?? (isShort ? '' : undefined);
  let names = withoutRowNumbers(found.names, columns, leftOut);
  const isKept = places.map((place, column) => {
    const name = nameOf(place);
    const isIndex =
      (column === 0 && (name === '' || areWordsNumbers)) ||
      isIndexColumn(found, column, place, name, digitsOnly[place] === true);
    if (!isIndex) return true;
    leftOut.push(`column ${place + 1}${name ? ` (${quote(name, 20)})` : ''}, which numbers the rows`);
    // Years, times and identifiers name the rows. The row's own number does not.
    if (found.rows <= mostNames && !runOf(found, column).isRamp) names ??= columnOf(found, column).map(String);
    return false;
  });
  return { ...found, ...kept(found, isKept), names, leftOut: [...leftOut, ...table.leftOut] };
}

function checkCounts({ rows, width }: NumberTable, counts: Counts, words: number): void {
  if (counts.rows !== rows || counts.numbers !== width - words) {
    throw new InputError(
      `Line ${counts.line} counts ${counts.rows} lines of ${counts.numbers} numbers, but ${rows} lines of ${width - words} follow; correct it or delete it.`,
    );
  }
}

const countsWords = ({ rows, numbers, line }: Counts): string =>
  `line ${line}, which counts ${rows} rows of ${numbers} numbers`;

/** What the first row is if it holds no vector: counts or a heading of numbers. */
function firstRowWords(table: NumberTable): string | undefined {
  const { rows, width, data, firstLine: line } = table;
  if (rows < 2 || width < 2) return undefined;
  const first = [...data.subarray(0, width)] as [number, number, ...number[]];
  if (!first.every(Number.isInteger)) return undefined;
  // Other rows of whole numbers show that the table has whole numbers, so that the first row can be a vector.
  const isSingular = !hasWholeRow(table);
  if (width === 2 && !table.names && first[0] === rows - 1 && first[1] === 2) {
    if (isSingular || rows > 10) return countsWords({ rows: rows - 1, numbers: 2, line });
    throw twoReadings(table, first, 'the counts of the lines below');
  }
  const step = first[1] - first[0];
  const isEven = step !== 0 && first.every((value, i) => value === first[0] + i * step);
  const isFromStart = step === 1 && (first[0] === 0 || first[0] === 1);
  const areYears = first.every(
    (value, i) => value >= 1000 && value < 3000 && (i === 0 || value > (first[i - 1] as number)),
  );
  const isSequence = isEven && (isFromStart || areYears);
  if (isSingular && rows > fewestRows && (isSequence || areYears || (isEven && width > 2)))
    return `line ${line}, a heading`;
  const areLabels = width > 2 && first.every((value) => value >= 0) && new Set(first).size === width;
  if (isSequence || areYears || (isSingular && rows > fewestRows && areLabels))
    throw twoReadings(table, first, 'a heading');
  return undefined;
}

const twoReadings = ({ firstLine }: NumberTable, first: number[], reading: string): InputError =>
  new InputError(
    `Line ${firstLine} (${first.slice(0, 3).join(', ')}${first.length > 3 ? ', …' : ''}) can be ${reading} or a vector; delete it, or write a line of column names above it.`,
  );

/** Whether a row after the first has whole numbers only. */
function hasWholeRow({ rows, width, data }: NumberTable): boolean {
  for (let row = 1; row < rows; row++) {
    let column = 0;
    while (column < width && Number.isInteger(data[row * width + column])) column++;
    if (column === width) return true;
  }
  return false;
}

const valueAt = ({ width, data }: NumberTable, row: number, column: number): number =>
  data[row * width + column] as number;

const columnOf = (table: NumberTable, column: number): number[] =>
  Array.from({ length: table.rows }, (_, row) => valueAt(table, row, column));

/** How a column's numbers run from row to row. */
function runOf(table: NumberTable, column: number) {
  const { rows } = table;
  let isWhole = true;
  let isRising = true;
  let isEven = true;
  let isPositive = true;
  const first = valueAt(table, 0, column);
  const step = valueAt(table, 1, column) - first;
  for (let row = 0; row < rows && (isWhole || isRising); row++) {
    const value = valueAt(table, row, column);
    isWhole &&= Number.isInteger(value);
    isRising &&= row === 0 || value > valueAt(table, row - 1, column);
    isEven &&= value === first + row * step;
    isPositive &&= value >= 0;
  }
  isEven &&= isWhole && step !== 0;
  return { isWhole, isRising, isEven, isPositive, step, isRamp: isEven && step === 1 && (first === 0 || first === 1) };
}

/** Whether a column numbers the rows. @throws InputError if it can also be part of the vectors. */
function isIndexColumn(
  table: NumberTable,
  column: number,
  place: number,
  name: string | undefined,
  isDigitsOnly: boolean,
): boolean {
  const { rows, width } = table;
  if (rows < 2) return false;
  const first = valueAt(table, 0, column);
  const { isWhole, isRising, isEven, isPositive, step, isRamp } = runOf(table, column);
  const areDistinct = () => {
    const values = new Set<number>();
    for (let row = 0; row < rows; row++) values.add(valueAt(table, row, column));
    return values.size === rows;
  };
  if (name !== undefined && indexName.test(name)) {
    return isEven || (isRising && rows >= 2 * fewestRows) || (isWhole && isPositive && areDistinct());
  }
  if (!isWhole || width < 2) return false;
  const others = Array.from({ length: width }, (_, k) => k).filter((k) => k !== column);
  const othersAreWhole = () => others.every((k) => runOf(table, k).isWhole);
  const anyOtherIsWhole = () => others.some((k) => runOf(table, k).isWhole);
  const title = name ? `Column ${place + 1} (${quote(name, 20)})` : `Column ${place + 1}`;
  const twoWays = (what: string) =>
    new InputError(
      `${title} has ${what}, which can number the rows or be part of the vectors; delete it, or save the vectors as .npy to keep it.`,
    );
  if (name !== undefined) {
    if (isRamp && rows >= fewestRows && !othersAreWhole()) throw twoWays(`the numbers ${first}, ${first + 1}, …`);
    return false;
  }
  if (column > 0) {
    if (isRamp && rows >= 2 * fewestRows && !othersAreWhole()) throw twoWays(`the numbers ${first}, ${first + 1}, …`);
    return false;
  }
  // A table of evenly spaced numbers, as of np.arange, has more such columns.
  const isAlone = isEven && rows > 2 && !others.some((k) => runOf(table, k).isEven);
  if (isAlone && isTime(first)) return true;
  if (isAlone && step === 1 && !othersAreWhole()) return true;
  if (isAlone && step !== 1 && (isDigitsOnly || rows >= 2 * fewestRows)) throw twoWays('whole numbers at equal steps');
  if (isRamp) {
    // Two rows beside whole numbers are too few to tell.
    if (rows > 2 || !othersAreWhole()) throw twoWays(`the numbers ${first}, ${first + 1}${rows > 2 ? ', …' : ''}`);
    return false;
  }
  if ((isDigitsOnly || (rows >= 2 * fewestRows && !anyOtherIsWhole())) && areDistinct())
    throw twoWays('different whole numbers beside decimals');
  return false;
}

/** Whether a number can be a time in seconds or milliseconds since 1970, after 2001. */
const isTime = (value: number): boolean => value >= 1e9 && value < 1e13;

/** Names that only number the rows are left out. */
function withoutRowNumbers(names: string[] | undefined, columns: Column[], leftOut: string[]): string[] | undefined {
  if (!names || names.length < 2) return names;
  const first = Number(names[0]);
  const step = Number(names[1]) - first;
  const areNumbers = step !== 0 && names.every((name, i) => /^\d+$/.test(name) && Number(name) === first + i * step);
  if (!areNumbers) return names;
  leftOut.push(`column ${columns.indexOf('name') + 1}, which numbers the rows`);
  return undefined;
}

const withoutFirstRow = (table: NumberTable): NumberTable => ({
  ...table,
  rows: table.rows - 1,
  data: table.data.subarray(table.width),
  names: table.names?.slice(1),
});

/** The columns that are kept. */
function kept({ rows, width, data }: NumberTable, isKept: boolean[]): Pick<NumberTable, 'width' | 'data'> {
  const columns = isKept.flatMap((keep, column) => (keep ? [column] : []));
  if (columns.length === width) return { width, data: data.subarray(0, rows * width) };
  const out = new Float64Array(rows * columns.length);
  for (let row = 0; row < rows; row++) {
    for (const [k, column] of columns.entries()) out[row * columns.length + k] = data[row * width + column] as number;
  }
  return { width: columns.length, data: out };
}
