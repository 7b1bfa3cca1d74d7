/** `lab attend`: LSH attention of the vectors of a file. */

import { firstRounds } from '../algorithm/fidelity';
import { rotations as seededRotations } from '../algorithm/hash';
import { checkSettings, directionCount, type Settings, type Shape } from '../algorithm/settings';
import { type Tensor, type TensorFile, writeSafetensors } from '../formats/safetensors';
import { Backward } from '../gpu/attention/backward';
import { unpadded } from '../gpu/attention/inputs';
import { LshAttention } from '../gpu/attention/lsh-attention';
import { InputError } from '../shared/errors';
import { dawnContext } from './dawn';
import { checkContent, readTensorFile, tensor, writeWhole } from './files';
import { number, parseCommandLine, readSettings, readStorage, settingNames } from './options';

export const attendUsage = `attend IN.safetensors OUT.safetensors [options]
  Computes LSH attention of qk and v [heads, n, d] in IN, with its rotations [heads or 1, d, rounds, ΣB/2] if it has them.
  IN's metadata "config" (JSON) gives the settings, and may be that of an earlier OUT. Options override it:
    --preset paper|trax|lucidrains  --rounds R  --chunk M  --buckets B or B1,B2,…  --causal [true|false]
    --look-back C  --look-ahead C  --scale one|sqrt  --key-norm unit|smooth  --bucket-mask true|false
    --duplicates divided|counted  --wrap true|false  --self-mask X
    More than 128 buckets are factorized unless --buckets says otherwise; for one flat factor, give it.
    --seed S      seed of the rotations when IN has none
    --backward    also computes the gradients of Σ out·grad_out, with grad_out [heads, n, d] from IN
    --storage f32|f16    type of the vectors on the GPU; f16 needs a device that supports it
  OUT: out [heads, n, d] and lse [heads, rounds, n] (float32), buckets and order [heads, rounds, n] (int32);
  with --backward also grad_qk and grad_v [heads, n, d].`;

/** Runs the command. @throws InputError for invalid files or options; OUT is then not written. */
export async function attend(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, [...settingNames, 'seed', 'backward', 'storage']);
  if (files.length !== 2) throw new InputError(`attend needs two files, IN and OUT, but got ${files.length}.`);
  const [inPath, outPath] = files;
  const file = await readTensorFile(inPath);
  checkContent(file, {
    tensors: ['qk', 'v', 'rotations', 'grad_out'],
    unused: /^(out|lse|buckets|order|grad_qk|grad_v)$/,
    metadata: ['config'],
  });
  const config = readConfig(file);
  const qk = tensor(file, 'qk');
  const v = tensor(file, 'v');
  const shape = shapeOf(qk, config);
  checkSameShape('v', v, qk);
  const settings = readSettings(config, flags, shape.n);
  checkSettings(shape, settings);
  const seed = flags.get('seed') ?? config.seed;
  const drawn = file.tensors.has('rotations') ? undefined : number('seed', seed ?? 0);
  if (drawn === undefined && seed !== undefined)
    throw new InputError(`IN has rotations, so the seed ${JSON.stringify(seed)} is not used; leave one of them out.`);
  const rotations =
    drawn === undefined
      ? fileRotations(tensor(file, 'rotations'), shape, settings)
      : seededRotations(shape, settings, drawn);

  const gradOut = flags.get('backward') === 'true' ? tensor(file, 'grad_out') : undefined;
  if (gradOut) checkSameShape('grad_out', gradOut, qk);

  const context = await dawnContext();
  const lsh = new LshAttention(context, shape, settings, { storage: readStorage(flags) });
  lsh.upload({ qk: qk.data, v: v.data, rotations });
  await lsh.run();
  const { heads, n, d } = shape;
  const { rounds } = settings;
  const read = async (name: 'buckets' | 'order'): Promise<Tensor> => ({
    shape: [heads, rounds, n],
    data: Int32Array.from(await context.read(lsh[name])),
  });
  const lse = await context.read(lsh.lse);
  // After its rounds, each head has one more row: the log-sum-exp of all rounds together.
  const roundLse = new Float32Array(heads * rounds * n);
  for (let head = 0; head < heads; head++) {
    const start = head * (rounds + 1) * n;
    roundLse.set(lse.subarray(start, start + rounds * n), head * rounds * n);
  }
  const out = unpadded(await context.read(lsh.out), d);
  const tensors = new Map<string, Tensor>([
    ['out', { shape: [heads, n, d], data: out }],
    ['buckets', await read('buckets')],
    ['order', await read('order')],
    ['lse', { shape: [heads, rounds, n], data: roundLse }],
  ]);
  if (gradOut) {
    const backward = new Backward(lsh);
    backward.upload(gradOut.data);
    await backward.run();
    const grads = await backward.read();
    tensors.set('grad_qk', { shape: [heads, n, d], data: grads.qk });
    tensors.set('grad_v', { shape: [heads, n, d], data: grads.v });
  }
  context.destroy();
  await writeWhole(
    outPath,
    writeSafetensors(tensors, new Map([['config', JSON.stringify({ ...shape, ...settings, seed: drawn })]])),
  );
}

function readConfig({ metadata }: TensorFile): Record<string, unknown> {
  const text = metadata.get('config');
  if (text === undefined) return {};
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config))
      return config as Record<string, unknown>;
  } catch {}
  throw new InputError('The metadata "config" must be a JSON object.');
}

function checkSameShape(name: string, tensor: Tensor, qk: Tensor): void {
  if (tensor.shape.join() !== qk.shape.join()) {
    throw new InputError(
      `${name} has the shape ${tensor.shape.join('×')}; it must have that of qk, ${qk.shape.join('×')}.`,
    );
  }
}

function shapeOf(qk: Tensor, config: Record<string, unknown>): Shape {
  if (qk.shape.length !== 3) throw new InputError(`qk has the shape ${qk.shape.join('×')}; it must be heads×n×d.`);
  const [heads, n, d] = qk.shape;
  for (const [name, value] of Object.entries({ heads, n, d })) {
    if (config[name] !== undefined && config[name] !== value) {
      throw new InputError(
        `${name} is ${JSON.stringify(config[name])} in config, but qk has the shape ${qk.shape.join('×')}.`,
      );
    }
  }
  return { heads, n, d };
}

/** The file's directions for the first rounds; the file may have more. */
function fileRotations(tensor: Tensor, shape: Shape, settings: Settings): ArrayLike<number> {
  const columns = directionCount(settings);
  const [heads, d, rounds, width] = tensor.shape;
  const fits =
    tensor.shape.length === 4 && (heads === shape.heads || heads === 1) && d === shape.d && width === columns;
  if (!fits || rounds < settings.rounds) {
    throw new InputError(
      `rotations has the shape ${tensor.shape.join('×')}; it must be ${shape.heads}×${shape.d}×${settings.rounds}×${columns} (heads×d×rounds×ΣB/2 for the buckets ${settings.factors.join(',')}); check --buckets and --rounds.`,
    );
  }
  if (rounds === settings.rounds) return tensor.data;
  return firstRounds({ shape: { ...shape, heads }, rotations: tensor.data }, { ...settings, rounds }, settings.rounds);
}
