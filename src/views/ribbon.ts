import { words } from '../language/words';
import { bucketColour } from '../state/palette';
import { make } from '../ui/dom';

/** A piece of the text above the stage. */
export interface RibbonPiece {
  /** Its characters. Empty for the first bytes of a character that goes on in the next piece. */
  text: string;
  /** Its bucket in the round in front; undefined before it is hashed. */
  bucket: number | undefined;
  /** Weight that the selected piece gives to it, 0 to 1. */
  weight: number;
  /** The selected piece would give weight to it, but met it in no round. */
  isMissed: boolean;
  /** It comes after the selected piece, which cannot see it. */
  isLater: boolean;
  /** The model wrote it. */
  isNew: boolean;
  /** How little the model expected it, in nats; undefined if this is not shown. */
  surprise?: number | undefined;
}

export interface RibbonActions {
  select(token: number): void;
  edit(text: string): void;
}

/** Missed pieces below this weight in full attention are not outlined. */
export const leastMissed = 0.02;

/** Nats of surprise with the full colour. */
const mostSurprise = 6;

/** The text above the stage. Its pieces lie below a transparent field with the same letters, in which a person types. */
export class Ribbon {
  readonly field: HTMLTextAreaElement;
  private readonly pieces: HTMLElement;
  private readonly sheet: HTMLElement;
  /** First character after each piece. */
  private ends: number[] = [];

  constructor(
    parent: HTMLElement,
    private readonly actions: RibbonActions,
  ) {
    this.pieces = make('div', { className: 'pieces', ariaHidden: 'true' });
    this.field = make('textarea', { ariaLabel: words.text, spellcheck: false, autocomplete: 'off' });
    this.sheet = make('div', { className: 'sheet' }, this.pieces, this.field);
    parent.append(this.sheet);
    this.field.addEventListener('input', () => actions.edit(this.field.value));
    this.field.addEventListener('pointerup', () => this.selectAtCaret());
    this.field.addEventListener('keyup', (event) => {
      if (/^(Arrow|Home|End)/.test(event.key)) this.selectAtCaret();
    });
  }

  /** Shows the pieces of a text. `selected`: the piece whose attention is shown. */
  show(pieces: readonly RibbonPiece[], selected: number, dark: boolean): void {
    const text = pieces.map((piece) => piece.text).join('');
    // A person who types has the newer text.
    if (this.field.value !== text && document.activeElement !== this.field) this.field.value = text;
    let end = 0;
    this.ends = pieces.map((piece) => {
      end += piece.text.length;
      return end;
    });
    const old = this.pieces.children;
    for (const [at, piece] of pieces.entries()) {
      const span = (old[at] as HTMLElement | undefined) ?? this.pieces.appendChild(make('span'));
      if (span.textContent !== piece.text) span.textContent = piece.text;
      span.className = [
        at === selected && 'selected',
        piece.isMissed && 'missed',
        piece.isLater && 'later',
        piece.isNew && 'new',
        piece.text === '\n' && 'break',
        piece.text === '\u0004' && 'end',
      ]
        .filter(Boolean)
        .join(' ');
      const colour = piece.bucket === undefined ? 'transparent' : bucketColour(piece.bucket, dark);
      span.style.setProperty('--bucket', colour);
      span.style.setProperty('--weight', piece.weight.toFixed(3));
      span.style.setProperty('--surprise', Math.min(1, (piece.surprise ?? 0) / mostSurprise).toFixed(3));
    }
    while (old.length > pieces.length) old[pieces.length].remove();
  }

  /** Shows pieces without buckets, while somebody types or the model writes. */
  showText(texts: readonly string[], firstNew: number): void {
    const piece = (text: string, at: number): RibbonPiece => ({
      text,
      bucket: undefined,
      weight: 0,
      isMissed: false,
      isLater: false,
      isNew: at >= firstNew,
    });
    this.show(texts.map(piece), -1, false);
    if (firstNew < texts.length) this.sheet.scrollTop = this.sheet.scrollHeight;
  }

  private selectAtCaret(): void {
    const { selectionStart, selectionEnd } = this.field;
    if (selectionStart !== selectionEnd) return;
    const token = this.ends.findIndex((end) => end >= Math.max(1, selectionStart));
    if (token >= 0) this.actions.select(token);
  }
}
