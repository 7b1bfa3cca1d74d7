import { readFileSync } from 'node:fs';
import type { Vectors } from '../../src/algorithm/inputs';
import { firstText } from '../../src/shared/first-text';
import { readTextModel, type TextModelFile } from '../../src/training/text-model';
import { readText } from '../../src/training/text-reading';

/** The model that comes with the page. */
export const guide: TextModelFile = readTextModel(
  readFileSync(new URL('../../src/assets/guide.safetensors', import.meta.url)),
);

/** The vectors of a text in a layer of the guide, by the plain engine. */
export function vectorsOfText(text: string, layer: number = firstText.layer): Vectors {
  const vectors = readText(guide, guide.tokenizer.encode(text)).layers.get(layer - 1);
  if (!vectors) throw new Error(`layer ${layer} does not hash`);
  return vectors;
}
