import { make } from '../ui/dom';
import { equation, isEquation, type Term } from './content/equations';
import { type Fact, facts } from './content/facts';
import { live, type Numbers } from './content/live';
import { flat, type MarkupPiece, type Paragraph, paragraphsIn, parse, parseLine } from './content/markup';

const unknown = '…';

/** One paragraph's pieces as nodes. `isPlain`: terms and facts are no buttons, because the line stands within one. */
function proseOf(pieces: MarkupPiece[], isPlain = false): Node[] {
  const nodes: Node[] = [];
  for (const [k, piece] of pieces.entries()) {
    const before = pieces[k - 1];
    const [mark] = piece.kind === 'text' ? (/^[,.;:)?!]/.exec(piece.text) ?? []) : [];
    const last = nodes.at(-1);
    // A line does not break between an equation or a figure and the mark behind it.
    if (mark && last instanceof HTMLElement && (before?.kind === 'equation' || before?.kind === 'figure')) {
      nodes[nodes.length - 1] = make('span', { className: 'unbroken' }, last, mark);
      nodes.push(document.createTextNode((piece as { text: string }).text.slice(1)));
    } else nodes.push(nodeOf(piece, isPlain));
  }
  return nodes;
}

/** One line of a text as nodes, without buttons. */
export const lineOf = (text: string): Node[] => proseOf(parseLine(text), true);

/** A paragraph as an element. */
export const paragraphOf = ({ pieces }: Paragraph): HTMLElement => make('p', {}, ...proseOf(pieces));

export const paragraphsOf = (text: string): HTMLElement[] => paragraphsIn(text).map(paragraphOf);

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

function nodeOf(piece: MarkupPiece, isPlain: boolean): Node {
  const asButton = isPlain ? {} : { tabIndex: 0, role: 'button' };
  switch (piece.kind) {
    case 'text':
      return document.createTextNode(piece.text);
    case 'term':
      return make('em', { textContent: piece.text, ...asButton });
    case 'link': {
      const data = { target: piece.target };
      // A figure within a link is no button of its own.
      return make('span', { tabIndex: 0, role: 'button', data }, ...proseOf(piece.pieces, true));
    }
    case 'figure': {
      const fact = facts[piece.name];
      if (fact) {
        const { source, text } = fact;
        return make('span', { className: 'fact', title: source, textContent: text, ...asButton });
      }
      const data = { live: piece.name, ...(piece.isBefore ? { when: 'before' } : {}) };
      return make('span', { className: 'live', textContent: unknown, data });
    }
    case 'equation': {
      const span = make('span', { className: piece.block ? 'equation' : '' });
      if (isEquation(piece.name)) span.append(typeset(equation(piece.name), piece.block));
      return span;
    }
  }
}

/** Shows or hides the source of a fact behind it, if `target` is one: a finger has no tooltip. */
export function toggleSource(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement) || !target.matches('.fact[role]')) return;
  const next = target.nextElementSibling;
  if (next?.classList.contains('fact-source')) next.remove();
  else target.after(make('span', { className: 'fact-source', role: 'note' }, ` (${target.title})`));
}

const mathNamespace = 'http://www.w3.org/1998/Math/MathML';

function typeset(body: Term, isBlock: boolean): Element {
  const math = document.createElementNS(mathNamespace, 'math');
  if (isBlock) math.setAttribute('display', 'block');
  math.append(elementOf(body));
  return math;
}

function elementOf({ tag, of, width, stretchy }: Term): Element {
  const element = document.createElementNS(mathNamespace, tag);
  if (width) element.setAttribute('width', width);
  if (stretchy === false) element.setAttribute('stretchy', 'false');
  element.append(...of.map((child) => (typeof child === 'string' ? child : elementOf(child))));
  return element;
}

/** Puts numbers into a part of the text: those of now, and where the text names them, those of before. A missing number becomes `…`. */
export function fill(root: HTMLElement, now: Numbers, before: Numbers): void {
  for (const span of root.querySelectorAll<HTMLElement>('[data-live]')) {
    const name = span.dataset.live as string;
    const value = (span.dataset.when === 'before' ? before : now).get(name);
    span.textContent = value === undefined ? unknown : live[name].write(value);
    if (value === undefined) delete span.dataset.value;
    else span.dataset.value = String(value);
  }
}
