import { page as words } from '../language/page';
import { formatBytes } from '../shared/format';
import type { Theme } from '../state/palette';
import type { State } from '../state/schema';
import { find, make } from './dom';
import { FigureSurface } from './figures';
import { replaceQuery } from './page-address';

/** Milliseconds of work before the progress bar appears. */
const progressDelay = 500;

/** Milliseconds between two changes of the address. Browsers refuse more than about ten changes a second. */
const queryPause = 150;

/** What a person or the browser does to the page. */
export interface PageActions {
  openFile(file: File): void;
  drop(data: DataTransfer | null): void;
  /** True if the page takes or refuses what is dragged, false if the browser does. */
  isForPage(event: DragEvent): boolean;
  key(event: KeyboardEvent): void;
  stop(): void;
  themeChanged(): void;
  resized(): void;
  showView(view: View): void;
}

/** The views of the page. Words are the view of attention with a text above it. */
export type View = 'words' | 'attention' | 'layers';

/** The document around the stage: messages, progress, theme, address, files and keys. It is independent of attention. */
export class Page {
  /** The stage draws into this element. */
  readonly stageElement = find('#view');
  readonly charts = find('#charts .of-attention');
  readonly layerCharts = find('#charts .of-layers');
  readonly panel = find('#panel');
  readonly readout = find('#readout');
  readonly hashing = find('#hashing');
  /** The view whose numbers are shown. */
  view: 'attention' | 'layers' = 'attention';
  private readonly figures = new FigureSurface('both');
  private progressTimer: ReturnType<typeof setTimeout> | undefined;
  /** The work takes longer than `progressDelay`. */
  private isSlow = false;
  private queryTimer: ReturnType<typeof setTimeout> | undefined;
  private queryWritten = Number.NEGATIVE_INFINITY;
  private readonly dark = matchMedia('(prefers-color-scheme: dark)');

  constructor(actions: PageActions) {
    this.dark.addEventListener('change', () => actions.themeChanged());
    find('#message button').addEventListener('click', () => {
      find('#message').hidden = true;
    });
    for (const button of document.querySelectorAll<HTMLElement>('header nav button')) {
      button.addEventListener('click', () => actions.showView(button.dataset.view as View));
    }
    find('#progress button').addEventListener('click', () => actions.stop());
    new ResizeObserver(() => actions.resized()).observe(find('#charts'));
    const input = find('#file') as HTMLInputElement;
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      input.value = '';
      if (file) actions.openFile(file);
    });
    addEventListener('dragover', (event) => {
      if (!actions.isForPage(event)) return;
      event.preventDefault();
      document.body.classList.add('dropping');
    });
    addEventListener('dragleave', (event) => {
      if (!event.relatedTarget) document.body.classList.remove('dropping');
    });
    addEventListener('drop', (event) => {
      if (!actions.isForPage(event)) return;
      event.preventDefault();
      document.body.classList.remove('dropping');
      actions.drop(event.dataTransfer);
    });
    addEventListener('keydown', (event) => {
      const inControl = event.target instanceof Element && event.target.closest('#panel, input, select, button');
      if (!inControl) actions.key(event);
    });
  }

  /** Shows one of the views, and marks its button in the header. */
  showView(view: View): void {
    this.view = view === 'layers' ? 'layers' : 'attention';
    document.documentElement.dataset.view = view;
    for (const button of document.querySelectorAll<HTMLElement>('header nav button')) {
      if (button.dataset.view === view) button.setAttribute('aria-current', 'page');
      else button.removeAttribute('aria-current');
    }
  }

  /** Downloads a file to the person's computer. */
  offer(name: string, content: Uint8Array | Blob): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([Uint8Array.from(content)]));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** Opens the browser's dialog that chooses a file. */
  chooseFile(): void {
    (find('#file') as HTMLInputElement).click();
  }

  /** Marks the page as at work. Work that takes long shows its progress. */
  setBusy(): void {
    if (document.documentElement.dataset.state === 'busy' && this.progressTimer) return;
    document.documentElement.dataset.state = 'busy';
    this.progressTimer = setTimeout(() => {
      this.isSlow = true;
      this.showProgress(words.computing, undefined);
    }, progressDelay);
  }

  /** Marks the work as done. */
  setReady(): void {
    this.endWork('ready');
  }

  /** Ends the work for good: the page cannot recover. */
  setFailed(message: string): void {
    this.showMessage(message);
    this.endWork('failed');
  }

  private endWork(state: 'ready' | 'failed'): void {
    clearTimeout(this.progressTimer);
    this.progressTimer = undefined;
    this.isSlow = false;
    find('#progress').hidden = true;
    document.documentElement.dataset.state = state;
  }

  /** Shows a message until the person closes it or another call replaces it. Undefined hides it. */
  showMessage(message: string | undefined): void {
    find('#message span').textContent = message ?? '';
    find('#message').hidden = message === undefined;
  }

  /** Adds a sentence to the message that is shown. */
  appendMessage(message: string): void {
    const before = find('#message').hidden ? '' : `${find('#message span').textContent} `;
    this.showMessage(before + message);
  }

  /** Shows the progress of slow work. `done` is the share that is done, 0 to 1, or undefined if it is unknown. */
  showProgress(work: string, done: number | undefined): void {
    if (!this.isSlow) return;
    find('#progress').hidden = false;
    find('#progress span').textContent = work;
    const bar = find('#progress progress') as HTMLProgressElement;
    if (done === undefined) bar.removeAttribute('value');
    else bar.value = done;
  }

  /** Shows a tooltip on the stage, at a place in CSS pixels. Undefined hides it. */
  showTip(text: string | undefined, at: { x: number; y: number }): void {
    const tip = find('#tip');
    tip.hidden = text === undefined;
    if (text === undefined) return;
    tip.textContent = text;
    const { clientWidth, clientHeight } = this.stageElement;
    const left = Math.min(at.x + 14, clientWidth - tip.offsetWidth - 6);
    const top = at.y + 18 + tip.offsetHeight > clientHeight ? at.y - tip.offsetHeight - 10 : at.y + 18;
    tip.style.left = `${Math.max(6, left)}px`;
    tip.style.top = `${top}px`;
  }

  /** Applies a theme to the document, and returns the colours that `auto` stands for. */
  applyTheme(theme: State['theme']): 'light' | 'dark' {
    const colours = theme === 'auto' ? (this.dark.matches ? 'dark' : 'light') : theme;
    document.documentElement.dataset.theme = colours;
    return colours;
  }

  /**
   * Explains the colours of the matrix. No theme: there is no matrix. Only causal attention has later pairs. `each`: a cell stands for
   * each × each pairs.
   */
  showLegend(theme: Theme | undefined, causal: boolean, each = 1): void {
    const entries: { part: string; text: string; colours: [string, string] }[] = [];
    if (theme) {
      const { seen, missed, outside } = theme;
      const { legend } = words;
      const isCoarse = each > 1;
      entries.push({
        part: 'seen',
        text: isCoarse ? legend.met(each.toLocaleString('en')) : legend.seen,
        colours: seen,
      });
      if (!isCoarse) entries.push({ part: 'missed', text: legend.missed, colours: missed });
      if (causal) entries.push({ part: 'later', text: legend.later, colours: [outside, outside] });
    }
    find('#legend').replaceChildren(
      ...entries.map(({ part, text, colours }) => {
        const entry = make('span', { textContent: text, data: { part } });
        entry.style.setProperty('--low', colours[0]);
        entry.style.setProperty('--high', colours[1]);
        return entry;
      }),
    );
  }

  /** Shows the device's name and the bytes that are held on it. `words` puts the number of bytes into its sentence. */
  showDevice(name: string, held: { bytes: number; words: (count: Node) => (string | Node)[] } | undefined): void {
    this.figures.clear();
    const line = find('#device');
    line.textContent = held ? `${name} · ` : name;
    if (!held) return;
    this.figures.set({ kind: 'held', index: 0, value: held.bytes });
    const count = make('span', { textContent: formatBytes(held.bytes), data: { held: String(held.bytes) } });
    line.append(...held.words(count));
  }

  /** Writes the query into the address, without a new entry in the history. Until then, `data-address` of the document is `pending`. */
  setQuery(query: string): void {
    clearTimeout(this.queryTimer);
    const { dataset } = document.documentElement;
    dataset.address = 'pending';
    const write = () => {
      this.queryWritten = performance.now();
      replaceQuery(query);
      dataset.address = 'written';
    };
    const wait = this.queryWritten + queryPause - performance.now();
    if (wait <= 0) write();
    else this.queryTimer = setTimeout(write, wait);
  }
}
