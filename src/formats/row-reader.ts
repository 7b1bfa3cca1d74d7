/** Reads one line of a table of text into numbers and, if the table has them, a name. */

import { InputError, quote } from '../shared/errors';
import { type Dialect, splitCells } from './dialect';
import { describeBadCell, isSheetError, parseNumber } from './number-text';

const blank = 32;
const tab = 9;
const quoteMark = 34;
const powersOfTen = Array.from({ length: 23 }, (_, k) => 10 ** k);

/** Reads lines of one dialect. After `read`, `row` has the line's numbers and `name` its name. */
export class RowReader {
  /** The numbers of the last line. */
  readonly row: Float64Array;
  /** The name of the last line, if `keepsNames`. */
  name = '';
  keepsNames = true;
  /** Whether a line ended in a comment. */
  hasComments = false;

  private readonly separator: number;
  private readonly point: number;
  /** Whether all columns are numbers, except for a name at the first or last place. */
  private readonly isPlain: boolean;
  private readonly hasText: boolean;
  private readonly nameFirst: boolean;
  private readonly nameLast: boolean;
  private nameStart = 0;
  private nameEnd = 0;
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly dialect: Dialect,
  ) {
    const { columns } = dialect;
    this.row = new Float64Array(columns.filter((column) => column === 'number').length);
    this.separator = dialect.separator.charCodeAt(0);
    this.point = dialect.mark.charCodeAt(0);
    this.nameFirst = columns[0] === 'name';
    this.nameLast = !this.nameFirst && columns.at(-1) === 'name';
    this.hasText = this.row.length < columns.length;
    this.isPlain = this.row.length === columns.length - (this.nameFirst || this.nameLast ? 1 : 0);
  }

  /** Reads bytes `start` to `end` if they are a line of numbers in the plainest notation. Otherwise returns false and changes no name. */
  readPlain(start: number, end: number): boolean {
    if (!this.isPlain || !this.fits(start, end)) return false;
    if (this.keepsNames && (this.nameFirst || this.nameLast)) {
      this.name = decodeText(this.bytes.subarray(this.nameStart, this.nameEnd), true);
    }
    return true;
  }

  /** Reads a line in any notation. @throws InputError that begins with the line's number. */
  readAny(text: string, line: number): void {
    const cells = this.cellsOf(text);
    const { columns, mark } = this.dialect;
    if (cells.length !== columns.length) throw this.wrongWidth(cells, line);
    let count = 0;
    cells.forEach((cell, i) => {
      if (columns[i] === 'name') this.name = cell;
      if (columns[i] !== 'number') return;
      const value = parseNumber(cell, mark);
      if (value === undefined) throw new InputError(`Line ${line} ${describeBadCell(cell, i + 1, mark)}`);
      if (!Number.isFinite(value))
        throw new InputError(`Line ${line} has ${quote(cell, 40)}, which is too large for a float32 number.`);
      this.row[count++] = value;
    });
  }

  /** The cells of a line, without a comment at its end and without the empty cells at the end of every line. */
  cellsOf(text: string): string[] {
    const body = withoutComment(text);
    const cells = this.split(body);
    if (body.length === text.trimEnd().length) return cells;
    // Words may have a # too.
    if (this.hasText && cells.length !== this.dialect.columns.length) return this.split(text);
    this.hasComments = true;
    return cells;
  }

  private split(text: string): string[] {
    const { separator, columns, trailing } = this.dialect;
    const isOpen = separator === ' ' && this.hasText;
    const cells = splitCells(text, separator, isOpen ? undefined : columns.length + trailing + 1);
    const spare = cells.length - columns.length;
    if (spare > 0 && spare <= trailing && cells.slice(-spare).every((cell) => cell === ''))
      return cells.slice(0, -spare);
    if (separator !== ' ' || spare <= 0) return cells;
    // The words of word vectors may contain blanks and quotes.
    const pieces = text.trim().split(/[ \t]+/);
    const words = pieces.length - this.row.length;
    if (words < 1) return cells;
    if (this.nameFirst) return [pieces.slice(0, words).join(' '), ...pieces.slice(words)];
    if (this.nameLast) return [...pieces.slice(0, -words), pieces.slice(-words).join(' ')];
    return cells;
  }

  private wrongWidth(cells: string[], line: number): InputError {
    const { columns, mark } = this.dialect;
    const others = `other lines have ${columns.length}`;
    const bad = cells.findIndex(
      (cell, i) => columns[Math.min(i, columns.length - 1)] === 'number' && parseNumber(cell, mark) === undefined,
    );
    if (bad >= 0 && cells[bad] !== '' && cells.length <= columns.length) {
      return new InputError(`Line ${line} ${describeBadCell(cells[bad] as string, bad + 1, mark)}`);
    }
    const count = cells.length > columns.length ? `more than ${columns.length}` : `${cells.length}`;
    return new InputError(`Line ${line} has ${count} ${this.hasText ? 'cells' : 'numbers'}; ${others}.`);
  }

  /** Reads the line into `row`, and its name's place into `nameStart` and `nameEnd`. */
  private fits(start: number, end: number): boolean {
    const { bytes, separator, row } = this;
    this.at = start;
    this.skipBlanks(end);
    if (this.nameFirst && !(this.skipName(end) && this.skipSeparator(end))) return false;
    for (let i = 0; i < row.length; i++) {
      if (i > 0 && !this.skipSeparator(end)) return false;
      if (!this.readNumber(end, i)) return false;
    }
    if (this.nameLast && !(this.skipSeparator(end) && this.skipName(end))) return false;
    this.skipBlanks(end);
    for (let i = 0; i < this.dialect.trailing && this.at < end && bytes[this.at] === separator; i++) {
      this.at++;
      this.skipBlanks(end);
    }
    return this.at === end;
  }

  private skipBlanks(end: number): void {
    const { bytes, separator } = this;
    let { at } = this;
    while (at < end && (bytes[at] === blank || (bytes[at] === tab && separator !== tab))) at++;
    this.at = at;
  }

  /** Passes the separator between two cells. */
  private skipSeparator(end: number): boolean {
    const from = this.at;
    this.skipBlanks(end);
    if (this.separator === blank) return this.at > from && this.at < end;
    if (this.bytes[this.at] !== this.separator || this.at >= end) return false;
    this.at++;
    this.skipBlanks(end);
    return true;
  }

  private skipName(end: number): boolean {
    const { bytes, separator } = this;
    let { at } = this;
    if (bytes[at] === quoteMark && at < end) {
      const close = bytes.subarray(at + 1, end).indexOf(quoteMark);
      if (close > 0) {
        this.nameStart = at + 1;
        this.nameEnd = at + 1 + close;
        this.at = this.nameEnd + 1;
        return bytes[this.at] !== quoteMark;
      }
      // In a table separated by blanks a quote alone is a word.
      if (separator !== blank) return false;
    }
    this.nameStart = at;
    while (at < end && bytes[at] !== separator && !(bytes[at] === tab && separator === blank)) at++;
    this.at = at;
    while (at > this.nameStart && (bytes[at - 1] === blank || bytes[at - 1] === tab)) at--;
    this.nameEnd = at;
    return separator !== blank || at > this.nameStart;
  }

  /**
   * Reads a number into `row[i]`. Whole numbers up to 15 digits and powers of ten up to 10^22 are exact in float64, so that their product
   * or quotient is rounded once. Longer numbers are left to JavaScript.
   */
  private readNumber(end: number, i: number): boolean {
    const { bytes, point } = this;
    const start = this.at;
    let at = start;
    const isNegative = bytes[at] === 45;
    if (isNegative) at++;
    let whole = 0;
    let digits = 0;
    let pointAt = -1;
    for (; at < end; at++) {
      const digit = (bytes[at] as number) - 48;
      if (digit >= 0 && digit <= 9) {
        whole = 10 * whole + digit;
        digits++;
      } else if (bytes[at] === point && pointAt < 0) pointAt = digits;
      else break;
    }
    if (digits === 0 || (point === 44 && (pointAt === 0 || pointAt === digits))) return false;
    let power = pointAt < 0 ? 0 : pointAt - digits;
    if (at < end && ((bytes[at] as number) | 32) === 101) {
      at++;
      const sign = bytes[at] === 45 ? -1 : 1;
      if (bytes[at] === 45 || bytes[at] === 43) at++;
      const from = at;
      let exponent = 0;
      for (; at < Math.min(end, from + 4); at++) {
        const digit = (bytes[at] as number) - 48;
        if (digit < 0 || digit > 9) break;
        exponent = 10 * exponent + digit;
      }
      if (at === from) return false;
      power += sign * exponent;
    }
    this.at = at;
    if (digits > 15 || power < -22 || power > 22) {
      const value = parseNumber(
        String.fromCharCode(...bytes.subarray(start, Math.min(at, start + 400))),
        this.dialect.mark,
      );
      if (value === undefined || !Number.isFinite(value) || at > start + 400) return false;
      this.row[i] = value;
      return true;
    }
    const scale = powersOfTen[Math.abs(power)] as number;
    const size = power < 0 ? whole / scale : whole * scale;
    this.row[i] = isNegative ? -size : size;
    return true;
  }
}

const exactDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text of UTF-8 bytes. @throws InputError for other bytes if `isExact`; otherwise they become U+FFFD. */
export function decodeText(bytes: Uint8Array, isExact: boolean): string {
  try {
    return exactDecoder.decode(bytes);
  } catch {
    const text = new TextDecoder().decode(bytes);
    if (!isExact) return text;
    throw new InputError(`The words ${quote(text, 30)} are not UTF-8 text; save the file as UTF-8.`);
  }
}

/** A line without a comment at its end: after #, or after % between blanks. */
export function withoutComment(text: string): string {
  const hash = text.indexOf('#');
  if (hash >= 0 && !isSheetError(text.slice(hash))) return text.slice(0, hash).trimEnd();
  return text.replace(/[ \t]%[ \t]*\p{L}.*$/u, '').trimEnd();
}
