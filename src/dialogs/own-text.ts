import { TextLossChart } from '../charts/text-loss';
import type { Engine } from '../engine/engine';
import { WorkerCalls } from '../engine/worker-calls';
import type { ExperimentsEvidence, MeasuredExplanation } from '../explain/experiments';
import { GpuEngine } from '../gpu/gpu-engine';
import { explain } from '../language/explain';
import { ownText as words } from '../language/own-text';
import { InputError, messageOf } from '../shared/errors';
import { textOfDialogues } from '../text/dialogue-file';
import { type OwnText, ownTextLimit } from '../text/own-text';
import type { Yardsticks } from '../text/yardsticks';
import { readTextModel, type TextModelFile, textSizes } from '../training/text-model';
import { TextTrainingSession } from '../training/text-training';
import type { WordsCalls } from '../training/words-worker';
import { addDialog } from '../ui/dialog';
import { button, make } from '../ui/dom';
import type { Page } from '../ui/page';

/** Milliseconds between two drawings of the chart. */
const pace = 250;

export interface OwnTextActions {
  /** Shows a text to the model of the page. */
  read(text: string): void;
  /** Makes a trained model the model of the page. */
  use(model: Uint8Array, text: string): void;
}

/** The dialog in which a person pastes a text, and a small model learns it. */
export class OwnTextDialog {
  private readonly parts = addDialog('own-text', words.title, words.close);
  private readonly field = make('textarea', { ariaLabel: words.label, placeholder: words.hint, spellcheck: false });
  private readonly size = make(
    'select',
    { ariaLabel: words.size },
    ...(['XS', 'S'] as const).map((value) => make('option', { value, textContent: words.sizes[value] })),
  );
  private readonly state = make('p', { className: 'state', ariaLive: 'polite' });
  private readonly samples = make('ol', { className: 'samples' });
  private readonly train: HTMLButtonElement;
  private readonly afterTraining: HTMLButtonElement[];
  private readonly figure = make('div', { className: 'drawing' });
  private readonly chart = new TextLossChart(this.figure);
  private readonly worker = new WorkerCalls<WordsCalls>(
    () => new Worker(new URL('../training/words-worker.ts', import.meta.url), { type: 'module' }),
  );
  private session: TextTrainingSession | undefined;
  private prepared: { text: OwnText; yardsticks: Yardsticks } | undefined;
  private engine: Engine | undefined;
  private explanations = new Map<string, MeasuredExplanation>();
  private drawnAt = 0;

  constructor(
    private readonly page: Page,
    private readonly actions: OwnTextActions,
  ) {
    const { buttons } = words;
    this.train = button(buttons.train, () => void this.attempt(() => this.toggle()), 'main');
    this.afterTraining = [
      button(buttons.use, () => void this.attempt(() => this.use())),
      button(buttons.save, () => void this.attempt(() => this.save())),
    ];
    const chooser = (accept: string, name: string, act: (file: File) => Promise<void>) => {
      const input = make('input', { type: 'file', accept, hidden: true });
      input.addEventListener('change', () => {
        const file = input.files?.[0];
        input.value = '';
        if (file) void this.attempt(() => act(file));
      });
      return [button(name, () => input.click()), input];
    };
    this.field.addEventListener('input', () => this.forget());
    this.size.addEventListener('change', () => this.forget());
    const { content, dialog } = this.parts;
    content.append(
      make('p', {}, words.intro),
      this.field,
      make(
        'p',
        { className: 'acts' },
        ...chooser('.txt,.md,.json', buttons.file, (file) => this.take(file)),
        button(buttons.read, () => void this.attempt(async () => this.read())),
      ),
      make(
        'p',
        { className: 'acts' },
        make('label', {}, `${words.size} `, this.size),
        this.train,
        ...chooser('.safetensors', buttons.open, (file) => this.openModel(file)),
        ...this.afterTraining,
      ),
      this.state,
      this.figure,
      this.samples,
    );
    dialog.element.addEventListener('close', () => this.session?.pause());
    this.showButtons();
  }

  /** Explanations of the numbers shown. Undefined while the dialog is closed. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.parts.dialog.isOpen ? this.explanations : undefined;
  }

  /** Shows the dialog, perhaps with the text of a file. */
  open(engine: Engine | undefined, file?: File): void {
    if (this.engine !== engine) this.forget();
    this.engine = engine;
    this.parts.dialog.open();
    if (file) void this.attempt(() => this.take(file));
  }

  private async take(file: File): Promise<void> {
    if (file.size > ownTextLimit) {
      throw new InputError(
        `The file has ${Math.ceil(file.size / 2 ** 20)} MiB; the limit is ${ownTextLimit / 2 ** 20} MiB.`,
      );
    }
    const text = await file.text();
    this.field.value = /\.json$/i.test(file.name) ? textOfDialogues(text, words.noDialogues) : text;
    this.forget();
  }

  private read(): void {
    const text = this.field.value;
    if (text.trim() === '') throw new InputError('The text is empty; it needs letters.');
    this.parts.dialog.close();
    this.actions.read(text);
  }

  private async toggle(): Promise<void> {
    if (this.session?.isRunning) {
      this.session.pause();
      return;
    }
    this.session ??= await this.makeSession();
    const { session } = this;
    this.state.textContent = words.compiling;
    const running = session.run();
    this.showButtons();
    await running;
    this.draw();
  }

  private async makeSession(resumed?: TextModelFile): Promise<TextTrainingSession> {
    const { engine } = this;
    if (!(engine instanceof GpuEngine)) throw new InputError(words.needsGpu);
    this.state.textContent = words.preparing;
    const size = this.size.value as 'XS' | 'S';
    const pieces = resumed?.tokenizer.toJson();
    this.prepared = await this.worker.call(undefined, 'prepare', this.field.value, textSizes[size].vocabulary, pieces);
    return new TextTrainingSession(engine, this.prepared.text, size, () => this.showProgress(), resumed);
  }

  private async openModel(file: File): Promise<void> {
    if (this.field.value.trim() === '') throw new InputError(words.openNeedsText);
    const model = readTextModel(new Uint8Array(await file.arrayBuffer()));
    const size = (['XS', 'S'] as const).find(
      (name) => JSON.stringify(textSizes[name]) === JSON.stringify({ ...textSizes[name], ...model.sizes }),
    );
    if (!size) throw new InputError('The model has other sizes than those that are trained here.');
    this.forget();
    this.size.value = size;
    this.session = await this.makeSession(model);
    this.state.textContent = words.opened(this.session.step.toLocaleString('en'));
    this.showButtons();
    this.draw();
  }

  private async save(): Promise<void> {
    if (this.session) this.page.offer(words.file, await this.session.save());
  }

  private async use(): Promise<void> {
    const { session } = this;
    if (!session) return;
    session.pause();
    const model = await session.save(8);
    this.parts.dialog.close();
    this.actions.use(model, this.field.value.slice(0, 300));
  }

  /** The text or the size changed, so that the model no longer belongs to them. */
  private forget(): void {
    this.session?.free();
    this.session = undefined;
    this.prepared = undefined;
    this.state.textContent = '';
    this.samples.replaceChildren();
    this.showButtons();
    this.figure.hidden = true;
  }

  private showProgress(): void {
    const { session } = this;
    if (!session || performance.now() - this.drawnAt < pace) return;
    this.drawnAt = performance.now();
    this.state.textContent = words.progress(
      session.step.toLocaleString('en'),
      Math.round(session.speed).toLocaleString('en'),
    );
    this.draw();
  }

  private draw(): void {
    const { session, prepared } = this;
    if (!session || !prepared) return;
    const { bytesPerToken } = prepared.text;
    this.figure.hidden = false;
    const { operands, title, note } = explain.figures['text-loss'];
    const perToken = session.losses.at(-1);
    this.explanations = new Map([
      ['text-loss letters', { title: title.letters, operands: [], note: note.letters }],
      ['text-loss fourBytes', { title: title.fourBytes, operands: [], note: note.fourBytes }],
    ]);
    if (perToken !== undefined) {
      const parts = [
        { name: operands.perToken, value: perToken },
        { name: operands.bytesPerToken, value: bytesPerToken },
      ];
      this.explanations.set('text-loss model', { title: title.model, operands: parts, note: note.model });
    }
    this.chart.show(
      session.losses.map((loss) => loss / bytesPerToken),
      session.firstStep,
      prepared.yardsticks,
    );
    this.samples.replaceChildren(
      ...session.samples.map(({ step, text }) => make('li', {}, make('b', {}, words.sample(String(step))), ` ${text}`)),
    );
    this.showButtons();
  }

  private showButtons(): void {
    const { buttons } = words;
    const { session } = this;
    this.train.textContent = session?.isRunning ? buttons.pause : session ? buttons.resume : buttons.train;
    for (const one of this.afterTraining) one.hidden = !session || session.step === 0;
  }

  /** Runs an action of a person, and shows its error in the line of state. */
  private async attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.state.textContent = messageOf(error);
      if (!(error instanceof InputError)) console.error(error);
    }
    this.showButtons();
  }
}
