/** Numbers as text: which cells of a table are numbers, missing values, words or numbers in another notation. */

import { quote } from '../shared/errors';

export type DecimalMark = '.' | ',';

const pointed = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?$/;
const withComma = /^[+-]?\d+(?:,\d+)?(?:[eEdD][+-]?\d+)?$/;

/**
 * The number that a cell's text is, or undefined. Reads decimals with an exponent after e, or D as Fortran writes it, and a Unicode minus.
 * Numbers that are too large become infinite. Nothing else that JavaScript takes for a number is one here, such as 0x1F.
 */
export function parseNumber(cell: string, mark: DecimalMark): number | undefined {
  const text = cell.replaceAll('\u2212', '-');
  if (!(mark === ',' ? withComma : pointed).test(text)) return undefined;
  return Number(text.replace(',', '.').replace(/d/i, 'e'));
}

const missing =
  /^(?:|[-–—.?]|--+|n\/?a|<na>|na_.*|null|none|nil|missing|[+-]?nan|[+-]?inf(?:inity)?|[+-]?1\.#(?:ind|inf|qnan|snan).*)$/i;
const sheetError = /^#(?:n\/a|div\/0!|ref!|value!|num!|name\?|null!|spill!|calc!)/i;
const date =
  /^(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2}(?:[ T].*)?)?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d\d|\d{4})(?:[ T].*)?|\d{1,2}:\d\d(?::\d\d.*)?)$/;
const marked = /^[$€£¥]?[-+\u2212(]*[.,]?\d[\d.,;|'’_\s+\u2212)-]*(?:[eEdD][+-]?\d+)?\s?[%$€£¥]?$/;
const otherBase = /^[+-]?0[xXbBoO][\da-fA-F]+$/;
const truth = /^(?:true|false|t|f)$/i;

/** Whether a cell stands for a value that is missing or not finite, such as NA, nan or inf. */
export const isMissing = (cell: string): boolean => missing.test(cell) || sheetError.test(cell);

/** Whether text that begins with # is an error of a spreadsheet and no comment. */
export const isSheetError = (text: string): boolean => sheetError.test(text);

/** Whether a cell looks like a number in any notation: with thousands marks, a currency, a percent sign or another base. */
export const isNumberLike = (cell: string): boolean => (marked.test(cell) || otherBase.test(cell)) && !date.test(cell);

/** Whether a cell can name a column. */
export const isHeadingWord = (cell: string): boolean =>
  !isMissing(cell) && !isNumberLike(cell) && parseNumber(cell, '.') === undefined;

/** Whether a cell is surely a word or a date, and so no value that is mistyped. */
export const isWord = (cell: string): boolean =>
  date.test(cell) ||
  (isHeadingWord(cell) && !truth.test(cell) && /^["'(]?\p{L}/u.test(cell) && !/[ \t][+-]?\d*\.\d+$/.test(cell));

/** What is wrong with a cell that is no number: the end of a sentence that begins with "Line 3". */
export function describeBadCell(cell: string, column: number, mark: DecimalMark): string {
  const has = `has ${quote(cell, 40)}`;
  if (cell === '') return `has no number in column ${column}; fill in or delete rows with missing values.`;
  if (isMissing(cell)) return `${has} in place of a number; fill in or delete rows with missing values.`;
  if (otherBase.test(cell)) return `${has} in place of a number; write decimal numbers.`;
  if (truth.test(cell)) return `${has} in place of a number; write 1 and 0.`;
  if (mark === '.' && withComma.test(cell)) {
    return `${has}, which can be a decimal comma or a thousands mark; write decimal points and no thousands marks.`;
  }
  if (mark === ',' && pointed.test(cell)) {
    return `${has}, a decimal point in a file of decimal commas; write all numbers in one way.`;
  }
  if (/^[-+\u2212]?\d{1,3}(?:[.,'’_\s]\d{3})+(?:[.,]\d*)?$/.test(cell)) {
    return `${has}, a number with thousands marks; write it without them.`;
  }
  return `${has} in place of a number.`;
}
