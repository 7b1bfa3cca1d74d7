import { words } from '../language/words';
import { formatPercent } from '../shared/format';
import type { State } from '../state/schema';
import { candidates, type Sampling, sample } from '../text/sampling';
import { button, make } from '../ui/dom';
import { FigureSurface } from '../ui/figures';

const figures = new FigureSurface('attention');

/** Most words that are listed. */
const listed = 10;

/** The distribution after a piece. */
export interface NextWords {
  /** Name of the piece before. */
  after: string;
  /** [V] */
  logits: Float32Array;
  /** Name of each token of the vocabulary. */
  name(id: number): string;
  /** Position of the next token, from which the drawn one follows. */
  position: number;
}

export interface NextActions {
  change(change: Partial<State>): void;
  /** Continues the text with a token after the selected one. */
  branch(id: number): void;
}

export const samplingOf = ({ temperature, topK, topP, drawSeed }: State): Sampling => ({
  temperature,
  topK,
  topP,
  seed: drawSeed,
});

/** The sampling whose probabilities are shown. That of temperature 0 has a single token, so temperature 1 stands for it. */
export const shownSampling = (state: State): Sampling => ({
  ...samplingOf(state),
  temperature: state.temperature || 1,
});

/** Shows no next tokens. */
export function hideNext(parent: HTMLElement): void {
  figures.clear();
  parent.hidden = true;
  parent.replaceChildren();
}

/** Shows the likeliest next tokens as bars, with the one that the seed draws. Without `next` it says how to get them. */
export function showNext(parent: HTMLElement, next: NextWords | undefined, state: State, actions: NextActions): void {
  if (!next) {
    hideNext(parent);
    return;
  }
  figures.clear();
  parent.hidden = false;
  const sampling = samplingOf(state);
  const list = candidates(next.logits, shownSampling(state)).slice(0, listed);
  const drawn = sample(next.logits, sampling, next.position);
  const rows = list.map(({ id, probability }, rank) => {
    const name = next.name(id).replaceAll(' ', '␣');
    const bar = make('i', { className: 'bar' });
    bar.style.setProperty('--share', String(probability));
    const number = figures.make(
      'span',
      { kind: 'next-probability', index: rank, value: probability },
      formatPercent(probability),
    );
    number.className = 'number';
    const row = button('', () => actions.branch(id), 'candidate', { title: words.next.branch(name) });
    row.append(make('span', { className: 'piece' }, name), bar, number);
    return make('li', { className: id === drawn ? 'drawn' : '' }, row);
  });
  const slider = make('input', { type: 'range', min: '0', max: '2', step: '0.05', value: String(state.temperature) });
  slider.addEventListener('input', () => actions.change({ temperature: Number(slider.value) }));
  const old = parent.querySelector('input');
  const ol = make('ol', {}, ...rows);
  const title = make('h3', {}, words.next.title(next.after.replaceAll(' ', '␣')));
  // The slider stays the same element, because a person may be dragging it.
  if (old) {
    old.value = String(state.temperature);
    parent.querySelector('h3')?.replaceWith(title);
    parent.querySelector('ol')?.replaceWith(ol);
  } else parent.replaceChildren(title, ol, make('label', {}, words.next.temperature, slider));
}
