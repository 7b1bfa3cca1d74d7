/** A piece of a text: plain text, an emphasized term, a link to a target, a figure, or an equation. */
export type MarkupPiece =
  | { kind: 'text' | 'term'; text: string }
  | { kind: 'link'; target: string; pieces: MarkupPiece[] }
  | { kind: 'figure'; name: string }
  | { kind: 'equation'; name: string; block: boolean };

const pattern = /\[([^\]]+)\]\(([\w-]+)\)|\*([^*]+)\*|\{(\w+)\}|\$(\w+)\$/g;

/** The pieces of one paragraph. */
export function parseLine(line: string): MarkupPiece[] {
  const text = line.replace(/\s+/g, ' ').trim();
  const pieces: MarkupPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    end = match.index + match[0].length;
    const [all, label, target, term, figure, equation] = match;
    if (label !== undefined) pieces.push({ kind: 'link', target, pieces: parseLine(label) });
    else if (term !== undefined) pieces.push({ kind: 'term', text: term });
    else if (figure !== undefined) pieces.push({ kind: 'figure', name: figure });
    else pieces.push({ kind: 'equation', name: equation, block: all === text });
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

/** The paragraphs of a text, each as its pieces. */
export const parse = (text: string): MarkupPiece[][] => text.split(/\n\s*\n/).map(parseLine);

/** All pieces, including those within links. */
export const flat = (pieces: MarkupPiece[]): MarkupPiece[] =>
  pieces.flatMap((piece) => (piece.kind === 'link' ? [piece, ...flat(piece.pieces)] : [piece]));

/** The plain text and terms, without figures and equations. */
export const plain = (pieces: MarkupPiece[]): string =>
  flat(pieces)
    .map((piece) => (piece.kind === 'text' || piece.kind === 'term' ? piece.text : ' '))
    .join('');
