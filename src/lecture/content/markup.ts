/** A piece of a text: plain text, an emphasized term, a link to a target, a figure, or an equation. */
export type MarkupPiece =
  | { kind: 'text' | 'term'; text: string }
  | { kind: 'link'; target: string; pieces: MarkupPiece[] }
  | { kind: 'figure'; name: string; isBefore?: true }
  | { kind: 'equation'; name: string; block: boolean };

const pattern = /\[([^\]]+)\]\(([\w-]+)\)|\*([^*]+)\*|\{(\w+)(\.before)?\}|\$(\w+)\$/g;

/** The pieces of one paragraph. */
export function parseLine(line: string): MarkupPiece[] {
  const text = line.replace(/\s+/g, ' ').trim();
  const pieces: MarkupPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    end = match.index + match[0].length;
    const [all, label, target, term, figure, before, equation] = match;
    if (label !== undefined) pieces.push({ kind: 'link', target, pieces: parseLine(label) });
    else if (term !== undefined) pieces.push({ kind: 'term', text: term });
    else if (figure !== undefined)
      pieces.push({ kind: 'figure', name: figure, ...(before === undefined ? {} : { isBefore: true }) });
    else pieces.push({ kind: 'equation', name: equation, block: all === text });
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

/**
 * What a paragraph is about: `any` state of the page, or the step's own settings. The latter begins with `> `, and its figures stay those of
 * the step when a person changes settings.
 */
export interface Paragraph {
  about: 'any' | 'step';
  /** The text in one line, without the mark. */
  line: string;
  pieces: MarkupPiece[];
}

export const paragraphsIn = (text: string): Paragraph[] =>
  text.split(/\n\s*\n/).map((source) => {
    const isOfStep = /^\s*> /.test(source);
    const line = source
      .replace(/^\s*> /, '')
      .replace(/\s+/g, ' ')
      .trim();
    return { about: isOfStep ? 'step' : 'any', line, pieces: parseLine(line) };
  });

/** The paragraphs of a text, each as its pieces. */
export const parse = (text: string): MarkupPiece[][] => paragraphsIn(text).map(({ pieces }) => pieces);

/** All pieces, including those within links. */
export const flat = (pieces: MarkupPiece[]): MarkupPiece[] =>
  pieces.flatMap((piece) => (piece.kind === 'link' ? [piece, ...flat(piece.pieces)] : [piece]));

/** The plain text and terms, without figures and equations. */
export const plain = (pieces: MarkupPiece[]): string =>
  flat(pieces)
    .map((piece) => (piece.kind === 'text' || piece.kind === 'term' ? piece.text : ' '))
    .join('');
