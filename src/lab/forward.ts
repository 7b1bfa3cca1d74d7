/** `lab forward`: a model of Hugging Face transformers, forward and backward. */

import { join } from 'node:path';
import { defaultAdam } from '../algorithm/adam';
import { nextTokens } from '../algorithm/duplication-task';
import { rotations as seededRotations } from '../algorithm/hash';
import { type ModelSettings, parameterShapes } from '../algorithm/model-settings';
import { directionCount } from '../algorithm/settings';
import { modelOfConfig, parametersOf } from '../formats/hugging-face';
import { readSafetensors, type Tensor, writeSafetensors } from '../formats/safetensors';
import { Model } from '../model/model';
import { stepBlock, Weights } from '../model/parameters';
import { InputError } from '../shared/errors';
import { dawnContext } from './dawn';
import { readInput, tensor, writeWhole } from './files';
import { number, oneOf, parseCommandLine } from './options';

export const forwardUsage = `forward MODEL_FOLDER IN.safetensors OUT.safetensors [--backward] [--mode reversible|stored] [--seed S]
  Runs a ReformerModelWithLMHead of Hugging Face transformers. MODEL_FOLDER has its config.json and model.safetensors.
  IN has input_ids [n] or [batch, n], and perhaps rotations [heads, d, rounds, ΣB/2] for all LSH layers; --seed makes them otherwise.
  OUT: logits [batch, n, V]; with --backward also loss, the mean cross-entropy of each token's logits with the next token, and
  grad.NAME for every parameter. --mode recomputes the activations (reversible) or keeps them (stored).`;

/** Runs the command. @throws InputError for invalid files or options; OUT is then not written. */
export async function forward(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['backward', 'mode', 'seed']);
  if (files.length !== 3) {
    throw new InputError(`forward needs MODEL_FOLDER, IN and OUT, but got ${files.length} of these three.`);
  }
  const [folder, inPath, outPath] = files;
  const isBackward = flags.get('backward') === 'true';
  const mode = oneOf('mode', flags.get('mode') ?? 'reversible', ['reversible', 'stored']) as 'reversible' | 'stored';
  const input = readSafetensors(await readInput(inPath));
  const ids = tensor(input, 'input_ids');
  const { batch, n } = batchOf(ids);
  const settings = modelOfConfig(new TextDecoder().decode(await readInput(join(folder, 'config.json'))), n);
  const file = readSafetensors(await readInput(join(folder, 'model.safetensors')));
  const parameters = parametersOf(settings, file.tensors);
  const rotations = input.tensors.has('rotations')
    ? fileRotations(tensor(input, 'rotations'), settings)
    : seededRotations(
        { heads: settings.heads, n, d: settings.headSize },
        settings.lsh,
        number('seed', flags.get('seed') ?? 0),
      );

  const context = await dawnContext();
  const weights = new Weights(context, settings, isBackward);
  const model = new Model(context, weights, settings, { batch, n }, isBackward ? mode : 'nothing');
  weights.upload(parameters);
  const targets = nextTokens(ids.data, n);
  model.upload(ids.data, targets);
  if (model.hashes) model.uploadRotations(rotations);
  context.write(model.step, 0, stepBlock(defaultAdam, 0, batch * (n - 1)));
  await context.queue.run(await context.prepare('forward', model.forward()));
  const logits = (await context.read(model.logits)) as Float32Array;
  const out = new Map<string, Tensor>([['logits', { shape: [batch, n, settings.vocabulary], data: logits }]]);
  if (isBackward) {
    const dispatches = [...weights.clearDispatches(), ...model.loss(true), ...model.backward()];
    await context.queue.run(await context.prepare('backward', dispatches));
    const [loss] = await context.read(model.history, 0, 1);
    out.set('loss', { shape: [1], data: Float32Array.of(loss) });
    const gradients = await weights.read('gradients');
    for (const [name, shape] of parameterShapes(settings)) {
      out.set(`grad.${name}`, { shape, data: Float32Array.from(gradients.get(name) as Float32Array) });
    }
  }
  context.destroy();
  await writeWhole(outPath, writeSafetensors(out));
}

function batchOf({ shape }: Tensor): { batch: number; n: number } {
  if (shape.length !== 1 && shape.length !== 2) {
    throw new InputError(`input_ids has the shape ${shape.join('×')}; it must be n or batch×n.`);
  }
  const [batch, n] = shape.length === 1 ? [1, shape[0]] : shape;
  return { batch, n };
}

/** The directions of a file, if they fit the model. @throws InputError naming the shape that is needed. */
function fileRotations({ shape, data }: Tensor, { heads, headSize, lsh }: ModelSettings): ArrayLike<number> {
  const columns = directionCount(lsh);
  if (
    shape.length !== 4 ||
    ![1, heads].includes(shape[0]) ||
    shape.slice(1).join() !== [headSize, lsh.rounds, columns].join()
  ) {
    throw new InputError(
      `rotations has the shape ${shape.join('×')}; it must be ${heads}×${headSize}×${lsh.rounds}×${columns} (heads×d×rounds×ΣB/2).`,
    );
  }
  return data;
}
