/** All sizes and settings that change the text of a kernel. */

import { defaultAdam } from '../algorithm/adam';
import { type Activation, type BatchShape, learnedPositions, type ModelSettings } from '../algorithm/model-settings';
import { limits, presets, type Settings, type Shape } from '../algorithm/settings';
import { Backward } from '../gpu/attention/backward';
import { FullAttention } from '../gpu/attention/full-attention';
import { AttentionInputs, type InputOptions } from '../gpu/attention/inputs';
import { fewTokens, shortSequence } from '../gpu/attention/kernel-choice';
import { LshAttention } from '../gpu/attention/lsh-attention';
import { measureCeilings } from '../gpu/bench';
import { GpuEngine } from '../gpu/gpu-engine';
import { bindingBytes } from '../gpu/runtime/context';
import { type KernelVariant, RecordingContext } from '../gpu/runtime/kernel-recorder';
import { Model } from '../model/model';
import { Weights } from '../model/parameters';

/** Lengths of the three ways to divide the work (kernel-choice.ts): of a few tokens, of a short sequence of a batch, of many blocks. */
const lengths = [fewTokens / 4, shortSequence, 16 * fewTokens];

const chunk = 64;

/** A ring of rounds, as in trax, and none, as in the paper. */
const conventions = [presets.paper, presets.trax];

const settingsOf = (convention: (typeof conventions)[number], factors = [4]): Settings => ({
  ...convention,
  ...{ rounds: 2, factors, chunk, lookBack: 1, lookAhead: 0, causal: true },
});

/**
 * Every kernel in every variant that the page and the command line dispatch for vectors of the sizes `d`, on a GPU or on a software
 * device. It runs the engine and the models on a context without a device, so it finds what they ask for, and no other variants.
 */
export async function kernelVariants(d: readonly number[], software: boolean): Promise<KernelVariant[]> {
  // The page stores 32-bit floats. The command line can store 16-bit floats, and treats every device as a GPU.
  const context = new RecordingContext({ software, f16: !software });
  for (const size of d) {
    for (const storage of software ? (['f32'] as const) : (['f32', 'f16'] as const)) {
      // A binding that is too small for the vectors makes them two halves.
      for (const most of [bindingBytes, 16]) recordAttentions(context, size, { storage, bindingBytes: most });
    }
    await recordEngine(context, size);
    recordModels(context, size);
  }
  await measureCeilings(context);
  return context.variants;
}

/** Records attention alone, forward and with gradients, with every number of directions. */
function recordAttentions(context: RecordingContext, d: number, options: InputOptions): void {
  const ofShape = (shape: Shape, settings: Settings, sequences: number, keepRounds: boolean): void => {
    const lsh = new LshAttention(context, shape, settings, { ...options, sequences, keepRounds });
    context.record([...lsh.dispatches(), ...new Backward(lsh).dispatches()]);
  };
  for (const n of lengths) {
    for (const sequences of [1, 4]) {
      const shape = { heads: sequences, n, d };
      for (const convention of conventions) {
        ofShape(shape, settingsOf(convention), sequences, true);
        if (sequences === 1) ofShape(shape, settingsOf(convention), sequences, false);
      }
      const full = new FullAttention(
        new AttentionInputs(context, shape, settingsOf(presets.paper), { ...options, sequences }),
        'all',
      );
      context.record([...full.dispatches(), ...new Backward(full).dispatches()]);
      for (let buckets = 2; buckets <= limits.buckets; buckets *= 2) {
        const settings = { ...settingsOf(presets.paper, [buckets]), rounds: 1 };
        if (16 * (buckets / 2) * Math.ceil(d / 4) <= bindingBytes) ofShape(shape, settings, sequences, true);
      }
    }
  }
}

/** Records all that the page asks of its engine. */
async function recordEngine(context: RecordingContext, d: number): Promise<void> {
  const { software } = context;
  const device = { ...context, software, timestamps: false, lost: new Promise(() => {}) };
  // Its vectors take two bindings.
  const longest = { heads: 16, n: Math.floor((2 * bindingBytes) / (16 * 16 * Math.ceil(d / 4))) };
  for (const { heads, n } of [...lengths.map((length) => ({ heads: 1, n: length })), longest]) {
    for (const convention of conventions) {
      const engine = new GpuEngine(device, context);
      const settings = { ...settingsOf(convention), rounds: heads > 1 ? 1 : 2 };
      // Nothing reads the numbers of the vectors.
      const none = new Float32Array();
      await engine.compute({ vectors: { shape: { heads, n, d }, qk: none, v: none }, settings, rotations: none });
      await engine.bucketSizes(0);
      await engine.token(0, 0);
      await engine.placementOf(0, [0]);
      await engine.curve();
      await engine.flows(0, { start: 0, first: 0, span: n });
      for (const each of [1, 2]) {
        await engine.matrix({ head: 0, start: 0, count: 8, each, sortedBy: undefined, onlyRound: undefined });
      }
      engine.free();
    }
  }
}

/** Records training steps and predictions of models. */
function recordModels(context: RecordingContext, headSize: number): void {
  for (const activation of ['relu', 'gelu', 'gelu_new', 'silu'] as const satisfies Activation[]) {
    // Products of matrices whose rows are no multiple of four take other kernels.
    for (const width of [16, 18]) {
      for (const residual of ['reversible', 'standard'] as const) {
        for (const n of lengths) {
          const settings = modelOf({ activation, width, residual, headSize }, n);
          recordModel(context, settings, { batch: n > shortSequence ? 1 : 4, n });
        }
      }
    }
  }
}

function recordModel(context: RecordingContext, settings: ModelSettings, shape: BatchShape): void {
  const weights = new Weights(context, settings, true);
  for (const mode of settings.residual === 'reversible' ? (['reversible', 'stored'] as const) : (['stored'] as const)) {
    const model = new Model(context, weights, settings, shape, mode);
    context.record([
      ...weights.clearDispatches(),
      ...model.forward(),
      ...model.loss(true),
      ...model.backward(),
      ...weights.adamDispatches(defaultAdam, model.step),
    ]);
    if (mode === 'reversible') context.record(settings.layers.flatMap((_, layer) => model.layerInverse(layer)));
  }
  const untrained = new Weights(context, settings, false);
  const model = new Model(context, untrained, settings, shape, 'nothing');
  context.record([...model.forward(), ...model.loss(false)]);
  // Sequences of different lengths are short.
  if (shape.n <= shortSequence) context.record(new Model(context, untrained, settings, shape, 'next').forward());
}

const modelOf = (
  given: Pick<ModelSettings, 'activation' | 'width' | 'residual' | 'headSize'>,
  n: number,
): ModelSettings => ({
  ...given,
  vocabulary: 16,
  heads: 2,
  feedForward: 32,
  layers: ['lsh', 'local', 'full'],
  positions: learnedPositions(n, given.width),
  epsilon: 1e-6,
  lsh: settingsOf(presets.paper),
  local: { chunk, lookBack: 1, lookAhead: 0 },
  fullWhenShort: false,
  slices: 2,
});
