import type { State } from '../state/schema';
import { make } from '../ui/dom';
import type { ShownFigures } from '../ui/figures';
import { equation, isEquation, type Term } from './content/equations';
import { type Fact, facts } from './content/facts';
import { live } from './content/live';
import { flat, type MarkupPiece, parse, parseLine } from './content/markup';

const unknown = '…';

/** One paragraph's pieces as nodes. */
const proseOf = (pieces: MarkupPiece[]): Node[] => pieces.map(nodeOf);

/** One line of a text as nodes. */
export const lineOf = (text: string): Node[] => proseOf(parseLine(text));

export const paragraphsOf = (text: string): HTMLElement[] =>
  parse(text).map((pieces) => make('p', {}, ...proseOf(pieces)));

/** A line as plain text for attributes and titles, without live figures and equations. */
export const textOf = (line: string): string =>
  flat(parseLine(line))
    .map((piece) => {
      if (piece.kind === 'text' || piece.kind === 'term') return piece.text;
      return piece.kind === 'figure' ? (facts[piece.name]?.text ?? '') : '';
    })
    .join('');

/** The facts that texts state, each once. */
export const factsIn = (...texts: (string | undefined)[]): Fact[] => {
  const names = texts
    .flatMap((text) => parse(text ?? '').flat())
    .flatMap((piece) => flat([piece]))
    .flatMap((piece) => (piece.kind === 'figure' && piece.name in facts ? [piece.name] : []));
  return [...new Set(names)].map((name) => facts[name]);
};

function nodeOf(piece: MarkupPiece): Node {
  switch (piece.kind) {
    case 'text':
      return document.createTextNode(piece.text);
    case 'term':
      return make('em', { textContent: piece.text });
    case 'link': {
      const data = { target: piece.target };
      return make('span', { tabIndex: 0, role: 'button', data }, ...proseOf(piece.pieces));
    }
    case 'figure': {
      const fact = facts[piece.name];
      if (fact) return make('span', { className: 'fact', title: fact.source, textContent: fact.text });
      return make('span', { className: 'live', textContent: unknown, data: { live: piece.name } });
    }
    case 'equation': {
      const span = make('span', { className: piece.block ? 'equation' : '' });
      if (isEquation(piece.name)) span.append(typeset(equation(piece.name), piece.block));
      return span;
    }
  }
}

const mathNamespace = 'http://www.w3.org/1998/Math/MathML';

function typeset(body: Term, isBlock: boolean): Element {
  const math = document.createElementNS(mathNamespace, 'math');
  if (isBlock) math.setAttribute('display', 'block');
  math.append(elementOf(body));
  return math;
}

function elementOf({ tag, of, width }: Term): Element {
  const element = document.createElementNS(mathNamespace, tag);
  if (width) element.setAttribute('width', width);
  element.append(...of.map((child) => (typeof child === 'string' ? child : elementOf(child))));
  return element;
}

/** Puts the shown numbers into the text; a number that is not shown becomes `…`. */
export function fill(root: HTMLElement, shown: ShownFigures, state: State): void {
  for (const span of root.querySelectorAll<HTMLElement>('[data-live]')) {
    const { of, write } = live[span.dataset.live as string];
    const value = of(shown, state);
    span.textContent = value === undefined ? unknown : write(value);
    if (value === undefined) delete span.dataset.value;
    else span.dataset.value = String(value);
  }
}
