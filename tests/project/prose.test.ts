import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { findIdioms, idioms } from '../../scripts/check-prose.mjs';

/** One sentence for each idiom, in the table's order. A dot stands for a space, so that the check does not find the idioms here. */
const samples = [
  'Without WebGPU the page says·so.',
  'The worker is·told which tensors to read.',
  'The stage hears·of a new size.',
  'At an error one·hears which file failed.',
  'An error is·said on standard error.',
  'The page says·that·it has no device.',
  'Symbols said·right, in percent.',
  'Words light up the parts that they speak·of.',
  'Every number explains·itself.',
  'The counter knows·nothing·of the ledger.',
  'Rounds that models are asked·with.',
  'Errors go to the one who·asks for a kernel.',
  'Buffers belong to who\u0065ver made them.',
  'Nobody·asked for these numbers.',
  'The message names what·cannot·be read.',
  'It reads back what·the·job·came·to.',
  'A job without memory comes·to·nothing.',
  'It does what·there·is·to do.',
  'While the view is hidden, nothing·goes·on.',
  'On a server nothing·may·be·missing.',
  'It keeps the first of·those·that have names.',
  'It returns zero where·there·are·none.',
  'Rounds run one·after·the·other.',
  'A file goes·by·its ending.',
  'A processor that plays·a·GPU.',
  'The picture can be taken·along.',
  'The so·manieth buffer fails.',
  'There is no device to·be·had.',
  'A browser keeps the object for·ever.',
  'It waited in·vain.',
  'Firefox ended·itself.',
  'The words are·lit·by the stage.',
  'The tile of a sort is·another·thing.',
  'A chunk is as·large·as·may·be.',
  'They are the·very·same buckets.',
  'The buckets equal the·core’s.',
];

const read = (sentence: string): string => sentence.replaceAll('·', ' ');

describe('check-prose', () => {
  test('there is one sample for each idiom', () => {
    expect(samples.length).toBe(idioms.length);
  });

  test.each(samples.map((sentence, index) => [sentence, index] as const))(
    'finds the idiom in “%s”',
    (sentence, index) => {
      const plain = idioms[index][1];
      expect(findIdioms(read(sentence)).map((hit) => hit.plain)).toEqual([plain]);
      expect(findIdioms(read(sentence).toUpperCase()).map((hit) => hit.plain)).toEqual([plain]);
    },
  );

  test('finds an idiom across two lines of a comment and gives its first line', () => {
    const comment = ['/**', ' * Without WebGPU the page says', ' * so, and goes on.', ' */'].join('\n');
    expect(findIdioms(comment)).toEqual([{ line: 2, words: read('says·so'), plain: idioms[0][1] }]);
  });

  test('passes plain English', () => {
    const text = `Without WebGPU the page computes on the CPU and shows a notice. The caller receives an error that names the value.
      Invalid input prints one line to stderr. Rounds run in order. A token sees itself at all times, and none of its keys at all is later.
      How close it comes to full attention depends on the rounds. The core idea is a hash. A dialog opens for every number.`;
    expect(findIdioms(text)).toEqual([]);
  });

  test('the command prints file, line, words and alternative, and exits with code 1 if there are any', () => {
    const { stdout, status } = spawnSync(process.execPath, ['scripts/check-prose.mjs'], { encoding: 'utf8' });
    const lines = stdout.trim().split('\n');
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^[\w./-]+:\d+: ".+" → .+$/);
    expect(status).toBe(lines.length > 1 ? 1 : 0);
    expect(lines.at(-1)).toMatch(lines.length > 1 ? /^\d+ idioms\. / : /^No idioms\.$/);
  });
});
