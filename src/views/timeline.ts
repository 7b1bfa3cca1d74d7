import type { AttentionEvidence } from '../explain/attention';
import { timeline as words } from '../language/timeline';
import { lastPhase, markAfter, markBefore, marks, phaseAfter } from '../state/phase';
import type { State } from '../state/schema';
import { find } from '../ui/dom';
import { isCommand } from '../ui/keys';
import { Follow } from './follow';

/** Milliseconds between two marks where nothing moves. */
const pause = 1300;

/** Milliseconds of a step backwards. */
const stepBack = 450;

export interface PlayActions {
  /** Shows a phase. Nothing is computed. */
  show(phase: number): void;
  /** Puts a phase into the state and the address. */
  keep(phase: number): void;
  /** True if the stage shows the marks alone, as its tokens are too many to move. */
  hasMarksOnly(): boolean;
  /** The data behind the numbers of the selected token; undefined before the first result. */
  evidence(): AttentionEvidence | undefined;
  /** Where the stage shows the selected token, in CSS pixels; undefined if it does not. */
  followed(): { x: number; y: number; down: number } | undefined;
}

/** What the timeline plays. */
export interface Play {
  readonly actions: PlayActions;
  /** The phase that is shown while it plays or is dragged; undefined: that of the state. */
  moving: number | undefined;
  /** True while it plays by itself, at a first visit. */
  isFirst: boolean;
  /** Ends the play. Returns the phase at which the state stays. */
  interrupt(): Partial<State>;
}

/** The timeline in the header: plays the algorithm, stops it, and goes to any phase. */
export class Timeline {
  private readonly button: HTMLButtonElement;
  private readonly slider: HTMLInputElement;
  private readonly marks: HTMLButtonElement[];
  /** The phase that is shown, and the one at which the play ends; undefined: it does not play. */
  private phase = lastPhase as number;
  private target: number | undefined;
  private request = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Time of the last frame in milliseconds. */
  private last: number | undefined;
  private readonly follow = new Follow(find('#view'));
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)');

  constructor(
    private readonly root: HTMLElement,
    private readonly loader: Play,
  ) {
    this.button = find('.play', root) as HTMLButtonElement;
    this.slider = find('input', root) as HTMLInputElement;
    this.marks = [...root.querySelectorAll<HTMLButtonElement>('li button')];
    this.button.onclick = () => this.toggle();
    for (const [k, mark] of this.marks.entries()) {
      mark.title = words.marks[marks[k]];
      mark.onclick = () => this.playStep(k + 1);
    }
    this.slider.oninput = () => {
      // Before `stop`, which shows the present phase.
      const phase = Number(this.slider.value);
      this.stop();
      this.loader.isFirst = false;
      this.move(phase);
    };
    this.slider.onchange = () => this.rest();
    this.slider.onkeydown = (event) => this.handleArrow(event);
    for (const control of [this.button, this.slider, ...this.marks]) control.disabled = false;
    document.addEventListener('keydown', (event) => this.handleKey(event));
    if (loader.isFirst) this.playFirst();
    this.draw();
  }

  /** The page shows a state. */
  render({ phase }: State): void {
    if (this.loader.moving === undefined) this.phase = phase;
    this.draw();
  }

  /** The stage has drawn a frame. */
  moved(): void {
    this.follow.place(this.loader.actions.followed());
  }

  /** Stops where it is, without putting the phase into the state. */
  stop(): void {
    cancelAnimationFrame(this.request);
    clearTimeout(this.timer);
    this.target = undefined;
    this.last = undefined;
    this.draw();
  }

  private toggle(): void {
    if (this.target !== undefined) this.rest();
    else this.playFrom(this.phase >= lastPhase ? 0 : this.phase, lastPhase);
  }

  /** Plays the one step that ends at a mark. */
  private playStep(mark: number): void {
    this.playFrom(this.phase > mark - 1 && this.phase < mark ? this.phase : mark - 1, mark);
  }

  private playFrom(phase: number, target: number): void {
    this.stop();
    this.loader.isFirst = false;
    this.playTo(phase, target);
  }

  private playTo(phase: number, target: number): void {
    this.target = target;
    if (this.hasMarksOnly) {
      this.move(phase);
      this.goOn();
      return;
    }
    this.move(phase);
    this.request = requestAnimationFrame((now) => this.frame(now));
  }

  private get hasMarksOnly(): boolean {
    return this.still.matches || this.loader.actions.hasMarksOnly();
  }

  private frame(now: number): void {
    const { target, phase } = this;
    if (target === undefined) return;
    const elapsed = now - (this.last ?? now);
    this.last = now;
    this.move(
      target >= phase ? Math.min(target, phaseAfter(phase, elapsed)) : Math.max(target, phase - elapsed / stepBack),
    );
    if (this.phase === target) this.rest();
    else this.request = requestAnimationFrame((next) => this.frame(next));
  }

  /** Goes on to the next mark without movement, then waits. */
  private goOn(): void {
    const { target, phase } = this;
    if (target === undefined) return;
    this.move(target > phase ? markAfter(phase) : target < phase ? markBefore(phase) : phase);
    if (this.phase === target) this.rest();
    else this.timer = setTimeout(() => this.goOn(), pause);
  }

  /** Shows a phase on the way. */
  private move(phase: number): void {
    this.phase = phase;
    this.loader.moving = phase;
    this.loader.actions.show(phase);
    this.draw();
  }

  /** Stops, and puts the phase into the state. */
  private rest(): void {
    this.stop();
    if (this.loader.moving === undefined) return;
    const { isFirst, actions } = this.loader;
    const { phase = this.phase } = this.loader.interrupt();
    this.phase = phase;
    // At the end of the play by itself, the state has this phase already.
    if (isFirst) actions.show(lastPhase);
    else actions.keep(phase);
    this.draw();
  }

  /** Plays once by itself. Any touch outside the timeline ends it. */
  private playFirst(): void {
    const events = ['pointerdown', 'keydown', 'wheel'] as const;
    const listening = new AbortController();
    const end = ({ target }: Event) => {
      listening.abort();
      if (!this.loader.isFirst || (target instanceof Node && this.root.contains(target))) return;
      this.phase = lastPhase;
      this.rest();
    };
    const options = { capture: true, passive: true, signal: listening.signal };
    for (const event of events) addEventListener(event, end, options);
    this.playTo(0, lastPhase);
  }

  /** Space plays and pauses, comma and full stop go to the marks, while the stage has the focus. */
  private handleKey(event: KeyboardEvent): void {
    const { dataset } = document.documentElement;
    const act = {
      ' ': () => this.toggle(),
      '.': () => this.playFrom(this.phase, markAfter(this.phase)),
      ',': () => this.playFrom(this.phase, markBefore(this.phase)),
    }[event.key];
    if (!act || !isCommand(event) || dataset.view === 'layers' || this.root.hidden) return;
    event.preventDefault();
    act();
  }

  /** On the slider, arrows go to the marks. */
  private handleArrow(event: KeyboardEvent): void {
    const isOn = event.key === 'ArrowRight' || event.key === 'ArrowUp';
    if (!isOn && event.key !== 'ArrowLeft' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    this.playFrom(this.phase, (isOn ? markAfter : markBefore)(this.target ?? this.phase));
  }

  private draw(): void {
    const { phase, root, slider, button } = this;
    const isPlaying = this.target !== undefined;
    const step = Math.max(1, Math.ceil(phase));
    slider.value = String(phase);
    root.style.setProperty('--done', `${((100 * phase) / lastPhase).toFixed(2)}%`);
    root.dataset.playing = String(isPlaying);
    button.ariaLabel = isPlaying ? words.pause : words.play;
    button.title = button.ariaLabel;
    this.follow.show(phase, this.loader.actions.evidence());
    this.moved();
    const percent = Math.round(100 * (phase - step + 1));
    const name = this.marks[step - 1].textContent ?? '';
    slider.setAttribute('aria-valuetext', phase === lastPhase ? words.done : words.at(name, percent));
    for (const [k, mark] of this.marks.entries()) {
      if (k + 1 === step && phase < lastPhase) mark.setAttribute('aria-current', 'step');
      else mark.removeAttribute('aria-current');
    }
  }
}
