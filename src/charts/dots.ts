import { row } from '../algorithm/cross-section';
import { digits, dotProducts } from '../algorithm/hash';
import type { Settings, Shape } from '../algorithm/settings';
import { charts } from '../language/charts';
import { formatNumber } from '../shared/format';
import { bucketColour } from '../state/palette';
import { make } from '../ui/dom';
import { FigureSurface } from '../ui/figures';

const words = charts.hashing;

/** The hashed vectors, the directions, and the token and round whose products are listed. */
export interface DotsPicture {
  /** Shared queries and keys [heads, n, d]. */
  qk: ArrayLike<number>;
  directions: ArrayLike<number>;
  shape: Shape;
  settings: Settings;
  head: number;
  round: number;
  token: number;
  dark: boolean;
}

/** Number of listed products, over all factors. */
const listed = 12;

/** Dot products of one token with both ends of every direction of a round, the largest first. They explain the token's bucket. */
export class DotList {
  private readonly figures = new FigureSurface('attention');

  constructor(private readonly parent: HTMLElement) {}

  hide(): void {
    this.figures.clear();
    this.parent.replaceChildren();
  }

  show({ qk, directions, shape, settings, head, round, token, dark }: DotsPicture): void {
    this.figures.clear();
    const { factors } = settings;
    const y = dotProducts(row(qk, shape, head, token), directions, shape, settings, head, round);
    const bucketDigits = digits(y, factors);
    const isFlat = factors.length === 1;
    const parts: HTMLElement[] = [
      make('h3', {}, words.title(token, round + 1)),
      make('p', {}, isFlat ? words.bucket(y.length) : words.digits(y.length)),
    ];
    let column = 0;
    let candidate = 0;
    for (const [f, factor] of factors.entries()) {
      const half = factor / 2;
      const ends = Array.from({ length: factor }, (_, digit) => ({
        digit,
        value: digit < half ? y[column + digit] : -y[column + digit - half],
      }));
      ends.sort((a, b) => b.value - a.value || a.digit - b.digit);
      const shown = ends.slice(0, Math.max(2, Math.floor(listed / factors.length)));
      const widest = Math.max(...shown.map(({ value }) => Math.abs(value))) || 1;
      const least = Math.min(0, ...shown.map(({ value }) => value)) / widest;
      const list = make('ol', { className: 'plain' });
      for (const { digit, value } of shown) {
        const name = `${isFlat ? '' : 'abcd'[f]}${digit < half ? '+' : '−'}${digit % half}`;
        const bar = make('i');
        const part = value / widest / (1 - least);
        bar.style.setProperty('--from', `${100 * ((Math.min(0, value) / widest - least) / (1 - least))}%`);
        bar.style.setProperty('--long', `${100 * Math.abs(part)}%`);
        bar.style.setProperty('--colour', isFlat ? bucketColour(digit, dark) : 'var(--quiet)');
        const entry = { kind: 'hash-dot', index: `${round} ${candidate + digit}`, value } as const;
        const number = this.figures.make('data', entry, `${value < 0 ? '−' : ''}${formatNumber(Math.abs(value))}`);
        const item = make('li', {}, make('span', {}, name), bar, number);
        if (digit === bucketDigits[f]) {
          item.className = 'won';
          item.append(make('em', {}, isFlat ? words.largestIsBucket(digit) : words.largestIsDigit(digit)));
        }
        list.append(item);
      }
      parts.push(list);
      if (ends.length > shown.length) parts.push(make('p', {}, words.smaller(ends.length - shown.length)));
      column += half;
      candidate += factor;
    }
    if (!isFlat) {
      let unit = 1;
      let bucket = 0;
      const terms = bucketDigits.map((digit, f) => {
        const term = unit === 1 ? `${digit}` : `${unit}·${digit}`;
        bucket += unit * digit;
        unit *= factors[f];
        return term;
      });
      parts.push(make('p', {}, words.sum(terms.join(' + '), bucket)));
    }
    this.parent.replaceChildren(...parts);
  }
}
