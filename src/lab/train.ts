/** `lab train`: trains a small Reformer on the duplication task. */

import { checkTask, defaultTask, type Task } from '../algorithm/duplication-task';
import { InputError } from '../shared/errors';
import { Trainer } from '../training/trainer';
import { writeWeights } from '../training/weights-file';
import { dawnContext } from './dawn';
import { writeWhole } from './files';
import { number, oneOf, parseCommandLine } from './options';
import { trainText } from './train-text';

export const trainUsage = `train duplication [options] [--save WEIGHTS.safetensors] [--json]
  Trains a small Reformer to predict the second word of 0 w 0 w (paper §5), then evaluates it with other numbers of hash rounds.
    --length 64  --symbols 32  --width 64  --heads 4  --layers 1  --batch 32  --rate 0.003  --warm-up 200  --steps 500  --seed 1
    --train-rounds 4 (0: full attention)  --mode reversible|stored  --residual reversible|standard
  Prints the loss every 25 steps, unless --json is set. The last line is a JSON object: steps, loss (mean of the last 20 steps),
  peakBytes (of training), and accuracy with full attention and with 8, 4, 2 and 1 rounds.`;

/** Rounds of each evaluation by its name in the output; 0 rounds select full attention. */
const columns = { full: 0, '8': 8, '4': 4, '2': 2, '1': 1 } as const;

/** Runs the command. @throws InputError for invalid options. */
export async function train(argv: string[]): Promise<void> {
  const sizes = ['length', 'symbols', 'width', 'heads', 'layers', 'batch', 'rate', 'seed'] as const;
  if (argv[0] === 'text') return trainText(argv.slice(1));
  // `warmUp` and `rounds` are --warm-up and --train-rounds on the command line.
  const known = [...sizes, 'warm-up', 'train-rounds', 'steps', 'mode', 'residual', 'save', 'json'];
  const { files, flags } = parseCommandLine(argv, known);
  if (files.length !== 1 || files[0] !== 'duplication') {
    throw new InputError('train needs the name of one task; the tasks are: duplication.');
  }
  const task: Task = { ...defaultTask };
  for (const name of sizes) task[name] = number(name, flags.get(name) ?? defaultTask[name]);
  task.warmUp = number('warm-up', flags.get('warm-up') ?? defaultTask.warmUp);
  task.rounds = number('train-rounds', flags.get('train-rounds') ?? defaultTask.rounds);
  task.residual = oneOf('residual', flags.get('residual') ?? 'reversible', [
    'reversible',
    'standard',
  ]) as Task['residual'];
  const modes = task.residual === 'standard' ? ['stored'] : ['reversible', 'stored'];
  const mode = oneOf('mode', flags.get('mode') ?? modes[0], modes) as 'reversible' | 'stored';
  const steps = number('steps', flags.get('steps') ?? 500);
  if (!Number.isInteger(steps) || steps < 1)
    throw new InputError(`steps is ${steps}; it must be a whole number of at least 1.`);
  checkTask(task);

  const context = await dawnContext();
  const trainer = new Trainer(context, task, mode);
  const isQuiet = flags.has('json');
  const started = performance.now();
  while (trainer.step < steps) {
    await trainer.train();
    if (trainer.step % 25 === 0 && !isQuiet) {
      const [last] = await trainer.history(1);
      const seconds = (performance.now() - started) / 1000;
      console.log(
        `step ${trainer.step}: loss ${last.loss.toFixed(4)}, accuracy ${last.accuracy.toFixed(3)}, ${seconds.toFixed(0)} s`,
      );
    }
  }
  const recent = await trainer.history(20);
  const loss = recent.reduce((sum, score) => sum + score.loss, 0) / recent.length;
  const peakBytes = context.ledger.peak;
  const accuracy: Record<string, number> = {};
  for (const [name, rounds] of Object.entries(columns)) accuracy[name] = (await trainer.evaluate(rounds)).accuracy;
  const path = flags.get('save');
  if (path !== undefined) await writeWhole(path, await writeWeights(trainer));
  context.destroy();
  console.log(JSON.stringify({ steps, loss, peakBytes, accuracy }));
}
