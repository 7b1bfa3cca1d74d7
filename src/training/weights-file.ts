/** Trained weights as a safetensors file that says what they are of. */

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

export async function writeWeights({ weights, task, step }: Trainer): Promise<Uint8Array> {
  const tensors = new Map<string, Tensor>();
  for (const [name, data] of await weights.read()) {
    tensors.set(name, { shape: weights.get(name).shape, data: Float32Array.from(data) });
  }
  return writeSafetensors(tensors, new Map([['task', JSON.stringify({ ...task, steps: step })]]));
}

/** @throws InputError naming what is wrong. */
export function readWeights(bytes: Uint8Array): WeightsFile {
  const { tensors, metadata } = readSafetensors(bytes);
  const { steps, ...given } = parseTask(metadata.get('task'));
  const task = { ...defaultTask };
  for (const key of Object.keys(defaultTask) as (keyof Task)[]) {
    if (typeof given[key] !== typeof defaultTask[key]) throw new InputError(`The weights’ task has no ${key}.`);
    Object.assign(task, { [key]: given[key] });
  }
  if (task.residual !== 'reversible' && task.residual !== 'standard') {
    throw new InputError('The weights are of neither a reversible nor a standard model.');
  }
  checkTask(task);
  if (!Number.isSafeInteger(steps) || (steps as number) < 0) throw new InputError('The weights’ task has no steps.');
  return { task, steps: steps as number, values: parametersOf(modelOf(task), tensors) };
}

/** What the page's state has to be for a task. @throws InputError if the page offers no such state. */
export function stateOfTask({ length, layers, rounds, symbols, width, heads, residual, seed }: Task): Partial<State> {
  const { symbols: ours, width: wide, heads: many } = defaultTask;
  if (symbols !== ours || width !== wide || heads !== many || residual !== 'reversible') {
    throw new InputError(`The page holds reversible models of ${ours} symbols, width ${wide} and ${many} heads only.`);
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
  throw new InputError('The file does not say what its weights are of; its metadata has no "task".');
}
