/** Equations as MathML, which browsers typeset by themselves; words name them as $name$. */

const i = (name: string): string => `<mi>${name}</mi>`;
const o = (sign: string): string => `<mo>${sign}</mo>`;
const number = (digits: string): string => `<mn>${digits}</mn>`;
const row = (...parts: string[]): string => `<mrow>${parts.join('')}</mrow>`;
const sub = (base: string, below: string): string => `<msub>${base}${below}</msub>`;
const sup = (base: string, above: string): string => `<msup>${base}${above}</msup>`;
const both = (base: string, below: string, above: string): string => `<msubsup>${base}${below}${above}</msubsup>`;
const fraction = (above: string, below: string): string => `<mfrac>${above}${below}</mfrac>`;
const sum = (below: string): string => `<munder>${o('∑')}${below}</munder>`;
const call = (name: string, ...inside: string[]): string => row(i(name), o('('), ...inside, o(')'));

const n = i('n');
const m = i('m');
const x1 = sub(i('x'), number('1'));
const x2 = sub(i('x'), number('2'));
const y1 = sub(i('y'), number('1'));
const y2 = sub(i('y'), number('2'));
const query = sub(i('q'), i('i'));
const keyOf = (index: string): string => sub(`<mover>${i('k')}${o('^')}</mover>`, i(index));
const key = keyOf('j');
const xR = row(i('x'), i('R'));
const ofLayers = sub(i('n'), i('layers'));
const ofHeads = sub(i('n'), i('heads'));
const wide = sub(i('d'), i('ff'));
const slim = sub(i('d'), i('model'));
const square = sup(n, number('2'));

const bodies = {
  n,
  m,
  R: i('R'),
  p: i('p'),
  W: i('W'),
  L: i('L'),
  q: i('q'),
  k: i('k'),
  v: i('v'),
  c: i('c'),
  kHat: `<mover>${i('k')}${o('^')}</mover>`,
  x: i('x'),
  y: i('y'),
  z: i('z'),
  x1,
  x2,
  y1,
  y2,
  square,
  squareByN: row(n, o('×'), n),
  scaled: fraction(square, number('2')),
  longest: row(m, o('+'), number('1')),
  longer: row(m, o('+'), number('2')),
  twice: row(number('2'), m),
  meetings: sub(i('N'), row(i('i'), i('j'))),
  gradient: row(
    i('y'),
    o('='),
    i('x'),
    i('W'),
    o(','),
    '<mspace width="1em"></mspace>',
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
  hash: row(call('bucket', i('x')), o('='), i('argmax'), o('['), xR, o(';'), o('−'), xR, o(']')),
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
  forward1: row(y1, o('='), x1, o('+'), call('Attention', x2)),
  forward2: row(y2, o('='), x2, o('+'), call('FeedForward', y1)),
  back1: row(x2, o('='), y2, o('−'), call('FeedForward', y1)),
  back2: row(x1, o('='), y1, o('−'), call('Attention', x2)),
  standardMemory: row(call('max', n, wide, o(','), ofHeads, square), o('·'), ofLayers),
  reversibleMemory: call('max', n, slim, o(','), ofHeads, square),
  reformerMemory: call('max', n, slim, o(','), ofHeads, n, i('R'), o('·'), i('c')),
};

export type Equation = keyof typeof bodies;

export const isEquation = (name: string): name is Equation => name in bodies;

/** An equation's MathML; a `block` one stands in a line of its own. */
export const equation = (name: Equation, block = false): string =>
  `<math${block ? ' display="block"' : ''}>${bodies[name]}</math>`;
