/** Finds out how a table of text is written: its separator, its decimal mark, and which of its columns are numbers. */

import { InputError } from '../shared/errors';
import { type DecimalMark, isMissing, isNumberLike, isWord, parseNumber } from './number-text';

const separators = [';', '\t', '|', ',', ' '] as const;

/** A blank stands for any number of blanks and tabs. */
export type Separator = (typeof separators)[number];

/** `name`: words that name the rows. `other`: text that is left out. */
export type Column = 'number' | 'name' | 'other';

export interface Dialect {
  separator: Separator;
  mark: DecimalMark;
  columns: Column[];
  /** Whether a column's cells are digits only, while those of the other columns of numbers are decimals. */
  digitsOnly: boolean[];
  /** Empty cells at the end of each line, from separators there. */
  trailing: number;
}

export interface SampleLine {
  /** Counts from 1. */
  line: number;
  text: string;
}

/** In the order of preference between dialects that explain the same lines. */
const candidates = separators.flatMap((separator): [Separator, DecimalMark][] => [
  [separator, '.'],
  [separator, ','],
]);

/** A cell and the separator behind it, for lines with quotes. A cell that is quoted has nothing but blanks beside its quotes. */
const quotedCell = (separator: Separator): RegExp => {
  const blanks = separator === '\t' ? ' *' : '[ \\t]*';
  const [between, others] = separator === ' ' ? ['[ \\t]+', '[^ \\t]*'] : [`\\${separator}`, `[^${separator}]*`];
  return new RegExp(`${blanks}(?:"((?:[^"]|"")*)"|(?!")(${others}))${blanks}(?:(${between})|$)`, 'y');
};
const quotedCells = new Map(separators.map((separator) => [separator, quotedCell(separator)]));

/** The cells of a line, without quotes and without blanks around them. At most about `most` cells. Quotes that do not fit stay. */
export function splitCells(text: string, separator: Separator, most = Number.POSITIVE_INFINITY): string[] {
  const line = separator === ' ' ? text.trim() : text;
  const quoted = line.includes('"') ? splitQuoted(line, separator, most) : undefined;
  if (quoted) return quoted;
  const limit = Math.min(most, 2 ** 31);
  return line.split(separator === ' ' ? /[ \t]+/ : separator, limit).map((cell) => cell.trim());
}

function splitQuoted(text: string, separator: Separator, most: number): string[] | undefined {
  const cell = quotedCells.get(separator) as RegExp;
  const cells: string[] = [];
  cell.lastIndex = 0;
  while (cells.length < most) {
    const match = cell.exec(text);
    if (!match) return undefined;
    const [, inside, plain, end] = match;
    cells.push((inside?.replaceAll('""', '"') ?? plain ?? '').trim());
    if (end === undefined) break;
  }
  return cells;
}

/** A line as one dialect reads it. */
interface Row {
  cells: string[];
  numbers: boolean[];
  /** Empty cells at the end. */
  trailing: number;
  text: string;
}

/** The lines that a dialect explains: each has a number, and no other cell looks like a number in another notation. */
function explainedRows(lines: SampleLine[], separator: Separator, mark: DecimalMark): Row[] {
  const rows: Row[] = [];
  for (const { text } of lines) {
    // A decimal comma between separating commas needs quotes.
    if (separator === ',' && mark === ',' && !text.includes('"')) continue;
    const cells = splitCells(text, separator);
    let trailing = 0;
    while (cells.length && cells.at(-1) === '') {
      cells.pop();
      trailing++;
    }
    const numbers = cells.map((cell) => parseNumber(cell, mark) !== undefined);
    const isExplained = numbers.includes(true) && cells.every((cell, i) => numbers[i] || !isNumberLike(cell));
    if (isExplained) rows.push({ cells, numbers, trailing, text });
  }
  return rows;
}

/**
 * The dialect that explains most of the sample's lines, and most numbers in them. Returns undefined if none explains a line.
 * @throws InputError if the lines can be read in two ways.
 */
export function findDialect(lines: SampleLine[]): Dialect | undefined {
  let best: { separator: Separator; mark: DecimalMark; rows: Row[]; numbers: number } | undefined;
  for (const [separator, mark] of candidates) {
    const rows = explainedRows(lines, separator, mark);
    const numbers = rows.reduce((sum, row) => sum + row.numbers.filter(Boolean).length, 0);
    const isBetter =
      !best || rows.length > best.rows.length || (rows.length === best.rows.length && numbers > best.numbers);
    if (rows.length && isBetter) best = { separator, mark, rows, numbers };
  }
  if (!best) return undefined;
  const { separator, mark, rows } = best;
  checkAmbiguity(lines, rows, separator, mark);
  const trailing = separator === ' ' ? 0 : mostFrequent(rows.map((row) => row.trailing));
  const columns = columnsOf(rows, separator);
  return { separator, mark, columns, digitsOnly: digitsOnly(rows, columns), trailing };
}

function digitsOnly(rows: Row[], columns: Column[]): boolean[] {
  // A heading may stand among the sample's lines.
  const full = rows.slice(1).filter(({ cells }) => cells.length === columns.length);
  const decimals = columns.map((_, i) => full.some(({ cells }) => /\d[.,eEdD]\d|\d[.,]|[.,]\d/.test(cells[i] ?? '')));
  const count = columns.filter((column, i) => column === 'number' && decimals[i]).length;
  const numbers = columns.filter((column) => column === 'number').length;
  return columns.map((column, i) => column === 'number' && !decimals[i] && count > 0 && count === numbers - 1);
}

function columnsOf(rows: Row[], separator: Separator): Column[] {
  if (separator === ' ') {
    // Words of word vectors may contain blanks, so numbers are counted from the other end.
    const wordsFirst = rows.filter(({ numbers }) => !numbers[0] && numbers.at(-1));
    const wordsLast = rows.filter(({ numbers }) => numbers[0] && !numbers.at(-1));
    const isNamed = (named: Row[], end: 0 | -1) =>
      2 * named.length >= rows.length && named.some(({ cells }) => isWord(cells.at(end) as string));
    if (isNamed(wordsFirst, 0)) {
      const count = mostFrequent(rows.map(({ numbers }) => numbers.length - 1 - numbers.lastIndexOf(false)));
      return ['name', ...Array<Column>(count).fill('number')];
    }
    if (isNamed(wordsLast, -1)) {
      const count = mostFrequent(
        rows.map(({ numbers }) => (numbers.includes(false) ? numbers.indexOf(false) : numbers.length)),
      );
      return [...Array<Column>(count).fill('number'), 'name'];
    }
  }
  const width = mostFrequent(rows.map(({ cells }) => cells.length));
  const full = rows.filter(({ cells }) => cells.length === width);
  const columns = Array.from({ length: width }, (_, column): Column => {
    const cells = full.map((row) => row.cells[column] ?? '');
    const count = full.filter((row) => row.numbers[column]).length;
    const words = cells.filter(isWord).length;
    if (column === 0 && 2 * full.filter(({ text }) => /^\s*"[^"]*"[^"]*$/.test(text)).length > full.length)
      return 'other';
    if (words === 0 || 2 * count >= full.length) return 'number';
    const isText =
      column === 0 || cells.every((cell, i) => full[i]?.numbers[column] || isWord(cell) || isMissing(cell));
    return isText ? 'other' : 'number';
  });
  const named = columns.indexOf('other');
  if (named >= 0) columns[named] = 'name';
  return columns;
}

/** Refuses lines that can be read in two ways. */
function checkAmbiguity(lines: SampleLine[], rows: Row[], separator: Separator, mark: DecimalMark): void {
  const texts = rows.map(({ text }) => text);
  if (mark === ',') {
    const decimals = rows.flatMap(({ cells }) => cells.filter((cell) => /\d,\d/.test(cell)));
    if (decimals.length && decimals.every((cell) => /^[-+\u2212]?[1-9]\d{0,2},\d{3}$/.test(cell))) {
      throw new InputError(
        `The comma in ${JSON.stringify(decimals[0])} can be a decimal comma or a thousands mark; write decimal points and no thousands marks.`,
      );
    }
  }
  if (mark === '.' && (separator === ',' || separator === ' ') && texts.length > 1) {
    const group = `[-+]?[1-9]\\d{0,2}${separator}\\d{3}(?:\\.\\d+)?`;
    const grouped = new RegExp(`^\\s*${group}(?:${separator}${group})*\\s*$`);
    if (texts.every((text) => grouped.test(text))) {
      throw new InputError(
        `The ${separator === ',' ? 'commas' : 'blanks'} in line ${lineOf(lines, texts[0] ?? '')} can be separators or thousands marks; write numbers without thousands marks.`,
      );
    }
  }
  const isPaired =
    separator === ',' &&
    rows.every(({ cells, text }) => cells.length % 2 === 0 && /^[-+\u2212\d,]+$/.test(text.trim()));
  if (isPaired) {
    const seconds = rows.flatMap(({ cells }) => cells.filter((_, i) => i % 2));
    const hasZeros =
      seconds.some((cell) => /^0\d/.test(cell)) || rows.some(({ cells }) => cells.some((cell) => /^-0$/.test(cell)));
    const isUnsigned = seconds.every((cell) => /^\d\d+$/.test(cell) && cell.length === seconds[0]?.length);
    const isFraction = rows.length >= 8 && isUnsigned && rows.every(({ cells }) => cells.length === 2);
    if (hasZeros || isFraction) {
      throw new InputError(
        `The commas in line ${lineOf(lines, texts[0] ?? '')} can be separators or decimal commas; write decimal points, or separate numbers by semicolons.`,
      );
    }
  }
}

const lineOf = (lines: SampleLine[], text: string): number => lines.find((line) => line.text === text)?.line ?? 1;

/** The value that occurs most often; of several, the first. */
function mostFrequent(values: number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
