/** English words that the page shows around the stage: notices, errors, legend. The words of index.html are in document.ts. */
export const page = {
  /** Beside the progress bar, before the engine reports what it computes. */
  computing: 'computing',

  /** Colours of the matrix. The colour of a pair is the square root of its weight in full attention. */
  legend: {
    seen: 'seen: √ of full attention, 0–1',
    missed: 'missed: √ of full attention, 0–1',
    /** Keys that come after their query. */
    later: 'later',
    /** Where each cell of the matrix stands for `tokens` × `tokens` pairs. */
    met: (tokens: string) => `seen: pairs that met in ${tokens} × ${tokens}`,
  },

  notices: {
    withoutWebGpu: (tokens: number) =>
      `Without WebGPU the page computes on the CPU, with at most ${tokens} tokens. A current Chrome, Edge, Safari or Firefox has WebGPU.`,
    /** The page came over plain http from another machine. */
    withoutHttps: (tokens: number) =>
      `Over plain http the browser gives the page no WebGPU, so the page computes on the CPU, with at most ${tokens} tokens; open it over https or from localhost.`,
    /** An adapter or a device neither came nor failed. */
    noAnswer: (tokens: number) =>
      `The GPU did not answer for 8 seconds, so the page computes on the CPU, with at most ${tokens} tokens; reload the page to try again.`,
    withoutStage: (tokens: number) =>
      `The GPU could not draw the stage, so the page computes on the CPU, with at most ${tokens} tokens. Please reload the page.`,
    /** A sentence about what the page uses instead follows. */
    gpuLost: 'The GPU was lost.',
    gpuRestarted: 'The GPU was lost. The page has started it again.',
    gpuLostTooOften: 'The GPU was lost several times in a row. Please reload the page.',
    gpuError: (message: string) => `The GPU reported an error: ${message}`,
    stopped: 'Stopped. Change a setting to continue.',
    needsFile: 'Drop a file of vectors (.npy, .csv, .txt, .vec, .safetensors) on the page, or press “Open a file”.',
  },

  /** Why something is not taken that was dropped on the page. */
  dropErrors: {
    text: 'You dropped a text; the page takes one file, so save the text as a .csv file and drop that.',
    link: 'You dropped a link; the page takes one file, so save what the link opens and drop that.',
    nothing: 'What you dropped has no file in it; drop one .npy, .csv or .safetensors file.',
    folder: (name: string) => `${name} is a folder; drop one file of it.`,
    severalFiles: (count: number) => `You dropped ${count} files; drop one, as the page shows one at a time.`,
  },

  /** Why a file is not opened. `name` is in quotes. */
  fileErrors: {
    empty: (name: string) => `${name} is empty.`,
    onlyWeights: (name: string) =>
      `Reversible layers take weights that this page saved, a .safetensors file; to open the vectors of ${name}, change to LSH attention.`,
    unreadable: (name: string) => `The page cannot read ${name}.`,
    tooLarge: (name: string, size: string, most: string) => `${name} has ${size}. The page reads at most ${most}.`,
    tooManyTokens: (name: string, tokens: number, most: number) =>
      `${name} has ${tokens} tokens. The page can show at most ${most} on this device.`,
  },

  /** The line about the open file. `name` is in quotes. */
  fileNote: {
    sizes: (name: string, tokens: string, heads: number, numbers: number) =>
      `${name}: ${heads === 1 ? '' : `${heads} heads, `}${tokens} tokens, ${numbers} numbers each.`,
    leftOut: (parts: string[]) => `Left out: ${parts.join('; ')}.`,
    heads: 'heads shown',
    headsHelp: (most: number) => `Up to ${most} heads, counted from 0, such as 0-3, 9.`,
    projection: 'reduced by',
    projections: { random: 'random directions', principal: 'principal components' },
  },
};
