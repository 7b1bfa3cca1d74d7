import { loadScript } from '../shared/tasks';
import type { State } from '../state/schema';
import { find } from '../ui/dom';
import type { Play, PlayActions, Timeline } from './timeline';

/** The name under which the browser remembers that the algorithm has played. */
const storedName = 'reformer-lab-played';

/** True once for each visitor. Without a store, a page would play at each visit, so it plays at none. */
function isFirstVisit(): boolean {
  try {
    if (localStorage.getItem(storedName)) return false;
    localStorage.setItem(storedName, '1');
    return true;
  } catch {
    return false;
  }
}

/** Plays the algorithm on the stage. Its timeline is fetched when the first picture is there. */
export class PlayLoader implements Play {
  moving: number | undefined;
  isFirst: boolean;
  private timeline: Timeline | undefined;
  private isLoading = false;
  private state: State | undefined;

  /** `query` is that of the page's address. A page that a link opened does not play by itself. */
  constructor(
    query: string,
    readonly actions: PlayActions,
  ) {
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden;
    this.isFirst = !query && !isStill && isFirstVisit();
    if (this.isFirst) this.moving = 0;
  }

  /** The state as the stage shows it. */
  shown(state: State): State {
    return this.moving === undefined ? state : { ...state, phase: this.moving };
  }

  /** The page shows a state. */
  render(state: State): void {
    this.state = state;
    this.timeline?.render(state);
  }

  /** The stage has drawn a frame. */
  moved(): void {
    this.timeline?.moved();
  }

  /** The page has computed everything for the first time, or again. */
  ready(): void {
    if (this.isLoading) return;
    this.isLoading = true;
    loadScript(import('./timeline')).then(
      ({ Timeline }) => {
        this.timeline = new Timeline(find('#timeline'), this);
        if (this.state) this.timeline.render(this.state);
      },
      () => {
        this.isLoading = false;
        this.interrupt();
        this.actions.show(this.state?.phase ?? 0);
      },
    );
  }

  interrupt(): Partial<State> {
    const { moving, isFirst } = this;
    this.timeline?.stop();
    this.moving = undefined;
    this.isFirst = false;
    return moving === undefined || isFirst ? {} : { phase: Math.round(100 * moving) / 100 };
  }
}
