import { dialogs } from '../language/dialogs';
import { messageOf } from '../shared/errors';
import type { StageLike } from '../stage/picture';
import { copyField } from '../ui/copy';
import { dialogOf } from '../ui/dialog';
import { button, make } from '../ui/dom';
import { figuresOf } from '../ui/figures';
import type { Page } from '../ui/page';
import { linkTo } from '../ui/page-address';
import { csvFile, pngFile, svgFile } from './export-files';

const words = dialogs.export;

/** Pixels of an exported picture per CSS pixel. */
const scale = 2;

/** The dialog that exports the stage and the charts as pictures, the numbers as a table, and the setting as a link. */
export class ExportDialog {
  private readonly dialog = dialogOf('export');

  constructor(private readonly page: Page) {}

  open(stage: StageLike | undefined): void {
    const { kind, index, value } = words.columns;
    const charts = [...document.querySelectorAll<HTMLElement>('#charts figure')].filter(
      (figure) => figure.offsetParent && figure.querySelector(':scope > svg'),
    );
    this.dialog.find('ul').replaceChildren(
      this.row(words.stage, {
        [words.largePng]: async () => this.offer(`${words.stageFile}.png`, decodePng(stage?.copy(scale).toDataURL())),
      }),
      ...charts.map((figure) => {
        const svg = figure.querySelector(':scope > svg') as SVGSVGElement;
        const name = `reformer-${figure.id.replace('chart-', '')}`;
        return this.row(figure.querySelector('figcaption b')?.textContent ?? name, {
          SVG: async () => this.offer(`${name}.svg`, svgFile(svg)),
          PNG: async () => this.offer(`${name}.png`, await pngFile(svg, scale)),
        });
      }),
      this.row(words.numbers, {
        CSV: async () => this.offer(`${words.numbersFile}.csv`, csvFile([[kind, index, value], ...this.numbers()])),
      }),
      this.row(words.setting, { [words.copyLink]: (button) => this.copyLink(button) }),
    );
    this.dialog.open();
  }

  private row(name: string, actions: Record<string, (button: HTMLButtonElement) => Promise<void>>): HTMLElement {
    const buttons = Object.entries(actions).map(([format, act]) => {
      const run = () => act(one).catch((error) => this.page.showMessage(messageOf(error)));
      const one = button(format, run, '', { ariaLabel: words.button(name, format) });
      return one;
    });
    return make('li', {}, make('span', {}, name), ...buttons);
  }

  /** Kind, index and value of every number of the open view. */
  private numbers(): (string | number)[][] {
    return figuresOf(this.page.view).map(({ kind, index, value }) => [kind, index, value]);
  }

  private async offer(name: string, file: Blob): Promise<void> {
    this.page.offer(name, new Uint8Array(await file.arrayBuffer()));
  }

  private async copyLink(button: HTMLButtonElement): Promise<void> {
    const link = linkTo();
    if (link === undefined) throw new Error(words.noAddress);
    const properties = { readOnly: true, className: 'address', value: link, ariaLabel: words.setting };
    const field = make('input', { type: 'text', ...properties });
    button.parentElement?.querySelector('.address')?.remove();
    button.before(field);
    button.textContent = (await copyField(field)) ? words.copied : words.selected;
  }
}

/** The PNG file in a data address. @throws Error if there is none. */
function decodePng(address: string | undefined): Blob {
  const [, base64] = address?.split(',') ?? [];
  if (!base64) throw new Error(words.noStagePicture);
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: 'image/png' });
}
