import { sortYourself as words } from '../language/sort-yourself';
import { bucketColour } from '../state/palette';
import { addDialog, type Dialog } from '../ui/dialog';
import { button, make } from '../ui/dom';
import { judgeOrder, judgeSet, makeExercise, type SortExercise } from './sort-exercise';

/** The first exercise: its walls cut buckets, and its queries see keys on both sides of a wall. */
const firstSeed = 4;

type Part = 'order' | 'walls' | 'pairs' | 'done';

/** An exercise in three parts: sort sixteen tokens by bucket, cut them into chunks, and tick the keys that two queries see. */
export class SortYourself {
  private readonly dialog: Dialog;
  private readonly task = make('p', { className: 'task' });
  private readonly row = make('div', { className: 'tiles' });
  private readonly finding = make('p', { className: 'finding', ariaLive: 'polite' });
  private readonly checkButton = button(words.check, () => this.check(), 'main');
  private readonly showButton = button(words.show, () => this.showAnswer());
  private readonly otherButton = button(words.other, () => this.start(this.seed + 1));
  private seed = firstSeed;
  private exercise: SortExercise = makeExercise(firstSeed);
  private part: Part = 'order';
  /** What a person has done: the order, the walls as the positions after them, and the ticked keys of the present query. */
  private order: number[] = [];
  private walls = new Set<number>();
  private ticked = new Set<number>();
  private asked = 0;
  /** The token that the arrows move or that is dragged. */
  private held: number | undefined;
  private wrong = new Set<number>();

  /** `closed` is called when a person closes the dialog. */
  constructor(closed: () => void) {
    const { dialog, content } = addDialog('sort-yourself', words.title, words.close);
    this.dialog = dialog;
    dialog.element.addEventListener('close', closed);
    const buttons = make('p', { className: 'buttons' }, this.checkButton, this.showButton, this.otherButton);
    content.append(this.task, this.row, this.finding, buttons);
    this.row.addEventListener('keydown', (event) => this.handleKey(event));
    this.row.addEventListener('pointermove', (event) => this.drag(event));
    for (const event of ['pointerup', 'pointercancel'] as const) this.row.addEventListener(event, () => this.drop());
    // Escape puts a held token down, and closes the dialog otherwise.
    dialog.element.addEventListener('cancel', (event) => {
      if (this.held === undefined) return;
      event.preventDefault();
      this.hold(undefined);
    });
    this.start(firstSeed);
  }

  open(): void {
    this.dialog.open();
    this.focusFirst();
  }

  private start(seed: number): void {
    this.seed = seed;
    this.exercise = makeExercise(seed);
    this.order = this.exercise.buckets.map((_, token) => token);
    this.walls.clear();
    this.asked = 0;
    this.finding.textContent = '';
    this.enter('order');
  }

  private enter(part: Part): void {
    this.part = part;
    this.held = undefined;
    this.ticked.clear();
    this.wrong.clear();
    this.dialog.element.dataset.part = part;
    const { tasks } = words;
    const { chunk, queries } = this.exercise;
    this.task.textContent =
      part === 'order'
        ? tasks.order
        : part === 'walls'
          ? tasks.walls(chunk)
          : part === 'pairs'
            ? tasks.pairs(queries[this.asked].query)
            : words.done;
    const isDone = part === 'done';
    this.checkButton.hidden = isDone;
    this.showButton.hidden = isDone;
    this.otherButton.classList.toggle('main', isDone);
    this.draw();
  }

  private check(): void {
    const { exercise, part } = this;
    if (part === 'order') {
      const { wrong, isByBucket } = judgeOrder(exercise, this.order);
      this.wrong = new Set(wrong.map((position) => this.order[position]));
      const { order } = words;
      this.finding.textContent = !wrong.length ? order.right : isByBucket ? order.stable : order.wrong(wrong.length);
      if (!wrong.length) this.enter('walls');
    } else if (part === 'walls') {
      const { missing, extra } = judgeSet(exercise.walls, this.walls);
      const cut = exercise.walls.filter((at) => this.bucketAt(at - 1) === this.bucketAt(at)).length;
      const isRight = !missing.length && !extra.length;
      this.wrong = new Set(extra);
      this.finding.textContent = isRight ? words.walls.right(cut) : words.walls.wrong(missing.length, extra.length);
      if (isRight) this.enter('pairs');
    } else if (part === 'pairs') {
      const { query, keys } = exercise.queries[this.asked];
      const { missing, extra } = judgeSet(keys, this.ticked);
      const isRight = !missing.length && !extra.length;
      this.wrong = new Set(extra);
      const { pairs } = words;
      this.finding.textContent = isRight ? pairs.right(query, keys.length) : pairs.wrong(missing.length, extra.length);
      if (isRight) {
        this.asked++;
        this.enter(this.asked < exercise.queries.length ? 'pairs' : 'done');
      }
    }
    this.draw();
  }

  private showAnswer(): void {
    const { exercise, part } = this;
    if (part === 'order') this.order = [...exercise.order];
    if (part === 'walls') this.walls = new Set(exercise.walls);
    if (part === 'pairs') this.ticked = new Set(exercise.queries[this.asked].keys);
    this.check();
  }

  private bucketAt(position: number): number {
    return this.exercise.buckets[this.order[position]];
  }

  /** Draws the tiles anew. The focus stays on the same token or gap. */
  private draw(): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset;
    const parts = this.order.flatMap((token, position) => {
      const tile = this.tileOf(token);
      return position === 0 || this.part === 'order' ? [tile] : [this.gapBefore(position), tile];
    });
    this.row.replaceChildren(...parts);
    const same = focused?.token ?? focused?.wall;
    if (same === undefined) return;
    this.row.querySelector<HTMLElement>(`[data-${focused?.token ? 'token' : 'wall'}="${same}"]`)?.focus();
  }

  private tileOf(token: number): HTMLElement {
    const bucket = this.exercise.buckets[token];
    const isHeld = this.held === token;
    const isQuery = this.part === 'pairs' && this.exercise.queries[this.asked].query === token;
    const tile = button('', () => this.press(token), 'tile', {
      ariaLabel: isHeld ? words.held(token) : words.tile(token, bucket),
      data: { token: String(token), state: this.stateOf(token, isHeld, isQuery) },
      disabled: this.part === 'walls' || this.part === 'done',
    });
    tile.append(make('b', {}, String(token)), make('small', {}, words.bucket(bucket)));
    for (const dark of [false, true]) {
      tile.style.setProperty(dark ? '--dark' : '--light', bucketColour(bucket, dark));
    }
    if (this.part === 'pairs') tile.ariaPressed = String(this.ticked.has(token));
    else if (this.part === 'order') tile.ariaPressed = String(isHeld);
    tile.addEventListener('pointerdown', (event) => this.grab(token, event));
    return tile;
  }

  private stateOf(token: number, isHeld: boolean, isQuery: boolean): string {
    if (isQuery) return 'query';
    if (this.part !== 'walls' && this.wrong.has(token)) return 'wrong';
    if (isHeld) return 'held';
    return this.part === 'pairs' && this.ticked.has(token) ? 'ticked' : '';
  }

  private gapBefore(position: number): HTMLElement {
    const isWall = this.walls.has(position);
    const gap = button('', () => this.toggleWall(position), 'gap', {
      ariaLabel: words.gap(this.order[position - 1], this.order[position]),
      data: { wall: String(position), state: this.part === 'walls' && this.wrong.has(position) ? 'wrong' : '' },
      disabled: this.part !== 'walls',
    });
    gap.ariaPressed = String(isWall);
    return gap;
  }

  private toggleWall(position: number): void {
    if (!this.walls.delete(position)) this.walls.add(position);
    this.wrong.delete(position);
    this.draw();
  }

  /** A press of a tile by mouse, finger or key. In the first part, Space takes the token up or puts it down. */
  private press(token: number): void {
    if (this.part !== 'pairs' || token === this.exercise.queries[this.asked].query) return;
    if (!this.ticked.delete(token)) this.ticked.add(token);
    this.wrong.delete(token);
    this.draw();
  }

  private hold(token: number | undefined): void {
    this.held = token;
    this.draw();
  }

  private grab(token: number, event: PointerEvent): void {
    if (this.part !== 'order') return;
    event.preventDefault();
    this.hold(token);
    this.row.setPointerCapture(event.pointerId);
  }

  private drag({ clientX, clientY }: PointerEvent): void {
    if (this.held === undefined || this.part !== 'order') return;
    const under = document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>('.tile');
    const target = under && this.row.contains(under) ? Number(under.dataset.token) : undefined;
    if (target !== undefined && target !== this.held) this.moveTo(this.order.indexOf(target));
  }

  private drop(): void {
    if (this.held !== undefined) this.hold(undefined);
  }

  private moveTo(position: number): void {
    const { held } = this;
    if (held === undefined || position < 0 || position >= this.order.length) return;
    this.order.splice(this.order.indexOf(held), 1);
    this.order.splice(position, 0, held);
    this.wrong.clear();
    this.draw();
  }

  private handleKey(event: KeyboardEvent): void {
    const { activeElement } = document;
    if (!(activeElement instanceof HTMLElement) || !this.row.contains(activeElement)) return;
    const token = activeElement.dataset.token === undefined ? undefined : Number(activeElement.dataset.token);
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      if (this.held !== undefined) this.moveTo(this.order.indexOf(this.held) + by);
      else this.focusNext(activeElement, by);
    } else if ((event.key === ' ' || event.key === 'Enter') && this.part === 'order' && token !== undefined) {
      event.preventDefault();
      this.hold(this.held === undefined ? token : undefined);
    }
  }

  private get stops(): HTMLElement[] {
    return [...this.row.querySelectorAll<HTMLElement>('button:not(:disabled)')];
  }

  private focusNext(from: HTMLElement, by: number): void {
    const { stops } = this;
    stops[stops.indexOf(from) + by]?.focus();
  }

  private focusFirst(): void {
    this.stops[0]?.focus();
  }
}
