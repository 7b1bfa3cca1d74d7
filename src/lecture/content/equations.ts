/** Equations as MathML, which browsers typeset by themselves. Texts name them as $name$. */
import { lecture } from '../../language/lecture';

const words = lecture.equations;

/** An element of MathML. */
export interface Term {
  tag: string;
  of: readonly (Term | string)[];
  /** The width of a space. */
  width?: string;
  /** False for a sign that keeps its size beside tall neighbours. */
  stretchy?: false;
}

const term = (tag: string, ...of: (Term | string)[]): Term => ({ tag, of });
const i = (name: string): Term => term('mi', name);
const o = (sign: string): Term => term('mo', sign);
const paren = (sign: string): Term => ({ tag: 'mo', of: [sign], stretchy: false });
const number = (digits: string): Term => term('mn', digits);
const row = (...of: Term[]): Term => term('mrow', ...of);
/**
 * A base as deep as any letter. Without a mathematical font, browsers place a subscript by the depth of its base, so that those of x and y
 * would differ.
 */
const strutted = (base: Term): Term => row(base, { tag: 'mpadded', of: [term('mphantom', i('y'))], width: '0' });
const sub = (base: Term, below: Term): Term => term('msub', strutted(base), below);
const sup = (base: Term, above: Term): Term => term('msup', base, above);
const both = (base: Term, below: Term, above: Term): Term => term('msubsup', strutted(base), below, above);
const fraction = (above: Term, below: Term): Term => term('mfrac', above, below);
const sum = (below: Term): Term => term('munder', o('∑'), below);
const call = (name: string, ...inside: Term[]): Term => row(i(name), paren('('), ...inside, paren(')'));
const hat = (base: Term): Term => term('mover', base, o('^'));
const space: Term = { tag: 'mspace', of: [], width: '1em' };

const n = i('n');
const m = i('m');
const x1 = sub(i('x'), number('1'));
const x2 = sub(i('x'), number('2'));
const y1 = sub(i('y'), number('1'));
const y2 = sub(i('y'), number('2'));
const query = sub(i('q'), i('i'));
const keyOf = (index: string): Term => sub(hat(i('k')), i(index));
const key = keyOf('j');
const xD = row(i('x'), i('D'));
const ofLayers = sub(i('n'), i(words.layers));
const ofHeads = sub(i('n'), i(words.heads));
const ofX = call('f', i('x'));
const roundIn = i('r');
const wide = sub(i('d'), i('ff'));
const slim = sub(i('d'), i('model'));
const square = sup(n, number('2'));

const bodies = {
  n,
  m,
  R: i('R'),
  D: i('D'),
  i: i('i'),
  r: roundIn,
  p: i('p'),
  W: i('W'),
  L: i('L'),
  q: i('q'),
  k: i('k'),
  v: i('v'),
  c: i('c'),
  kHat: hat(i('k')),
  x: i('x'),
  y: i('y'),
  fx: ofX,
  standardLayer: row(i('y'), o('='), i('x'), o('+'), ofX),
  nLayers: ofLayers,
  nHeads: ofHeads,
  dModel: slim,
  dFf: wide,
  oRound: both(i('o'), i('i'), roundIn),
  zRound: both(i('z'), i('i'), roundIn),
  zAll: sub(i('z'), i('i')),
  x1,
  x2,
  y1,
  y2,
  square,
  squareByN: row(n, o('×'), n),
  longest: row(m, o('+'), number('1')),
  twice: row(number('2'), m),
  meetings: sub(i('N'), row(i('i'), i('j'))),
  gradient: row(
    i('y'),
    o('='),
    i('x'),
    i('W'),
    o(','),
    space,
    fraction(row(o('∂'), i('L')), row(o('∂'), i('W'))),
    o('='),
    sup(i('x'), i('T')),
    fraction(row(o('∂'), i('L')), row(o('∂'), i('y'))),
  ),
  attention: row(
    sub(i('o'), i('i')),
    o('='),
    sum(row(i('j'), o('≤'), i('i'))),
    fraction(
      call('exp', query, o('·'), key),
      row(sum(row(i('l'), o('≤'), i('i'))), call('exp', query, o('·'), keyOf('l'))),
    ),
    sub(i('v'), i('j')),
  ),
  hash: row(call(words.bucket, i('x')), o('='), i('argmax'), o('['), xD, o(';'), o('−'), xD, o(']')),
  slots: row(i('R'), o('·'), number('2'), m),
  found: row(number('1'), o('−'), sup(row(o('('), number('1'), o('−'), i('p'), o(')')), i('R'))),
  combine: row(
    sub(i('o'), i('i')),
    o('='),
    sum(i('r')),
    call('exp', both(i('z'), i('i'), i('r')), o('−'), sub(i('z'), i('i'))),
    both(i('o'), i('i'), i('r')),
  ),
  divided: row(query, o('·'), key, o('−'), i('log'), sub(i('N'), row(i('i'), i('j')))),
  forward1: row(y1, o('='), x1, o('+'), call(words.attention, x2)),
  forward2: row(y2, o('='), x2, o('+'), call(words.feedForward, y1)),
  back1: row(x2, o('='), y2, o('−'), call(words.feedForward, y1)),
  back2: row(x1, o('='), y1, o('−'), call(words.attention, x2)),
  standardMemory: row(call('max', n, wide, o(','), ofHeads, square), o('·'), ofLayers),
  reversibleMemory: call('max', n, slim, o(','), ofHeads, square),
  reformerMemory: call('max', n, slim, o(','), ofHeads, n, i('R'), o('·'), i('c')),
};

export type Equation = keyof typeof bodies;

export const isEquation = (name: string): name is Equation => name in bodies;

/** The body of an equation. */
export const equation = (name: Equation): Term => bodies[name];
