import { table2 } from '../algorithm/paper-results';
import { charts } from '../language/charts';
import type { Row } from '../training/accuracy-table';
import { make, tableRow } from '../ui/dom';
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
    const marked = <E extends HTMLElement>(cell: E, rounds: number): E => {
      cell.classList.toggle('chosen', rounds === chosen);
      return cell;
    };
    const head = columns.map((rounds) => marked(make('th', {}, words.model(rounds)), rounds));
    const body = rows.map(({ trainingRounds, steps, cells }) => {
      const isOwn = steps !== undefined;
      const model = words.model(trainingRounds);
      const title = make('th', {
        scope: 'row',
        textContent: isOwn ? words.ownModel(model) : model,
        title: isOwn ? words.ownNote(length, steps) : words.shippedNote,
      });
      const entries = columns.map((rounds) => {
        const score = cells.get(rounds);
        const entry = marked(make('td', {}, score ? percentOf(score.accuracy) : isOwn && !steps ? '–' : '…'), rounds);
        const index = `${isOwn ? 'own' : trainingRounds} ${rounds}`;
        if (score) this.frame.figures.set({ kind: 'accuracy', index, value: score.accuracy }, entry);
        const published = isOwn ? undefined : table2.get(trainingRounds)?.get(rounds);
        if (published !== undefined) entry.append(make('small', {}, ` ${published}`));
        return entry;
      });
      return tableRow([title, ...entries], isOwn ? 'own' : '');
    });
    this.table.replaceChildren(tableRow([make('th'), ...head]), ...body);
  }
}

const percentOf = (share: number): string => (share >= 0.9995 ? '100' : (100 * share).toFixed(1));
