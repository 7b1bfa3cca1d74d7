import { row } from '../algorithm/cross-section';
import { digits, dotProducts } from '../algorithm/hash';
import type { AttentionEvidence } from '../explain/attention';
import { timeline } from '../language/timeline';
import { formatNumber } from '../shared/format';
import { lastPhase, type Mark, marks } from '../state/phase';
import { make } from '../ui/dom';
import { type FigureEntry, FigureSurface } from '../ui/figures';

const words = timeline.follow;

/** A place on the stage in CSS pixels, and how far from the upper to the lower row of the loom, 0 to 1. */
export interface Followed {
  x: number;
  y: number;
  down: number;
}

/** Most products, weights and shares that the card lists. */
const listed = 3;

/** From the followed token to its card, in CSS pixels. */
const away = 20;

/** A card beside the selected token while the algorithm plays: the token's numbers in the present step. */
export class Follow {
  private readonly card = make('div', { id: 'follow', className: 'card' });
  // Most of these numbers stand elsewhere on the page too, and are then no further numbers of the view.
  private readonly figures = new FigureSurface('attention');
  private readonly repeated = new FigureSurface('dialog');
  /** What the card shows. */
  private shown: { mark: Mark; evidence: AttentionEvidence } | undefined;

  constructor(private readonly parent: HTMLElement) {
    this.card.hidden = true;
    parent.append(this.card);
  }

  /** Shows the numbers of a token at a phase. `evidence` is undefined while there are none. */
  show(phase: number, evidence: AttentionEvidence | undefined): void {
    const mark = marks[Math.max(0, Math.ceil(phase) - 1)];
    if (phase >= lastPhase || !evidence) {
      this.hide();
      return;
    }
    const { shown } = this;
    if (shown?.mark === mark && isSame(shown.evidence, evidence)) return;
    this.shown = { mark, evidence };
    this.figures.clear();
    this.repeated.clear();
    this.card.replaceChildren(make('b', {}, words.token(evidence.readout.token)), ...this.linesOf(mark, evidence));
    this.card.hidden = false;
  }

  private hide(): void {
    if (!this.shown) return;
    this.shown = undefined;
    this.figures.clear();
    this.repeated.clear();
    this.card.hidden = true;
    this.card.replaceChildren();
  }

  /** Moves the card beside a point of the stage in CSS pixels, or into a corner. */
  place(at: Followed | undefined): void {
    const { card, parent } = this;
    if (card.hidden) return;
    const { clientWidth, clientHeight } = parent;
    const { offsetWidth: width, offsetHeight: height } = card;
    // Below the upper row and above the lower row, so that it covers neither.
    const isLeft = at && at.x + away + width > clientWidth - 6;
    const x = at ? (isLeft ? at.x - away - width : at.x + away) : 10;
    const y = at ? at.y + away - at.down * (2 * away + height) : clientHeight - height - 10;
    const left = Math.max(6, Math.min(clientWidth - width - 6, x));
    const top = Math.max(6, Math.min(clientHeight - height - 6, y));
    card.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
    if (at) Object.assign(card.dataset, { x: at.x.toFixed(2), y: at.y.toFixed(2) });
  }

  private linesOf(mark: Mark, evidence: AttentionEvidence): HTMLElement[] {
    const { settings, shape, qk, rotations, head, round, readout } = evidence;
    const own = readout.rounds[round];
    const line = (...parts: (string | Node)[]) => make('div', {}, ...parts);
    switch (mark) {
      case 'tokens':
        return [];
      case 'hash': {
        const y = dotProducts(row(qk, shape, head, readout.token), rotations, shape, settings, head, round);
        const answers = digits(y, settings.factors);
        let column = 0;
        let candidate = 0;
        const lines = settings.factors.flatMap((factor, f) => {
          const half = factor / 2;
          const ends = Array.from({ length: factor }, (_, digit) => ({
            digit,
            value: digit < half ? y[column + digit] : -y[column + digit - half],
          })).sort((a, b) => b.value - a.value || a.digit - b.digit);
          const few = ends.slice(0, settings.factors.length > 1 ? 1 : listed).map(({ digit, value }) => {
            const name = `${settings.factors.length > 1 ? 'abcd'[f] : ''}${digit < half ? '+' : '−'}${digit % half}`;
            const index = `${round} ${candidate + digit}`;
            const part = this.repeat({ kind: 'hash-dot', index, value }, formatNumber(value));
            const product = line(...words.product(name, part));
            product.className = digit === answers[f] ? 'won' : '';
            return product;
          });
          column += half;
          candidate += factor;
          return few;
        });
        const bucket = this.repeat({ kind: 'bucket', index: round, value: own.bucket }, String(own.bucket));
        return [...lines, line(...words.bucket(bucket))];
      }
      case 'sort':
        return [line(...words.rank(this.make({ kind: 'rank', index: round, value: own.rank }, String(own.rank))))];
      case 'chunk': {
        const place = own.rank - own.chunk * settings.chunk;
        const chunk = this.repeat({ kind: 'chunk', index: round, value: own.chunk }, String(own.chunk));
        const inChunk = this.make({ kind: 'chunk-place', index: round, value: place }, String(place));
        return [line(...words.chunk(chunk)), line(...words.place(inChunk))];
      }
      case 'attend':
        return readout.seen
          .slice(0, listed)
          .map(({ key, weight }) =>
            line(
              ...words.weight(
                key,
                this.repeat({ kind: 'key-weight', index: key, value: weight }, formatNumber(weight)),
              ),
            ),
          );
      default:
        return readout.rounds
          .map(({ weight }, r) => ({ r, weight }))
          .sort((a, b) => b.weight - a.weight || a.r - b.r)
          .slice(0, listed)
          .map(({ r, weight }) =>
            line(
              ...words.share(
                r + 1,
                this.repeat({ kind: 'round-weight', index: r, value: weight }, formatNumber(weight)),
              ),
            ),
          );
    }
  }

  private make(entry: FigureEntry, text: string): HTMLElement {
    return this.figures.make('data', entry, text);
  }

  private repeat(entry: FigureEntry, text: string): HTMLElement {
    return this.repeated.make('data', entry, text);
  }
}

/** Evidence is made anew for each question, from results that stay the same objects. */
const isSame = (a: AttentionEvidence, b: AttentionEvidence): boolean =>
  a.readout === b.readout && a.round === b.round && a.qk === b.qk && a.rotations === b.rotations;
