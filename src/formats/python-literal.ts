/** Parses the part of Python's literals that a .npy header may contain. */

/** A parsed literal. A dict keeps its pairs in order, so that repeated keys are seen. */
export type PythonLiteral =
  | string
  | number
  | boolean
  | null
  | { list: PythonLiteral[] }
  | { tuple: PythonLiteral[] }
  | { dict: [PythonLiteral, PythonLiteral][] };

/** Deepest nesting that is read. The header of an array of records nests to 4 or so. */
const mostDepth = 20;

const escapes: Record<string, string> = { '\\': '\\', "'": "'", '"': '"', n: '\n', t: '\t', r: '\r' };

/**
 * Parses a whole text as one literal: dicts, tuples, lists, strings, whole numbers, True, False and None. `16L` of Python 2 is a whole
 * number. Returns undefined for any other text.
 */
export function parsePythonLiteral(text: string): PythonLiteral | undefined {
  const parser = new Parser(text);
  const value = parser.value(0);
  return value !== undefined && parser.isAtEnd() ? value : undefined;
}

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  isAtEnd(): boolean {
    return this.match(/\s*/y) !== undefined && this.at === this.text.length;
  }

  value(depth: number): PythonLiteral | undefined {
    if (depth > mostDepth) return undefined;
    this.match(/\s*/y);
    if (this.match(/\{/y)) return this.dict(depth);
    if (this.match(/\[/y)) {
      const items = this.items(depth, ']');
      return items && { list: items.values };
    }
    if (this.match(/\(/y)) {
      const items = this.items(depth, ')');
      // Parentheses around one value without a comma make no tuple.
      return items && (items.values.length === 1 && !items.hasComma ? items.values[0] : { tuple: items.values });
    }
    const word = this.match(/(?:True|False|None)(?!\w)/y);
    if (word) return word === 'None' ? null : word === 'True';
    const digits = this.match(/[+-]?(?:0+|[1-9]\d*)(?=[^\w.]|[lL](?!\w)|$)/y);
    if (digits) {
      this.match(/[lL]/y);
      return Number(digits);
    }
    return this.string();
  }

  private dict(depth: number): PythonLiteral | undefined {
    const pairs: [PythonLiteral, PythonLiteral][] = [];
    while (this.match(/\s*\}/y) === undefined) {
      const key = this.value(depth + 1);
      if (key === undefined || this.match(/\s*:/y) === undefined) return undefined;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      pairs.push([key, value]);
      if (this.match(/\s*,/y) === undefined && !this.isNext(/\s*\}/y)) return undefined;
    }
    return { dict: pairs };
  }

  private items(depth: number, end: ')' | ']'): { values: PythonLiteral[]; hasComma: boolean } | undefined {
    const values: PythonLiteral[] = [];
    let hasComma = false;
    const close = end === ')' ? /\s*\)/y : /\s*\]/y;
    while (this.match(close) === undefined) {
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      values.push(value);
      if (this.match(/\s*,/y) !== undefined) hasComma = true;
      else if (!this.isNext(close)) return undefined;
    }
    return { values, hasComma };
  }

  /** One string, or several that Python joins because they stand side by side. */
  private string(): string | undefined {
    let joined: string | undefined;
    for (;;) {
      this.match(/\s*/y);
      const piece = this.match(/[uU]?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/y);
      if (piece === undefined) return joined;
      const body = piece.replace(/^[uU]/, '').slice(1, -1);
      if (/\\[^\\'"ntr]/.test(body.replaceAll('\\\\', ''))) return undefined;
      joined = (joined ?? '') + body.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? '');
    }
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private isNext(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }
}
