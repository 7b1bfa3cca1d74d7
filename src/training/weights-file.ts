/** Trained weights as a safetensors file, whose metadata holds the task and the number of steps. */

import { checkTask, defaultTask, modelOf, type Task } from '../algorithm/duplication-task';
import { parametersOf } from '../formats/hugging-face';
import { readSafetensors, type Tensor, writeSafetensors } from '../formats/safetensors';
import { InputError } from '../shared/errors';
import type { State } from '../state/schema';
import { parseValue } from '../state/state';
import type { Trainer } from './trainer';

export interface WeightsFile {
  task: Task;
  steps: number;
  values: Map<string, Float32Array>;
}

/** Writes the weights of a trainer as a file. */
export async function writeWeights({ weights, task, step }: Trainer): Promise<Uint8Array> {
  const tensors = new Map<string, Tensor>();
  for (const [name, data] of await weights.read()) {
    tensors.set(name, { shape: weights.get(name).shape, data: Float32Array.from(data) });
  }
  return writeSafetensors(tensors, new Map([['task', JSON.stringify({ ...task, steps: step })]]));
}

/** Reads a file of weights. @throws InputError that names what is wrong with the file */
export function readWeights(bytes: Uint8Array): WeightsFile {
  const { tensors, metadata } = readSafetensors(bytes);
  const { steps, ...fields } = parseTask(metadata.get('task'));
  const task = { ...defaultTask };
  for (const key of Object.keys(defaultTask) as (keyof Task)[]) {
    if (typeof fields[key] !== typeof defaultTask[key])
      throw new InputError(`The task in the file has no valid ${key}.`);
    Object.assign(task, { [key]: fields[key] });
  }
  if (task.residual !== 'reversible' && task.residual !== 'standard') {
    throw new InputError('The task in the file has an unknown residual; it must be "reversible" or "standard".');
  }
  checkTask(task);
  if (!Number.isSafeInteger(steps) || (steps as number) < 0)
    throw new InputError('The task in the file has no valid steps; they must be a whole number from 0.');
  return { task, steps: steps as number, values: parametersOf(modelOf(task), tensors) };
}

/** The part of the page's state that a task determines. @throws InputError if the page offers no such state */
export function stateOfTask({ length, layers, rounds, symbols, width, heads, residual, seed }: Task): Partial<State> {
  const { symbols: pageSymbols, width: pageWidth, heads: pageHeads } = defaultTask;
  if (symbols !== pageSymbols || width !== pageWidth || heads !== pageHeads || residual !== 'reversible') {
    throw new InputError(
      `The page can load only reversible models of ${pageSymbols} symbols, width ${pageWidth} and ${pageHeads} heads.`,
    );
  }
  return {
    taskLength: parseValue('taskLength', String(length)),
    layers: parseValue('layers', String(layers)),
    trainRounds: parseValue('trainRounds', String(rounds)),
    seed: parseValue('seed', String(seed)),
  };
}

function parseTask(text: string | undefined): Record<string, unknown> {
  try {
    const task: unknown = JSON.parse(text ?? '');
    if (typeof task === 'object' && task !== null && !Array.isArray(task)) return task as Record<string, unknown>;
  } catch {}
  throw new InputError('The file has no valid "task" in its metadata; save the weights on this page or by the lab.');
}
