import { lecture } from '../language/lecture';
import type { State } from '../state/schema';
import { button, make } from '../ui/dom';
import type { ShownFigures } from '../ui/figures';
import { isRightPart, judges } from './content/judges';
import { type Answer, type Question, type QuestionPart, questions } from './content/questions';
import { lineOf } from './prose';
import { commonJudgements, questionTexts, titleOf } from './texts';

const words = lecture.quiz;

/** Shows the fields of the open question, judges the answer, and remembers all answers. */
export class Quiz {
  /** Ids of the questions that were answered right. */
  readonly right = new Set<string>();
  private readonly answers = new Map<string, Record<string, string | string[]>>();
  private verdict = make('p');
  /** The question from which a person went to the step that shows its answer. */
  private origin: string | undefined;
  /** The fields of the open question, by the ids of its parts. */
  private fieldsOf = new Map<string, HTMLElement>();

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
    this.origin = undefined;
    this.verdict = make('p', { className: 'verdict', role: 'status' });
    this.fieldsOf = new Map(parts.map((part) => [part.id, this.field(id, part, answer)]));
    const check = button(words.check, () => this.judge(question), 'check');
    const show = button(
      words.showMe,
      () => {
        this.origin = id;
        this.actions.go(back);
      },
      'back',
    );
    return [...this.fieldsOf.values(), make('p', { className: 'acts' }, check, show), this.verdict];
  }

  /** A button that leads back to the question, in the steps to which it led. */
  wayBack(): HTMLElement[] {
    const { origin } = this;
    if (origin === undefined) return [];
    const back = button(words.backTo(titleOf(origin)), () => this.actions.go(origin), 'origin');
    return [make('p', { className: 'acts' }, back)];
  }

  /** What the questions taught, as a list: those that were answered right, and buttons for the others. */
  summary(): HTMLElement[] {
    const items = questions.map(({ id }) => {
      const isRight = this.right.has(id);
      const learnt = make('span', {}, ...lineOf(questionTexts[id].learnt));
      const open = isRight ? [] : [' ', button(words.open, () => this.actions.go(id), 'open')];
      return make('li', { className: isRight ? 'right' : '', data: { question: id } }, learnt, ...open);
    });
    return [
      make('p', { className: 'score' }, words.score(this.right.size, questions.length)),
      make('ol', { className: 'learnt' }, ...items),
    ];
  }

  /** Clears the verdict, which no longer fits the answer or the page. */
  forget(): void {
    this.verdict.textContent = '';
    delete this.verdict.dataset.verdict;
    for (const field of this.fieldsOf.values()) delete field.dataset.right;
  }

  private judge(question: Question): void {
    const now = this.actions.now();
    if (!now) {
      this.showVerdict('not yet', words.computing);
      return;
    }
    const answer: Answer = this.answers.get(question.id) ?? {};
    const { verdict, reason } = judges[question.id]({ ...now, answer });
    this.showVerdict(verdict, questionTexts[question.id].judgements[reason] ?? commonJudgements[reason]);
    for (const [part, field] of this.fieldsOf) {
      if (isRightPart(question.id, part, answer)) field.dataset.right = '';
      else delete field.dataset.right;
    }
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
