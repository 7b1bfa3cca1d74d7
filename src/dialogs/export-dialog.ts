import type { StageLike } from '../stage/picture';
import type { Page } from '../ui/page';
import { csvFile, pngFile, svgFile } from './export-files';

/** Times the size on the screen at which pictures are given. */
const scale = 2;

/** The dialog from which a person takes pictures, charts, numbers and the setting along. */
export class ExportDialog {
  private readonly dialog = document.querySelector('#export') as HTMLDialogElement;

  constructor(private readonly page: Page) {
    this.dialog.querySelector('header button')?.addEventListener('click', () => this.dialog.close());
  }

  open(stage: StageLike | undefined): void {
    const list = this.dialog.querySelector('ul') as HTMLElement;
    const charts = [...document.querySelectorAll<HTMLElement>('#charts figure')].filter(
      (figure) => figure.offsetParent && figure.querySelector(':scope > svg'),
    );
    list.replaceChildren(
      this.row('The stage', {
        'PNG, twice the size': async () => this.give('reformer-stage.png', await fromAddress(stage?.image?.(scale))),
      }),
      ...charts.map((figure) => {
        const svg = figure.querySelector(':scope > svg') as SVGSVGElement;
        const name = `reformer-${figure.id.replace('chart-', '')}`;
        return this.row(figure.querySelector('figcaption b')?.textContent ?? name, {
          SVG: async () => this.give(`${name}.svg`, svgFile(svg)),
          PNG: async () => this.give(`${name}.png`, await pngFile(svg, scale)),
        });
      }),
      this.row('All numbers that are shown', {
        CSV: async () => this.give('reformer-numbers.csv', csvFile([['kind', 'index', 'value'], ...numbers()])),
      }),
      this.row('The setting', { 'copy its link': (button) => this.copy(button) }),
    );
    this.dialog.showModal();
  }

  private row(name: string, acts: Record<string, (button: HTMLButtonElement) => Promise<void>>): HTMLElement {
    const item = document.createElement('li');
    const words = document.createElement('span');
    words.textContent = name;
    item.append(words);
    for (const [label, act] of Object.entries(acts)) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = label;
      button.setAttribute('aria-label', `${name}: ${label}`);
      button.addEventListener('click', () => {
        act(button).catch((error) => this.page.say(error instanceof Error ? error.message : String(error)));
      });
      item.append(button);
    }
    return item;
  }

  private async give(name: string, file: Blob): Promise<void> {
    this.page.offer(name, new Uint8Array(await file.arrayBuffer()));
  }

  private async copy(button: HTMLButtonElement): Promise<void> {
    await navigator.clipboard.writeText(location.href);
    button.textContent = 'copied';
  }
}

/** @throws Error if there is no picture. */
async function fromAddress(address: string | undefined): Promise<Blob> {
  const [, text] = address?.split(',') ?? [];
  if (!text) throw new Error('The stage cannot be taken as a picture here.');
  return new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: 'image/png' });
}

/** Every number of the view that is open: kind, index and value. */
function numbers(): string[][] {
  return [...document.querySelectorAll<HTMLElement | SVGElement>('main [data-kind]')]
    .filter((element) => element.getClientRects().length > 0)
    .map(({ dataset: { kind = '', index = '', value = '' } }) => [kind, index, value]);
}
