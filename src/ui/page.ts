import { formatBytes } from '../shared/format';
import type { Theme } from '../state/palette';
import type { State } from '../state/schema';

const find = (selector: string): HTMLElement => {
  const element = document.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
};

/** After this long, work shows its progress. */
const patience = 500;

/** Milliseconds between two changes of the address. */
const queryPause = 150;

/** The document around the stage: messages, progress, theme, address, files and keys. Knows nothing of attention. */
export class Page {
  /** Where the stage draws. */
  readonly stageElement = find('#view');
  readonly charts = find('#charts .of-attention');
  readonly layerCharts = find('#charts .of-layers');
  readonly panel = find('#panel');
  readonly readout = find('#readout');
  readonly hashing = find('#hashing');
  onFile: ((file: File) => void) | undefined;
  onKey: ((event: KeyboardEvent) => void) | undefined;
  onStop: (() => void) | undefined;
  onTheme: (() => void) | undefined;
  onResize: (() => void) | undefined;
  onView: ((view: 'attention' | 'layers') => void) | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private impatient = false;
  private queryTimer: ReturnType<typeof setTimeout> | undefined;
  private queryWritten = Number.NEGATIVE_INFINITY;
  private readonly dark = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.dark.addEventListener('change', () => this.onTheme?.());
    find('#message button').addEventListener('click', () => {
      find('#message').hidden = true;
    });
    for (const button of document.querySelectorAll<HTMLElement>('header nav button')) {
      button.addEventListener('click', () => this.onView?.(button.dataset.view as 'attention' | 'layers'));
    }
    find('#progress button').addEventListener('click', () => this.onStop?.());
    new ResizeObserver(() => this.onResize?.()).observe(find('#charts'));
    const input = find('#file') as HTMLInputElement;
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      input.value = '';
      if (file) this.onFile?.(file);
    });
    addEventListener('dragover', (event) => {
      event.preventDefault();
      document.body.classList.add('dropping');
    });
    addEventListener('dragleave', (event) => {
      if (!event.relatedTarget) document.body.classList.remove('dropping');
    });
    addEventListener('drop', (event) => {
      event.preventDefault();
      document.body.classList.remove('dropping');
      const file = event.dataTransfer?.files[0];
      if (file) this.onFile?.(file);
    });
    addEventListener('keydown', (event) => {
      const inControl = event.target instanceof Element && event.target.closest('#panel, input, select, button');
      if (!inControl) this.onKey?.(event);
    });
  }

  /** Which of the two rooms is shown. */
  showView(view: 'attention' | 'layers'): void {
    document.documentElement.dataset.view = view;
    for (const button of document.querySelectorAll<HTMLElement>('header nav button')) {
      if (button.dataset.view === view) button.setAttribute('aria-current', 'page');
      else button.removeAttribute('aria-current');
    }
  }

  /** Gives the person a file. */
  offer(name: string, content: Uint8Array | Blob): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([Uint8Array.from(content)]));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  chooseFile(): void {
    (find('#file') as HTMLInputElement).click();
  }

  busy(): void {
    if (document.documentElement.dataset.state === 'busy' && this.patience) return;
    document.documentElement.dataset.state = 'busy';
    this.patience = setTimeout(() => {
      this.impatient = true;
      this.progress('computing', undefined);
    }, patience);
  }

  ready(): void {
    this.settle('ready');
  }

  /** Nothing more can be done. */
  fail(message: string): void {
    this.say(message);
    this.settle('failed');
  }

  private settle(state: 'ready' | 'failed'): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    this.impatient = false;
    find('#progress').hidden = true;
    document.documentElement.dataset.state = state;
  }

  /** One sentence for the person; it stays until closed, replaced or taken back. */
  say(message: string | undefined): void {
    find('#message span').textContent = message ?? '';
    find('#message').hidden = message === undefined;
  }

  /** One more sentence, beside what is being said. */
  add(message: string): void {
    const before = find('#message').hidden ? '' : `${find('#message span').textContent} `;
    this.say(before + message);
  }

  /** Share of the work that is done, 0 to 1 or not known; shown once it takes long. */
  progress(what: string, done: number | undefined): void {
    if (!this.impatient) return;
    find('#progress').hidden = false;
    find('#progress span').textContent = what;
    const bar = find('#progress progress') as HTMLProgressElement;
    if (done === undefined) bar.removeAttribute('value');
    else bar.value = done;
  }

  /** Words at a place of the stage, in CSS pixels; none, if undefined. */
  tip(words: string | undefined, at: { x: number; y: number }): void {
    const tip = find('#tip');
    tip.hidden = words === undefined;
    if (words === undefined) return;
    tip.textContent = words;
    const { clientWidth, clientHeight } = this.stageElement;
    const left = Math.min(at.x + 14, clientWidth - tip.offsetWidth - 6);
    const top = at.y + 18 + tip.offsetHeight > clientHeight ? at.y - tip.offsetHeight - 10 : at.y + 18;
    tip.style.left = `${Math.max(6, left)}px`;
    tip.style.top = `${top}px`;
  }

  applyTheme(theme: State['theme']): 'light' | 'dark' {
    const shown = theme === 'auto' ? (this.dark.matches ? 'dark' : 'light') : theme;
    document.documentElement.dataset.theme = shown;
    return shown;
  }

  /** What the matrix's colours mean, if there is one; later pairs have one under causal attention only. */
  legend(theme: Theme | undefined, causal: boolean, each = 1): void {
    if (!theme) {
      find('#legend').replaceChildren();
      return;
    }
    const { seen, missed, outside } = theme;
    const entries: [string, string, string][] = [['seen', ...seen]];
    if (each === 1) entries.push(['missed', ...missed]);
    if (causal) entries.push(['later', outside, outside]);
    find('#legend').replaceChildren(
      ...entries.map(([name, low, high]) => {
        const entry = document.createElement('span');
        const scale =
          each > 1
            ? `pairs that met in ${each.toLocaleString('en')} × ${each.toLocaleString('en')}`
            : '√ of full weight, 0 to 1';
        entry.dataset.part = name;
        entry.textContent = name === 'later' ? 'later' : `${name}: ${scale}`;
        entry.style.setProperty('--low', low);
        entry.style.setProperty('--high', high);
        return entry;
      }),
    );
  }

  /** Shows the device's name and the bytes that are held on it. `words` puts the number of bytes into its sentence. */
  device(name: string, held: { bytes: number; words: (count: Node) => (string | Node)[] } | undefined): void {
    const line = find('#device');
    line.textContent = held ? `${name} · ` : name;
    if (!held) return;
    const count = document.createElement('span');
    count.textContent = formatBytes(held.bytes);
    count.dataset.held = String(held.bytes);
    line.append(...held.words(count));
  }

  /** Puts the state into the address without a new entry in the history; browsers refuse more than about ten changes a second. */
  setQuery(query: string): void {
    clearTimeout(this.queryTimer);
    const write = () => {
      this.queryWritten = performance.now();
      if (location.search !== query) history.replaceState(null, '', query || location.pathname);
    };
    const wait = this.queryWritten + queryPause - performance.now();
    if (wait <= 0) write();
    else this.queryTimer = setTimeout(write, wait);
  }
}
