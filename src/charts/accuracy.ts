import { table2 } from '../algorithm/paper-results';
import type { Row } from '../training/accuracy-table';
import { frame } from './chart';

const nameOf = (rounds: number): string => (rounds === 0 ? 'full' : `LSH-${rounds}`);

/** What models trained with some rounds answer when asked with others, beside the paper's Table 2. */
export class AccuracyChart {
  private readonly frame;
  private readonly table = document.createElement('table');

  constructor(parent: HTMLElement) {
    this.frame = frame(parent, 'chart-accuracy');
    this.frame.svg.remove();
    this.table.className = 'accuracy';
    this.frame.root.append(this.table);
  }

  /** `chosen` rounds are those of the slider. */
  show(rows: Row[], columns: number[], chosen: number, length: number): void {
    const counts = rows.flatMap(({ cells }) => [...cells.values()].map(({ symbols }) => symbols));
    const least = counts.length ? Math.min(...counts) : 0;
    this.frame.caption(
      'Symbols said right, %, by rounds asked with',
      `rows: trained with; small: paper’s Table 2${least ? `; ≥ ${least.toLocaleString('en')} symbols` : ''}`,
    );
    const head = document.createElement('tr');
    head.append(cell('th', ''), ...columns.map((asked) => marked(cell('th', nameOf(asked)), asked === chosen)));
    const body = rows.map(({ trained, steps, cells }) => {
      const row = document.createElement('tr');
      const isOwn = steps !== undefined;
      if (isOwn) row.className = 'own';
      const title = cell('th', isOwn ? `yours: ${nameOf(trained)}` : nameOf(trained));
      title.setAttribute('scope', 'row');
      title.title = isOwn
        ? `The model trained here, ${length} tokens, after ${steps} steps`
        : 'Came with the page: one layer, 64 tokens, 500 steps';
      row.append(
        title,
        ...columns.map((asked) => {
          const score = cells.get(asked);
          const made = marked(
            cell('td', score ? percentOf(score.accuracy) : isOwn && !steps ? '–' : '…'),
            asked === chosen,
          );
          if (score) {
            Object.assign(made.dataset, {
              kind: 'accuracy',
              index: `${isOwn ? 'own' : trained} ${asked}`,
              value: String(score.accuracy),
            });
          }
          const theirs = isOwn ? undefined : table2.get(trained)?.get(asked);
          if (theirs !== undefined) {
            const small = document.createElement('small');
            small.textContent = ` ${theirs}`;
            made.append(small);
          }
          return made;
        }),
      );
      return row;
    });
    this.table.replaceChildren(head, ...body);
  }
}

function cell(tag: 'th' | 'td', words: string): HTMLTableCellElement {
  const made = document.createElement(tag);
  made.textContent = words;
  return made;
}

function marked(made: HTMLTableCellElement, isChosen: boolean): HTMLTableCellElement {
  made.classList.toggle('chosen', isChosen);
  return made;
}

const percentOf = (share: number): string => (share >= 0.9995 ? '100' : (100 * share).toFixed(1));
