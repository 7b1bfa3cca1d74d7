import { table2 } from '../algorithm/paper-results';
import { charts } from '../language/charts';
import type { Row } from '../training/accuracy-table';
import { make } from '../ui/dom';
import { Frame } from './chart';

const words = charts.accuracy;

/** Accuracy of models by hash rounds in training (rows) and at evaluation (columns), beside the paper's Table 2. */
export class AccuracyChart {
  private readonly frame;
  private readonly table = make('table', { className: 'accuracy' });

  constructor(parent: HTMLElement) {
    this.frame = new Frame(parent, 'chart-accuracy', 'layers');
    this.frame.svg.remove();
    this.frame.root.append(this.table);
  }

  /** `columns`: rounds at evaluation, 0 for full attention. `chosen`: the slider's rounds. `length`: tokens of a sequence. */
  show(rows: Row[], columns: number[], chosen: number, length: number): void {
    const counts = rows.flatMap(({ cells }) => [...cells.values()].map(({ symbols }) => symbols));
    const least = counts.length ? Math.min(...counts) : 0;
    this.frame.begin(words.title, least ? words.summaryOfSymbols(least) : words.summary);
    const head = document.createElement('tr');
    head.append(cell('th', ''), ...columns.map((rounds) => marked(cell('th', words.model(rounds)), rounds === chosen)));
    const body = rows.map(({ trainingRounds, steps, cells }) => {
      const row = document.createElement('tr');
      const isOwn = steps !== undefined;
      if (isOwn) row.className = 'own';
      const title = cell('th', isOwn ? words.ownModel(words.model(trainingRounds)) : words.model(trainingRounds));
      title.setAttribute('scope', 'row');
      title.title = isOwn ? words.ownNote(length, steps) : words.shippedNote;
      row.append(
        title,
        ...columns.map((rounds) => {
          const score = cells.get(rounds);
          const entry = marked(
            cell('td', score ? percentOf(score.accuracy) : isOwn && !steps ? '–' : '…'),
            rounds === chosen,
          );
          if (score) {
            const index = `${isOwn ? 'own' : trainingRounds} ${rounds}`;
            this.frame.figures.set({ kind: 'accuracy', index, value: score.accuracy }, entry);
          }
          const published = isOwn ? undefined : table2.get(trainingRounds)?.get(rounds);
          if (published !== undefined) {
            const small = document.createElement('small');
            small.textContent = ` ${published}`;
            entry.append(small);
          }
          return entry;
        }),
      );
      return row;
    });
    this.table.replaceChildren(head, ...body);
  }
}

function cell(tag: 'th' | 'td', text: string): HTMLTableCellElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function marked(element: HTMLTableCellElement, isChosen: boolean): HTMLTableCellElement {
  element.classList.toggle('chosen', isChosen);
  return element;
}

const percentOf = (share: number): string => (share >= 0.9995 ? '100' : (100 * share).toFixed(1));
