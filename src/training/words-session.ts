import type { Engine, WorkOptions } from '../engine/engine';
import { WorkerCalls } from '../engine/worker-calls';
import { GpuEngine } from '../gpu/gpu-engine';
import type { Weights } from '../model/parameters';
import type { Tokenizer } from '../text/tokenizer';
import type { Lookup } from './lookups';
import { TextGenerator, weightsOf } from './text-generator';
import { readTextModel, type TextModelFile, type TextSizes, textSettings } from './text-model';
import { TextReader } from './text-reader';
import { lshLayers, type Reading } from './text-reading';
import type { WordsCalls } from './words-worker';

/** What reads and continues texts on one engine. */
interface Place {
  engine: Engine;
  read(ids: ArrayLike<number>, options: WorkOptions): Promise<Reading>;
  next(ids: ArrayLike<number>, rounds: number, options: WorkOptions): Promise<Float32Array>;
  free(): void;
}

/** A language model on the device of the page: reads and continues texts. */
export class WordsSession {
  readonly file: TextModelFile;
  private place: Place | undefined;

  private readonly plain: PlainWorker;

  /** @throws InputError if the bytes are no text model */
  constructor(bytes: Uint8Array) {
    this.file = readTextModel(bytes);
    this.plain = new PlainWorker(bytes);
  }

  get tokenizer(): Tokenizer {
    return this.file.tokenizer;
  }

  get sizes(): TextSizes {
    return this.file.sizes;
  }

  /** The layers that hash, counted from 1. */
  get lshLayers(): number[] {
    return lshLayers(textSettings(this.sizes)).map((index) => index + 1);
  }

  /** Reads a text on an engine's device. @throws InputError for an empty text or one that is too long; the signal's reason */
  read(engine: Engine, ids: ArrayLike<number>, options: WorkOptions = {}): Promise<Reading> {
    return this.on(engine).read(ids, options);
  }

  /** Logits of the token after a text, [V]. Of a longer text the last tokens are read. `rounds` 0 is full attention. */
  next(engine: Engine, ids: ArrayLike<number>, rounds: number, options: WorkOptions = {}): Promise<Float32Array> {
    return this.on(engine).next(ids, rounds, options);
  }

  /** Which earlier words the words from token `first` on were looked up from; see `findLookups`. */
  lookups(reading: Reading, pieces: string[], first: number, rounds: number): Promise<Lookup[]> {
    return this.plain.ask({}, 'lookups', reading, pieces, first, rounds);
  }

  /** Frees the memory on the device. */
  free(): void {
    this.place?.free();
    this.place = undefined;
  }

  private on(engine: Engine): Place {
    if (this.place?.engine !== engine) {
      this.free();
      this.place = engine instanceof GpuEngine ? gpuPlace(engine, this.file) : cpuPlace(engine, this.plain);
    }
    return this.place as Place;
  }
}

function gpuPlace(engine: GpuEngine, file: TextModelFile): Place {
  const context = engine.context.createSibling();
  const weights: Weights = weightsOf(context, file);
  const reader = new TextReader(context, weights, file);
  const generators = new Map<number, TextGenerator>();
  return {
    engine,
    read: (ids, options) => reader.read(ids, options),
    async next(ids, rounds, options) {
      let generator = generators.get(rounds);
      if (!generator) {
        generator = new TextGenerator(context, weights, file, { rounds });
        generators.set(rounds, generator);
      }
      const [logits] = await generator.logits([ids], options);
      return logits;
    },
    free() {
      reader.free();
      for (const generator of generators.values()) generator.free();
      context.free();
    },
  };
}

/** The plain engine in a worker, which opens the model when it is first needed. */
class PlainWorker {
  private readonly calls = new WorkerCalls<WordsCalls>(
    () => new Worker(new URL('./words-worker.ts', import.meta.url), { type: 'module' }),
  );
  private opened: Promise<void> | undefined;

  constructor(private readonly bytes: Uint8Array) {}

  async ask<M extends Exclude<keyof WordsCalls, 'open'>>(
    { signal }: WorkOptions,
    method: M,
    ...args: Parameters<WordsCalls[M]>
  ): Promise<ReturnType<WordsCalls[M]>> {
    this.opened ??= this.calls.call(undefined, 'open', this.bytes);
    await this.opened;
    try {
      return (await this.calls.call(signal, method, ...args)) as ReturnType<WordsCalls[M]>;
    } catch (error) {
      // The abort ended the worker, and its model with it.
      if (signal?.aborted) this.opened = undefined;
      throw error;
    }
  }
}

const cpuPlace = (engine: Engine, plain: PlainWorker): Place => ({
  engine,
  read: (ids, options) => plain.ask(options, 'read', Int32Array.from(ids)),
  next: (ids, rounds, options) => plain.ask(options, 'next', Int32Array.from(ids), rounds),
  free() {},
});
