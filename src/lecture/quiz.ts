import type { State } from '../state/schema';
import { button, make } from '../ui/dom';
import type { Shown } from './content/live';
import type { Answer, Question, QuestionPart } from './content/questions';
import { commonBecause, questionWords } from './content/questions.en';
import { ui } from './content/ui.en';
import { lineOf } from './prose';

/** The parts of an answer, as far as they are given, and what was said of it. */
export class Quiz {
  readonly right = new Set<string>();
  private readonly answers = new Map<string, Record<string, string | string[]>>();
  private verdict = make('p');

  constructor(
    private readonly actions: {
      /** What the page shows now; undefined while it is computing. */
      now(): { state: State; shown: Shown } | undefined;
      go(id: string): void;
      /** A question was answered. */
      news(): void;
    },
  ) {}

  /** The fields of a question. */
  fields(question: Question): HTMLElement[] {
    const { id, parts, back } = question;
    const answer = this.answers.get(id) ?? {};
    this.answers.set(id, answer);
    this.verdict = make('p', { className: 'verdict' });
    this.verdict.setAttribute('role', 'status');
    const check = button(ui.check, () => this.judge(question), 'check');
    const show = button(ui.showMe, () => this.actions.go(back), 'back');
    return [
      ...parts.map((part) => this.field(id, part, answer)),
      make('p', { className: 'acts' }, check, show),
      this.verdict,
    ];
  }

  /** Takes back what was said, as it was said of something else. */
  forget(): void {
    this.verdict.textContent = '';
    delete this.verdict.dataset.verdict;
  }

  private judge(question: Question): void {
    const now = this.actions.now();
    if (!now) {
      this.say('not yet', ui.computing);
      return;
    }
    const answer: Answer = this.answers.get(question.id) ?? {};
    const { verdict, because } = question.judge({ ...now, answer });
    this.say(verdict, questionWords[question.id].because[because] ?? commonBecause[because]);
    if (verdict === 'right') {
      this.right.add(question.id);
      this.actions.news();
    }
  }

  private say(verdict: string, words: string): void {
    this.verdict.dataset.verdict = verdict;
    this.verdict.replaceChildren(...lineOf(words));
  }

  private field(id: string, part: QuestionPart, answer: Record<string, string | string[]>): HTMLElement {
    const { label, options = {} } = questionWords[id].parts[part.id];
    const set = (value: string | string[]) => {
      answer[part.id] = value;
      this.forget();
    };
    if (part.kind === 'number') {
      const input = make('input', {
        type: 'text',
        inputMode: 'decimal',
        size: 9,
        value: String(answer[part.id] ?? ''),
      });
      input.name = part.id;
      input.addEventListener('input', () => set(input.value));
      return make('label', { className: 'number' }, input, make('span', {}, ...lineOf(label)));
    }
    const legend = make('legend', {}, ...lineOf(label));
    const group = make('fieldset', { data: { part: part.id } }, legend);
    if (part.kind === 'order') {
      const list = make('ol', { className: 'pieces' });
      const draw = () => {
        const order = (answer[part.id] ?? [...part.options]) as string[];
        answer[part.id] = order;
        list.replaceChildren(
          ...order.map((option, k) => {
            const move = (by: number, words: string, sign: string) => {
              const made = button(
                sign,
                () => {
                  const next = [...order];
                  next.splice(k, 1);
                  next.splice(k + by, 0, option);
                  set(next);
                  draw();
                },
                'move',
              );
              made.setAttribute('aria-label', words);
              made.disabled = k + by < 0 || k + by >= order.length;
              return made;
            };
            const item = make('li', {}, move(-1, ui.up, '↑'), move(1, ui.down, '↓'), ' ', ...lineOf(options[option]));
            item.dataset.option = option;
            return item;
          }),
        );
      };
      draw();
      group.append(list);
      return group;
    }
    const type = part.kind === 'one' ? 'radio' : 'checkbox';
    for (const option of part.options) {
      const given = answer[part.id];
      const input = make('input', { type, name: `${id}-${part.id}`, value: option });
      input.checked = Array.isArray(given) ? given.includes(option) : given === option;
      input.addEventListener('change', () => {
        if (part.kind === 'one') set(option);
        else set([...group.querySelectorAll('input')].filter((box) => box.checked).map((box) => box.value));
      });
      group.append(make('label', {}, input, make('span', {}, ...lineOf(options[option]))));
    }
    return group;
  }
}
