import type { GpuEngine } from '../gpu/gpu-engine';
import { InputError } from '../shared/errors';
import { laterTask } from '../shared/tasks';
import { ByteBpe } from '../text/byte-bpe';
import { textBatch } from '../text/data';
import type { OwnText } from '../text/own-text';
import { ModelTrainer } from './model-trainer';
import { TextGenerator } from './text-generator';
import {
  adamOf,
  defaultTextTraining,
  type TextModelFile,
  type TextModelName,
  type TextTraining,
  textSettings,
  textSizes,
  writeTextModel,
} from './text-model';

/** Sequences in a batch, tokens of a sample, and milliseconds between two samples. */
const defaultPace = { batch: 4, sampleTokens: 32, sampleInterval: 20_000 };

/** How samples are drawn. */
const sampling = { temperature: 0.7, topK: 0, topP: 1 };

/** What the model wrote after some steps. */
export interface Sample {
  step: number;
  text: string;
}

/** Trains a language model on a person's text, step by step, until it is paused. */
export class TextTrainingSession {
  /** Mean loss of each step that was trained here, in nats a token. */
  readonly losses: number[] = [];
  /** The newest last. */
  readonly samples: Sample[] = [];
  readonly firstStep: number;
  private readonly trainer: ModelTrainer;
  private readonly tokenizer: ByteBpe;
  private readonly training: TextTraining;
  private running: AbortController | undefined;
  private sampledAt = Number.POSITIVE_INFINITY;
  private trainedFor = 0;

  /**
   * `resumed`: a file of an earlier training, which goes on.
   * @throws InputError if the file is of another text or cannot go on
   */
  constructor(
    engine: GpuEngine,
    private readonly text: OwnText,
    private readonly size: TextModelName,
    private readonly onChange: () => void,
    resumed?: TextModelFile,
    private readonly pace: typeof defaultPace = defaultPace,
  ) {
    if (resumed && resumed.training.data !== text.name) {
      throw new InputError(
        `The model was trained on ${resumed.training.data}, and this is ${text.name}; paste that text to go on.`,
      );
    }
    if (resumed && !resumed.moments)
      throw new InputError('The file has no moments of Adam; its training cannot go on.');
    this.tokenizer = ByteBpe.fromJson(text.tokenizer);
    this.training = resumed?.training ?? { ...defaultTextTraining, data: text.name, batch: pace.batch, step: 0 };
    const { seed, step } = this.training;
    const shape = { batch: this.training.batch, n: this.sizes.length };
    this.trainer = new ModelTrainer(
      engine.context.createSibling(),
      {
        settings: textSettings(this.sizes),
        shape,
        adam: adamOf(this.training),
        seed,
        embedding: 0.05,
        batchOf: (step) => textBatch(text.learned, shape, seed, step),
      },
      'stored',
    );
    if (resumed) this.trainer.load(resumed.values, step, resumed.moments);
    this.firstStep = step;
  }

  get sizes() {
    return textSizes[this.size];
  }

  get step(): number {
    return this.trainer.step;
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** Trained tokens a second so far; NaN before the first step. */
  get speed(): number {
    return (1000 * this.losses.length * this.training.batch * this.sizes.length) / this.trainedFor;
  }

  /** Trains until `pause` or the end of the schedule. @throws Error if the device was lost */
  async run(): Promise<void> {
    if (this.running) return;
    const running = new AbortController();
    this.running = running;
    this.sampledAt = performance.now();
    const { trainer } = this;
    try {
      while (!running.signal.aborted && trainer.step < this.training.steps) {
        const start = performance.now();
        await laterTask();
        await trainer.train();
        const [[loss]] = await trainer.recent(1);
        this.trainedFor += performance.now() - start;
        this.losses.push(loss);
        this.onChange();
        if (performance.now() - this.sampledAt < this.pace.sampleInterval) continue;
        await this.sample();
        this.onChange();
      }
    } finally {
      if (this.running === running) this.running = undefined;
      this.onChange();
    }
  }

  /** Ends the training after the present step. */
  pause(): void {
    this.running?.abort();
    this.running = undefined;
  }

  /** The model with all that its training needs to go on. */
  async file(): Promise<TextModelFile> {
    const values = await this.trainer.weights.read();
    return { ...this.fileWithout(), values, moments: await this.trainer.weights.read('moments') };
  }

  /** The same as bytes. With 8 bits it is small, and cannot go on. */
  async save(bits: 8 | 32 = 32): Promise<Uint8Array> {
    return writeTextModel(await this.file(), bits);
  }

  free(): void {
    this.pause();
    this.trainer.free();
  }

  private fileWithout(): TextModelFile {
    const { sizes, tokenizer, training, trainer } = this;
    return { sizes, tokenizer, training: { ...training, step: trainer.step }, values: new Map(), moments: undefined };
  }

  /** Lets the model write on from the first tokens of the last tenth. */
  private async sample(): Promise<void> {
    const { trainer, tokenizer, text } = this;
    this.sampledAt = performance.now();
    const generator = new TextGenerator(trainer.context, trainer.weights, this.fileWithout(), {
      rounds: this.sizes.rounds,
    });
    try {
      const prompt = text.rest.subarray(0, 8);
      const [ids] = await generator.continue([prompt], this.pace.sampleTokens, { ...sampling, seed: trainer.step });
      this.samples.push({ step: trainer.step, text: tokenizer.decode([...prompt, ...ids]) });
    } finally {
      generator.free();
    }
  }
}
