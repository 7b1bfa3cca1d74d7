import { firstRounds } from '../algorithm/fidelity';
import { rotations as seededRotations } from '../algorithm/hash';
import { checkSettings, directionCount, type Settings, type Shape } from '../algorithm/settings';
import { readSafetensors, type Tensor, type TensorFile, writeSafetensors } from '../formats/safetensors';
import { Backward } from '../gpu/attention/backward';
import { LshAttention } from '../gpu/attention/lsh-attention';
import { unpadded } from '../gpu/attention/inputs';
import { InputError } from '../shared/errors';
import { dawnContext } from './dawn';
import { readInput, tensor, writeWhole } from './files';
import { number, parseCommandLine, readSettings, readStorage, settingNames } from './options';

export const attendUsage = `attend IN.safetensors OUT.safetensors [options]
  LSH attention of qk and v [heads, n, d] with rotations [heads or 1, d, rounds, ΣB/2], if IN has them.
  Settings: IN's metadata "config" (JSON), overridden by options:
    --preset paper|trax|lucidrains  --rounds R  --chunk M  --buckets B or B1,B2,…  --causal [true|false]
    --look-back C  --look-ahead C  --scale one|sqrt  --key-norm unit|smooth  --bucket-mask true|false
    --duplicates divided|counted  --wrap true|false  --self-mask X  --seed S (where IN has no rotations)
    --backward: gradients of Σ out·grad_out, with grad_out [heads, n, d] from IN
    --storage f32|f16 (of vectors on the GPU; f16 where it has that)
  OUT: out [heads, n, d], lse [heads, rounds, n] (float32), buckets and order [heads, rounds, n] (int32);
  with --backward also grad_qk and grad_v [heads, n, d].`;

/** @throws InputError for anything about the files or options that cannot be computed with; OUT is then not written. */
export async function attend(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, [...settingNames, 'seed', 'backward', 'storage']);
  if (files.length !== 2) throw new InputError(`attend takes two files, IN and OUT; ${files.length} were given.`);
  const [inPath, outPath] = files;
  const file = readSafetensors(await readInput(inPath));
  const config = readConfig(file);
  const qk = tensor(file, 'qk');
  const v = tensor(file, 'v');
  const shape = shapeOf(qk, config);
  sameShape('v', v, qk);
  const settings = readSettings(config, flags, shape.n);
  checkSettings(shape, settings);
  const seed = number('seed', flags.get('seed') ?? 0);
  const rotations = file.tensors.has('rotations')
    ? fileRotations(tensor(file, 'rotations'), shape, settings)
    : seededRotations(shape, settings, seed);

  const gradOut = flags.get('backward') === 'true' ? tensor(file, 'grad_out') : undefined;
  if (gradOut) sameShape('grad_out', gradOut, qk);

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
  const ofRounds = new Float32Array(heads * rounds * n);
  for (let head = 0; head < heads; head++) {
    const start = head * (rounds + 1) * n;
    ofRounds.set(lse.subarray(start, start + rounds * n), head * rounds * n);
  }
  const out = unpadded(await context.read(lsh.out), d);
  const tensors = new Map<string, Tensor>([
    ['out', { shape: [heads, n, d], data: out }],
    ['buckets', await read('buckets')],
    ['order', await read('order')],
    ['lse', { shape: [heads, rounds, n], data: ofRounds }],
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
    writeSafetensors(tensors, new Map([['config', JSON.stringify({ ...shape, ...settings })]])),
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
  throw new InputError('The metadata "config" is not a JSON object.');
}

function sameShape(name: string, given: Tensor, qk: Tensor): void {
  if (given.shape.join() !== qk.shape.join()) {
    throw new InputError(`${name} has the shape ${given.shape.join('×')}, but qk ${qk.shape.join('×')}.`);
  }
}

function shapeOf(qk: Tensor, config: Record<string, unknown>): Shape {
  if (qk.shape.length !== 3) throw new InputError(`qk has the shape ${qk.shape.join('×')}; it must be heads×n×d.`);
  const [heads, n, d] = qk.shape;
  for (const [name, value] of Object.entries({ heads, n, d })) {
    if (config[name] !== undefined && config[name] !== value) {
      throw new InputError(
        `config says ${name} ${JSON.stringify(config[name])}, but qk has the shape ${qk.shape.join('×')}.`,
      );
    }
  }
  return { heads, n, d };
}

/** The file's directions; it may hold more rounds than are asked for. */
function fileRotations(given: Tensor, shape: Shape, settings: Settings): ArrayLike<number> {
  const columns = directionCount(settings);
  const [heads, d, rounds, width] = given.shape;
  const fits = given.shape.length === 4 && (heads === shape.heads || heads === 1) && d === shape.d && width === columns;
  if (!fits || rounds < settings.rounds) {
    throw new InputError(
      `rotations has the shape ${given.shape.join('×')}, but ${shape.heads}×${shape.d}×${settings.rounds}×${columns} is needed (heads×d×rounds×ΣB/2).`,
    );
  }
  if (rounds === settings.rounds) return given.data;
  return firstRounds({ shape: { ...shape, heads }, rotations: given.data }, { ...settings, rounds }, settings.rounds);
}
