/** English words of the dialogs: benchmark, rounds sweep, export, source. */
export const dialogs = {
  measuring: 'Measuring …',
  noEngine: 'No device is ready, so nothing can be measured now.',
  /** The setting that was measured: `allTokens` are those of the page, undefined if all of them were used. */
  setting: (setting: {
    heads: number;
    tokens: string;
    allTokens: string | undefined;
    headSize: number;
    chunk: number;
    preset: string;
    input: string;
    device: string;
  }) => {
    const heads = setting.heads === 1 ? '' : `${setting.heads} heads, `;
    const tokens = setting.allTokens
      ? `${setting.tokens} of ${setting.allTokens} tokens (to stay quick)`
      : `${setting.tokens} tokens`;
    return `${heads}${tokens}, head size ${setting.headSize}, chunk ${setting.chunk}, preset ${setting.preset}, ${setting.input}. Measured on ${setting.device}.`;
  },
  presets: { paper: 'paper', trax: 'trax', lucidrains: 'lucidrains' },
  inputs: {
    text: 'a text',
    twins: 'twins',
    sphere: 'points on a sphere',
    duplication: 'duplication task',
    own: 'your file',
  },

  benchmark: {
    onlyGpu: 'The benchmark measures a GPU, and this page has none.',
    thisDevice: 'this device',
    measuring: (tokens: string) => `Measuring ${tokens} tokens …`,
    conditions:
      'One head of size 64, chunks of 64, causal, float32. Median of several runs. Compile time is not counted. A line ends where a run would take longer than a second. Both axes are logarithmic.',
    here: (device: string) => `On ${device}`,
    hereUnit: 'µs per token, forward',
    paper: 'In the paper, Fig. 5',
    paperUnit: 's per step, at a fixed number of tokens per batch',
    chart: (title: string, unit: string) => `${title}: ${unit}`,
    tokens: 'tokens',
    full: 'full',
    lsh: (rounds: number) => `LSH-${rounds}`,
    point: (name: string, tokens: string, value: string) => `${name}, ${tokens} tokens: ${value}`,
    breakEven: (rounds: number, tokens: string) => `LSH-${rounds} faster from ${tokens}`,
    lshFaster: (rounds: number, tokens: string) =>
      `On this device, LSH attention with ${rounds} rounds is faster than full attention from about ${tokens} tokens.`,
    lshAlwaysFaster: (rounds: number, tokens: string) =>
      `On this device, LSH attention with ${rounds} rounds is faster than full attention at every measured length, from ${tokens} tokens on.`,
    fullFaster: (rounds: number) =>
      `At every measured length, full attention is faster than LSH attention with ${rounds} rounds.`,
    inPaper: (tokens: string) => `In the paper’s figure, LSH attention is faster from about ${tokens} tokens.`,
  },

  sweep: {
    quantities: {
      error: 'Error against full attention',
      captured: 'Full attention captured',
      milliseconds: 'Time, ms',
    },
    chart: (titles: string) => `${titles} by hash rounds`,
    rounds: 'hash rounds',
    measuring: (seed: number) => `Measuring with directions of seed ${seed} …`,
    legend: (seeds: number) =>
      seeds === 1
        ? 'Line: mean. Band: smallest to largest value. One seed of the directions.'
        : `Line: mean. Band: smallest to largest value. ${seeds} seeds of the directions.`,
    point: (title: string, rounds: number, seeds: number) =>
      `${title}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}: mean of ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`,
    seed: (seed: number) => `directions of seed ${seed}`,
    note: 'The smallest and the largest value are marked. They bound the band. The vectors are the same for all seeds.',
    finding: <T>(rounds: number, found: { first: T; last: T; captured: T }): (string | T)[] => [
      `From 1 to ${rounds} rounds, the error changes from `,
      found.first,
      ' to ',
      found.last,
      `. ${rounds} rounds capture `,
      found.captured,
      ' of full attention.',
    ],
    findingWithTime: <T>(
      rounds: number,
      found: { first: T; last: T; captured: T; milliseconds: T; millisecondsOfOne: T },
    ): (string | T)[] => [
      `From 1 to ${rounds} rounds, the error changes from `,
      found.first,
      ' to ',
      found.last,
      `. ${rounds} rounds capture `,
      found.captured,
      ' of full attention and take ',
      found.milliseconds,
      ' ms. 1 round takes ',
      found.millisecondsOfOne,
      ' ms.',
    ],
    file: 'hash-rounds',
    columns: { seed: 'seed', rounds: 'rounds', error: 'error', captured: 'captured', milliseconds: 'milliseconds' },
  },

  export: {
    stage: 'The stage',
    stageFile: 'reformer-stage',
    largePng: 'PNG, twice the size',
    numbers: 'All numbers shown',
    numbersFile: 'reformer-numbers',
    columns: { kind: 'kind', index: 'index', value: 'value' },
    setting: 'The setting',
    copyLink: 'copy link',
    copied: 'copied',
    /** In place of `copied`, where the browser forbids the page to copy. */
    selected: 'selected: press Ctrl+C',
    noAddress: 'The page stands in a frame without an address, so it has no link to copy.',
    /** What a screen reader says of a button: what is exported, and its format. */
    button: (name: string, format: string) => `${name}: ${format}`,
    noStagePicture: 'The stage has no picture to export.',
    noPng: 'The browser could not make the PNG file.',
  },
};
