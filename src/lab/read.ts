/** `lab read`: the vectors of a text in a layer of a text model, as a file that the page opens. */
import { writeSafetensors } from '../formats/safetensors';
import { InputError } from '../shared/errors';
import { showPiece } from '../text/utf8';
import { weightsOf } from '../training/text-generator';
import { readTextModel } from '../training/text-model';
import { TextReader } from '../training/text-reader';
import { dawnContext } from './dawn';
import { readInput, writeWhole } from './files';
import { number, parseCommandLine } from './options';

export const readUsage = `read --model FILE TEXT OUT [--layer 2]
  Reads a text, or its last tokens, with a text model, and writes what a layer that hashes reads: qk and v [heads, n, d], and the logits of
  the next token [V].
  The page opens OUT as vectors.`;

/** Runs the command. @throws InputError for invalid options. */
export async function read(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['model', 'layer']);
  const model = flags.get('model');
  if (model === undefined) throw new InputError('--model FILE is needed.');
  if (files.length !== 2) throw new InputError('read needs a file of text, and the file to write.');
  const layer = number('layer', flags.get('layer') ?? 2);
  const file = readTextModel(await readInput(model));
  const { tokenizer } = file;
  const text = new TextDecoder().decode(await readInput(files[0])).replace(/\n$/, '');
  // Of a longer text the model reads the last tokens.
  const ids = tokenizer.encode(text).slice(-file.sizes.length);
  const context = await dawnContext();
  const { logits, layers } = await new TextReader(context, weightsOf(context, file), file).read(ids);
  context.destroy();
  const vectors = layers.get(layer - 1);
  if (!vectors) {
    const known = [...layers.keys()].map((index) => index + 1).join(', ');
    throw new InputError(`layer is ${layer}; the layers that hash are ${known}.`);
  }
  const { shape, qk, v } = vectors;
  const sizes = [shape.heads, shape.n, shape.d];
  const last = logits.subarray(logits.length - tokenizer.size);
  const namesOf = (tokens: ArrayLike<number>) =>
    JSON.stringify(Array.from(tokens, (id) => showPiece(tokenizer.piece(id))));
  const out = writeSafetensors(
    new Map([
      ['qk', { shape: sizes, data: qk }],
      ['v', { shape: sizes, data: v }],
      ['logits', { shape: [last.length], data: last }],
    ]),
    new Map([
      ['text', text],
      ['layer', String(layer)],
      ['names', namesOf(ids)],
      ['vocabulary', namesOf(Int32Array.from({ length: tokenizer.size }, (_, id) => id))],
    ]),
  );
  await writeWhole(files[1], out);
  console.error(`${ids.length} tokens, layer ${layer}, ${shape.heads} heads of size ${shape.d}: ${files[1]}`);
}
