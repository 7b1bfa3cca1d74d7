/** Reads tables of numbers from text: .csv, .tsv, and word vectors as GloVe, word2vec and fastText write them. */

import { InputError, quote } from '../shared/errors';
import { type Column, type Dialect, findDialect, type SampleLine, type Separator } from './dialect';
import { isHeadingWord, isMissing, isSheetError, parseNumber } from './number-text';
import { decodeText, RowReader, withoutComment } from './row-reader';
import {
  type Counts,
  type Heading,
  mostNames,
  type NumberTable,
  type TableParts,
  withoutHeadingAndIndex,
} from './table-parts';

/** Most numbers in a line. */
export const mostColumns = 4096;

/** Longest line in bytes: `mostColumns` numbers with room to spare. */
const longestLine = 2 ** 20;

/** Lines and bytes from which the dialect is found. */
const sampleLines = 128;
const sampleBytes = 2 ** 20;

/** Most lines of words above the numbers: names, and for example units. */
const mostHeadings = 3;

/** Most lines that one quoted cell spans. */
const mostQuotedLines = 100;

/**
 * Reads a table, one row a line. Words become the rows' names. Headings, counts and columns that count the rows are left out, and listed.
 * @throws InputError in one sentence that names the line.
 */
export function readTable(file: Uint8Array): NumberTable {
  const { bytes, encoding } = toUtf8(file);
  const lines = new Lines(bytes);
  const { sample, separator, skipped } = sampleOf(bytes);
  const dialect = findDialect(sample) ?? fallbackDialect(sample, separator);
  if (dialect.columns.length > mostColumns) {
    throw new InputError(`The lines have more than ${mostColumns} numbers; they must have 2 to ${mostColumns}.`);
  }
  const { rows, ...parts } = readRows(lines, bytes, dialect, skipped);
  const table = withoutHeadingAndIndex(rows, parts);
  if (dialect.mark === ',') table.notes.push('decimal commas');
  if (encoding) table.notes.push(encoding);
  return table;
}

/** All rows of a table, and what stands above and between them. */
interface Reading extends TableParts {
  rows: NumberTable;
}

function readRows(lines: Lines, bytes: Uint8Array, dialect: Dialect, skipped: number): Reading {
  const reader = new RowReader(bytes, dialect);
  const { columns } = dialect;
  const width = reader.row.length;
  if (width < 2) throw new InputError(`The lines have ${width} numbers each; they must have 2 to ${mostColumns}.`);
  const hasNames = columns.includes('name');
  let data = new Float64Array(1024);
  let names: string[] | undefined = hasNames ? [] : undefined;
  let count = 0;
  let comments = 0;
  let firstLine = 0;
  const headings: Heading[] = [];
  let counts: Counts | undefined;

  const add = () => {
    if ((count + 1) * width > data.length) {
      const longer = new Float64Array(2 * (count + 1) * width);
      longer.set(data);
      data = longer;
    }
    data.set(reader.row, count * width);
    if (names?.length === mostNames) {
      names = undefined;
      reader.keepsNames = false;
    }
    names?.push(reader.name);
    if (count++ === 0) firstLine = lines.line;
  };

  const readLine = () => {
    if (lines.line <= skipped || reader.readPlain(lines.start, lines.end)) {
      if (lines.line > skipped) add();
      return;
    }
    checkLength(lines);
    const isComment = startsComment(bytes, lines.start, lines.end);
    if (!isComment && bytes.subarray(lines.start, lines.end).includes(quoteMark)) lines.joinQuoted();
    const text = decodeText(bytes.subarray(lines.start, lines.end), hasNames);
    if (isComment && !isSheetError(text.trim())) {
      comments++;
      return;
    }
    if (count === 0) {
      const cells = reader.cellsOf(text);
      // Separators at the ends of the lines stand behind R's short heading too.
      if (dialect.trailing && cells.length === columns.length && cells.at(-1) === '') cells.pop();
      counts ??= headings.length ? undefined : countsOf(text, columns, lines.line);
      if (counts?.line === lines.line) return;
      if (isHeading(cells, dialect, headings.length)) {
        headings.push({ cells, line: lines.line });
        return;
      }
    }
    reader.readAny(text, lines.line);
    add();
  };

  while (lines.next()) readLine();
  if (count === 0)
    throw new InputError(comments || headings.length ? 'The file has no line of numbers.' : 'The file is empty.');
  const leftOut: string[] = [];
  if (reader.hasComments) leftOut.push('comments at the ends of lines');
  if (comments) leftOut.push(comments === 1 ? 'a line that is a comment' : `${comments} lines that are comments`);
  if (dialect.trailing) leftOut.push('empty cells at the ends of the lines');
  if (hasNames && !names) leftOut.push(`the words, because there are more than ${mostNames}`);
  const others = columns.flatMap((column, i) => (column === 'other' ? [i] : []));
  for (const i of others) leftOut.push(`column ${i + 1}${nameOf(headings[0], i)}, which has words`);
  const rows = { rows: count, width, data, names, leftOut, notes: [], firstLine };
  return { rows, headings, counts, columns, digitsOnly: dialect.digitsOnly };
}

const nameOf = (heading: Heading | undefined, column: number): string =>
  heading?.cells[column] ? ` (${quote(heading.cells[column], 20)})` : '';

/** Whether a line above the numbers names the columns. A second and third line must have words only. */
function isHeading(cells: string[], { columns, mark }: Dialect, before: number): boolean {
  // R writes no name above the names of the rows.
  const isShort = cells.length === columns.length - 1;
  if (before === mostHeadings || (cells.length !== columns.length && !isShort)) return false;
  const places = isShort ? columns.slice(1) : columns;
  const numbers = cells.flatMap((cell) => parseNumber(cell, mark) ?? []);
  const missing = cells.filter((cell) => isMissing(cell)).length;
  const words = cells.filter(isHeadingWord).length;
  if (words + numbers.length + missing < cells.length) return false;
  // Words above words are no sign of a heading.
  const wordsAboveNumbers = cells.filter((cell, i) => isHeadingWord(cell) && places[i] === 'number').length;
  if (before > 0) return wordsAboveNumbers > 0 && numbers.length === 0 && missing <= words;
  if (!numbers.every(Number.isInteger) || new Set(numbers).size < numbers.length) return false;
  const isNumbered = numbers.length > 0 && missing <= 1;
  if (wordsAboveNumbers > 0) return words >= missing || isNumbered;
  const isRising = numbers.every((number, i) => i === 0 || number > (numbers[i - 1] as number));
  return (
    isNumbered && isRising && (isShort || cells.some((cell, i) => cell === '' && (i === 0 || columns[i] === 'number')))
  );
}

/** The counts of rows and numbers that word2vec and fastText write in the first line, or undefined for another line. */
function countsOf(text: string, columns: Column[], line: number): Counts | undefined {
  const cells = text.trim().split(/\s*[,;\t]\s*|\s+/, 3);
  const isCounts = cells.length === 2 && columns.length !== 2 && cells.every((cell) => /^\d{1,12}$/.test(cell));
  return isCounts ? { rows: Number(cells[0]), numbers: Number(cells[1]), line } : undefined;
}

const newline = 10;
const carriageReturn = 13;
const blank = 32;
const tab = 9;
const quoteMark = 34;
const hash = 35;
const percent = 37;

function startsComment(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && (bytes[at] === blank || bytes[at] === tab)) at++;
  return bytes[at] === hash || bytes[at] === percent;
}

function checkLength({ line, start, end }: Lines): void {
  if (end - start > longestLine) {
    throw new InputError(`Line ${line} has more than ${longestLine} bytes; it must have 2 to ${mostColumns} numbers.`);
  }
}

/** The lines of a text that are not blank. CR, LF and both together end a line. */
class Lines {
  start = 0;
  end = 0;
  /** Counts from 1. */
  line = 0;
  private after = 0;
  private nextReturn = -1;

  constructor(private readonly bytes: Uint8Array) {}

  /** Goes to the next line that is not blank. Returns false at the end. */
  next(): boolean {
    const { bytes } = this;
    while (this.after < bytes.length) {
      this.start = this.after;
      this.findEnd();
      let at = this.start;
      while (at < this.end && (bytes[at] === blank || bytes[at] === tab)) at++;
      if (at < this.end) return true;
    }
    return false;
  }

  /** Adds the following lines to this one until its quotes are closed. @throws InputError if they are not. */
  joinQuoted(): void {
    const { start, line } = this;
    let quotes = countQuotes(this.bytes, start, this.end);
    // Words of word vectors may have one quote, and then the following line has none or its own.
    for (let joined = 0; quotes % 2 === 1; joined++) {
      const { end, after } = this;
      if (joined === mostQuotedLines || after >= this.bytes.length || end - start > longestLine) {
        throw new InputError(`Line ${line} has a quote that is not closed.`);
      }
      this.start = after;
      this.findEnd();
      quotes += countQuotes(this.bytes, this.start, this.end);
    }
    this.start = start;
  }

  private findEnd(): void {
    const { bytes, start } = this;
    if (this.nextReturn < start) {
      const found = bytes.indexOf(carriageReturn, start);
      this.nextReturn = found < 0 ? bytes.length : found;
    }
    // Only up to the next CR, so that a file without LF is not searched once a line.
    const lineFeed = this.nextLineFeed(start);
    this.end = Math.min(lineFeed, this.nextReturn);
    this.after = this.end + (bytes[this.end] === carriageReturn && bytes[this.end + 1] === newline ? 2 : 1);
    this.line++;
  }

  private lineFeed = -1;

  private nextLineFeed(start: number): number {
    if (this.lineFeed < start) {
      const found = this.bytes.indexOf(newline, start);
      this.lineFeed = found < 0 ? this.bytes.length : found;
    }
    return this.lineFeed;
  }
}

function countQuotes(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (bytes[at] === quoteMark) count++;
  return count;
}

/** The first lines without comments. `skipped` is the number of a line that only names the separator, as Excel writes it. */
function sampleOf(bytes: Uint8Array): { sample: SampleLine[]; separator: Separator | undefined; skipped: number } {
  const lines = new Lines(bytes);
  const sample: SampleLine[] = [];
  let separator: Separator | undefined;
  let skipped = 0;
  let size = 0;
  while (sample.length < sampleLines && size < sampleBytes && lines.next()) {
    checkLength(lines);
    size += lines.end - lines.start;
    const text = decodeText(bytes.subarray(lines.start, lines.end), false);
    if (bytes.subarray(lines.start, lines.end).some((byte) => byte < tab)) {
      throw new InputError(`Line ${lines.line} has bytes that are no text; save the file as text in UTF-8.`);
    }
    const named = sample.length === 0 ? /^sep=([,;|\t])\s*$/i.exec(text) : null;
    if (named) {
      separator = named[1] as Separator;
      skipped = lines.line;
    } else if (!startsComment(bytes, lines.start, lines.end) || isSheetError(text.trim())) {
      sample.push({ line: lines.line, text: withoutComment(text) });
    }
  }
  return { sample, separator, skipped };
}

/** The dialect of lines without a number, so that the first of them can be named. */
function fallbackDialect(sample: SampleLine[], separator: Separator | undefined): Dialect {
  const [first] = sample;
  if (!first) throw new InputError('The file has no line of numbers.');
  const found =
    separator ?? ([';', '\t', '|', ','] as const).find((mark) => sample.every(({ text }) => text.includes(mark)));
  const text = first.text.trim();
  const cells = found ? text.split(found) : text.split(/[ \t]+/);
  const mark = cells.some((cell) => /^\s*[+-]?\d+,\d+\s*$/.test(cell)) && found !== ',' ? ',' : '.';
  const columns = cells.slice(0, mostColumns + 1).map((): Column => 'number');
  return { separator: found ?? ' ', mark, columns, digitsOnly: columns.map(() => false), trailing: 0 };
}

/** A text as UTF-8 without a byte-order mark. `encoding` is named if it was another. */
function toUtf8(file: Uint8Array): { bytes: Uint8Array; encoding?: string } {
  const [first, second, third] = file;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { bytes: file.subarray(3) };
  const label =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  if (!label) return { bytes: file };
  return { bytes: new TextEncoder().encode(new TextDecoder(label).decode(file)), encoding: 'UTF-16' };
}
