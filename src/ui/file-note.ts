import type { Fit, FittedFile } from '../formats/fit';
import { type Projection, projections } from '../formats/projection';
import { page } from '../language/page';
import { controls } from '../state/schema';
import { make } from './dom';

const words = page.fileNote;

/** Makes the line about an open file: what was read, what was left out, and choosers for its heads and projection. `name` is in quotes. */
export function makeFileNote(name: string, file: FittedFile, choose: (fit: Partial<Fit>) => void): HTMLElement {
  const { n, whole, leftOut, note, fit } = file;
  const sentences = [words.sizes(name, n.toLocaleString('en'), whole.heads, whole.d)];
  if (leftOut) sentences.push(words.leftOut(leftOut));
  if (note) sentences.push(`${note[0].toUpperCase()}${note.slice(1)}.`);
  const element = make('div', { className: 'file-note' }, make('p', { textContent: sentences.join(' ') }));
  const { max: mostHeads } = controls.heads as { max: number };
  if (whole.heads > mostHeads) {
    const input = make('input', { type: 'text', value: fit.heads.join(', '), title: words.headsHelp(mostHeads) });
    input.onchange = () => choose({ heads: readHeads(input.value) });
    element.append(make('label', {}, words.heads, input));
  }
  if (whole.d > fit.width) {
    const select = make(
      'select',
      {},
      ...projections.map((value) => make('option', { value, textContent: words.projections[value] })),
    );
    select.value = fit.projection;
    select.onchange = () => choose({ projection: select.value as Projection });
    element.append(make('label', {}, words.projection, select));
  }
  return element;
}

/** Numbers and ranges such as `0-3, 9`. A part that is neither becomes NaN. */
function readHeads(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [, first, last] = /^\s*(\d{1,4})\s*(?:[-\u2013]\s*(\d{1,4})\s*)?$/.exec(part) ?? [];
    if (first === undefined) return [Number.NaN];
    return Array.from({ length: Number(last ?? first) - Number(first) + 1 }, (_, i) => Number(first) + i);
  });
}
