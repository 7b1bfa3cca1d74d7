import { lecture } from '../language/lecture';
import type { State } from '../state/schema';
import { button, make } from '../ui/dom';
import type { ShownFigures } from '../ui/figures';
import type { Answer, Question, QuestionPart } from './content/questions';
import { lineOf } from './prose';
import { commonJudgements, questionTexts } from './texts';

const words = lecture.quiz;

/** Shows the fields of the open question, judges the answer, and remembers all answers. */
export class Quiz {
  /** Ids of the questions that were answered right. */
  readonly right = new Set<string>();
  private readonly answers = new Map<string, Record<string, string | string[]>>();
  private verdict = make('p');

  constructor(
    private readonly actions: {
      /** The page's state and shown numbers; undefined while it is computing. */
      now(): { state: State; shown: ShownFigures } | undefined;
      go(id: string): void;
      /** Called when a question was answered right. */
      news(): void;
    },
  ) {}

  /** The fields and buttons of a question. */
  fields(question: Question): HTMLElement[] {
    const { id, parts, back } = question;
    const answer = this.answers.get(id) ?? {};
    this.answers.set(id, answer);
    this.verdict = make('p', { className: 'verdict', role: 'status' });
    const check = button(words.check, () => this.judge(question), 'check');
    const show = button(words.showMe, () => this.actions.go(back), 'back');
    return [
      ...parts.map((part) => this.field(id, part, answer)),
      make('p', { className: 'acts' }, check, show),
      this.verdict,
    ];
  }

  /** Clears the verdict, which no longer fits the answer or the page. */
  forget(): void {
    this.verdict.textContent = '';
    delete this.verdict.dataset.verdict;
  }

  private judge(question: Question): void {
    const now = this.actions.now();
    if (!now) {
      this.showVerdict('not yet', words.computing);
      return;
    }
    const answer: Answer = this.answers.get(question.id) ?? {};
    const { verdict, reason } = question.judge({ ...now, answer });
    this.showVerdict(verdict, questionTexts[question.id].judgements[reason] ?? commonJudgements[reason]);
    if (verdict === 'right') {
      this.right.add(question.id);
      this.actions.news();
    }
  }

  private showVerdict(verdict: string, sentence: string): void {
    this.verdict.dataset.verdict = verdict;
    this.verdict.replaceChildren(...lineOf(sentence));
  }

  private field(id: string, part: QuestionPart, answer: Record<string, string | string[]>): HTMLElement {
    const { label, options = {} } = questionTexts[id].parts[part.id];
    const set = (value: string | string[]) => {
      answer[part.id] = value;
      this.forget();
    };
    if (part.kind === 'number') {
      const value = String(answer[part.id] ?? '');
      const input = make('input', { type: 'text', inputMode: 'decimal', size: 9, name: part.id, value });
      input.addEventListener('input', () => set(input.value));
      return make('label', { className: 'number' }, input, make('span', {}, ...lineOf(label)));
    }
    const legend = make('legend', {}, ...lineOf(label));
    const group = make('fieldset', { data: { part: part.id } }, legend);
    if (part.kind === 'order') {
      const list = make('ol', { className: 'plain pieces' });
      const draw = () => {
        const order = (answer[part.id] ?? [...part.options]) as string[];
        answer[part.id] = order;
        list.replaceChildren(
          ...order.map((option, k) => {
            const move = (by: number, label: string, sign: string) => {
              const act = () => {
                const next = order.toSpliced(k, 1);
                next.splice(k + by, 0, option);
                set(next);
                draw();
              };
              return button(sign, act, 'move', { ariaLabel: label, disabled: k + by < 0 || k + by >= order.length });
            };
            const moves = [move(-1, words.up, '↑'), move(1, words.down, '↓'), ' '];
            return make('li', { data: { option } }, ...moves, ...lineOf(options[option]));
          }),
        );
      };
      draw();
      group.append(list);
      return group;
    }
    const type = part.kind === 'one' ? 'radio' : 'checkbox';
    for (const option of part.options) {
      const choice = answer[part.id];
      const input = make('input', { type, name: `${id}-${part.id}`, value: option });
      input.checked = Array.isArray(choice) ? choice.includes(option) : choice === option;
      input.addEventListener('change', () => {
        if (part.kind === 'one') set(option);
        else set([...group.querySelectorAll('input')].filter((box) => box.checked).map((box) => box.value));
      });
      group.append(make('label', {}, input, make('span', {}, ...lineOf(options[option]))));
    }
    return group;
  }
}
