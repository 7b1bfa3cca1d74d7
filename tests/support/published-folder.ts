/** Folders of published models, with weights that are hashes and a tokenizer whose ids are single characters. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelOfConfig } from '../../src/formats/hugging-face';
import { type Tensor, writeSafetensors } from '../../src/formats/safetensors';
import { hashedWeights } from './hashed-weights';

/** The character of an id. */
const characterOf = (id: number) => String.fromCodePoint(0x4e00 + id);

/** The text that `characterTokenizer` reads as these ids. */
export const textOfIds = (ids: Iterable<number>): string => Array.from(ids, characterOf).join('');

/** A tokenizer.json without merges. */
export function characterTokenizer(size: number): string {
  const vocab = Object.fromEntries(Array.from({ length: size }, (_, id) => [characterOf(id), id]));
  const nothing = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null };
  const decoder = { type: 'Fuse' };
  return JSON.stringify({ version: '1.0', ...nothing, decoder, model: { type: 'BPE', vocab, merges: [] } });
}

/** The parameters of a config.json. */
export const weightsOfConfig = (config: object): Map<string, Tensor> =>
  hashedWeights(modelOfConfig(JSON.stringify(config), 1));

/** Writes a folder with a config.json, its weights and a tokenizer, and with or, if undefined, without some files. */
export function writePublished(
  folder: string,
  config: object,
  files: Record<string, string | Uint8Array | undefined> = {},
) {
  const size = (config as { vocab_size: number }).vocab_size;
  const own = {
    'config.json': JSON.stringify(config),
    'tokenizer.json': characterTokenizer(size),
    ...('model.safetensors' in files ? {} : { 'model.safetensors': writeSafetensors(weightsOfConfig(config)) }),
    ...files,
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(own))
    if (content !== undefined) writeFileSync(join(folder, name), content);
}

/** A small model in which every kind of layer pads: the chunks are 4 and 6. */
export const smallConfig = {
  model_type: 'reformer',
  architectures: ['ReformerModelWithLMHead'],
  attention_head_size: 8,
  attn_layers: ['local', 'lsh', 'local', 'lsh'],
  axial_pos_embds: true,
  axial_pos_embds_dim: [6, 10],
  axial_pos_shape: [30, 20],
  feed_forward_size: 24,
  hidden_size: 16,
  is_decoder: true,
  layer_norm_eps: 1e-12,
  local_attn_chunk_length: 4,
  lsh_attn_chunk_length: 6,
  max_position_embeddings: 600,
  num_attention_heads: 2,
  num_buckets: null as number | null,
  num_hashes: 2,
  hash_seed: 5,
  eos_token_id: null as number | null,
  vocab_size: 40,
};
