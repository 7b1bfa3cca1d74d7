const paper = 'Kitaev, Kaiser, Levskaya: Reformer, 2020';
const announcement = 'Google’s announcement of the Reformer, January 2020';
const ofModel = '12 layers, width 1024, feed-forward 4096, 8 heads, 4 bytes a number, one sequence; paper, Table 3';
const leak = 'computed with head size 64, chunks of 64, 32 buckets, twins';

/** English words of the lecture: its interface and its steps. */
export const lecture = {
  /** The bar at the top while the lecture is open. */
  bar: {
    previous: 'Previous step',
    next: 'Next step',
    /** Shows or hides the text of the step. */
    text: 'Text',
    textHint: 'Show or hide the text of the step (W on the stage)',
    present: 'Present',
    presentHint:
      'Presentation mode, with large type (P on the stage). Page Up and Page Down turn the steps, as a clicker does.',
    leavePresent: 'End',
    leavePresentHint: 'Leave presentation mode (P on the stage)',
    doIt: 'Do it',
    doItHint: 'Do what the step proposes (D on the stage)',
    fullScreen: 'Full screen',
    fullScreenHint: 'Full screen (F on the stage). B makes the screen black.',
    notes: 'Notes',
    notesHint: 'The text of the step in a second window',
    timer: 'Time since the presentation began. Click to restart it.',
    explore: 'Explore freely',
    stepTitle: (step: number, title: string) => `Step ${step}: ${title}`,
  },

  contents: {
    title: 'Contents',
    close: 'Close',
    answered: (chapter: string, count: number, all: number) => `${chapter} · ${count} of ${all} right`,
  },

  /** Around the text of a step. */
  step: {
    where: <T>(chapter: T, step: number, count: number): (string | T)[] => [chapter, ` · ${step} of ${count}`],
    previous: '← Previous',
    next: 'Next →',
    attempt: 'Try it:',
    doIt: 'Do it',
    /** Stand before sentences about the step’s own settings, and about the present ones, after a change. */
    before: 'Before:',
    now: 'Now:',
    changed: 'Settings differ from this step’s.',
    putBack: 'Put back',
    sources: 'Sources',
    source: (figure: string, source: string) => `${figure}: ${source}`,
  },

  quiz: {
    check: 'Check',
    showMe: 'Where that was shown',
    backTo: (question: string) => `← Back to the question: ${question}`,
    open: 'Open',
    score: (right: number, all: number) =>
      right === all ? `All ${all} questions are answered right.` : `${right} of ${all} questions are answered right.`,
    up: 'Up',
    down: 'Down',
    computing: 'The page is still computing.',
  },

  /** The speaker's second window. */
  notes: {
    windowTitle: 'Reformer Lab · notes',
    upNext: (title: string) => `Next: ${title}`,
  },

  /** The dialog that makes a link for a lesson. */
  link: {
    title: 'A link for a lesson',
    text: 'The link opens this step with these settings. Tick the controls to hide: they keep their settings.',
    present: 'Open in presentation mode',
    copy: 'Copy link',
    copied: 'Copied',
    /** In place of `copied`, where the browser forbids the page to copy. */
    selected: 'Selected: press Ctrl+C',
    noAddress: 'The page stands in a frame without an address. Append this text to the address of the page itself.',
    close: 'Close',
  },

  /** Words in the equations. */
  equations: {
    attention: 'Attention',
    feedForward: 'FeedForward',
    bucket: 'bucket',
    layers: 'layers',
    heads: 'heads',
  },

  /** Figures that are written with words. */
  figures: {
    million: 'a million',
    aMillion: 'A million',
    announced: 'January 2020',
    notebook: 'half a million',
    billions: (count: string) => `${count} billion`,
    millions: (count: string) => `${count} million`,
  },

  /** Where the figures come from, by their names in the texts. */
  sources: {
    year: paper,
    million: announcement,
    aMillion: announcement,
    gigabytes: announcement,
    announced: announcement,
    notebook: 'the notebook that comes with trax: 0.5M tokens a core',
    mostTokens: 'computed: the largest setting of this page',
    tokens64k: 'computed: 2¹⁶',
    scores64k: 'computed: 65,536²',
    matrix64k: 'computed: 4 bytes · 65,536²',
    chunk64: 'computed: the paper’s chunks of 64 tokens',
    slots64k: 'computed: 8 rounds · 2 chunks · 64 tokens',
    evenChance: 'computed: 1 − (1 − ½)⁴',
    paper41: `${paper}, Table 2`,
    paper01: `${paper}, Table 2`,
    paper11: `${paper}, Table 2`,
    paper40: `${paper}, Table 2`,
    newstest: `${paper}, Table 4: newstest2014, English to German`,
    bleuBig: `${paper}, Table 4: reversible big`,
    ottBig: `${paper}, Table 4: Ott et al. 2018, big`,
    tableThree: paper,
    figureFive: paper,
    modelLayers: ofModel,
    modelWidth: ofModel,
    modelHeads: ofModel,
    fitsStandard: `computed: √(16 GB / (4 bytes · heads · layers)); ${ofModel}`,
    fitsReversible: `computed: √(16 GB / (4 bytes · heads)); ${ofModel}`,
    fitsReformer: `computed: 16 GB / (4 bytes · width), as the square is gone; ${ofModel}`,
    fitsFour: `computed: 16 GB / (4 bytes · heads · rounds · keys); ${ofModel}`,
    modelFeedForward: ofModel,
    modelMet:
      'computed: two chunks of 64 tokens. The paper’s c is 128², the scores of all 128 queries of such a window',
    crossing: 'computed: where the curves of the paper’s Figure 5 (right) cross; read off to 3 %',
    crossingLow: 'the paper’s Figure 5 for one round, and programs measured since',
    crossingHigh: 'the paper’s Figure 5, and programs measured since',
    leakTokens: leak,
    leakOne: `${leak}, 1 round`,
    leakEight: `${leak}, 8 rounds`,
    leastCaptured: 'computed: what question 7 asks for',
    learntLoss: 'computed: what question 10 asks for',
    flashYear: 'Dao, Fu, Ermon, Rudra, Ré: FlashAttention, 2022',
  },

  /** Titles, by the ids of chapters. */
  chapters: {
    '01': 'Memory',
    '02': 'Every pair',
    '03': 'Hash',
    '04': 'Sort and chunk',
    '05': 'Look back',
    '06': 'More hashes',
    '07': 'Backwards',
    '08': 'The Reformer',
    '09': '{aMillion} words',
    '10': 'The fine print',
    q: 'Questions',
  },

  /** The drawings that cover the stage in some steps. */
  drawings: {
    layer: (layer: number) => `layer ${layer}`,
    attention: 'Attention',
    feedForward: 'FeedForward',
    waiting: (bytes: string) => `waiting: ${bytes}`,
    embedding: 'embedded tokens',
    phases: {
      start: 'not begun',
      up: (layer: number) => `up: layer ${layer} computes`,
      down: (layer: number) => `down: layer ${layer} is corrected`,
    },
    standardLayers: 'A stack of standard layers, and what each part keeps',
    twoLayers: 'A standard layer and a reversible layer',
    standardLayer: 'standard layer',
    reversibleLayer: 'reversible layer',
    forward: 'On the way up: both add.',
    stuck: 'y is there. To subtract f(x), f has to be computed, and f needs x: it cannot be undone.',
    undone: 'y₁ and y₂ are there. FeedForward needs y₁: x₂ comes back. Attention needs x₂: x₁ comes back.',
    streams: { x1: 'x₁', x2: 'x₂', y1: 'y₁', y2: 'y₂' },
    line: {
      title: 'Memory of a training step',
      summary: 'by the paper’s Table 3, one round; both axes are logarithmic',
      million: (count: string) => `${count} million`,
      names: { standard: 'standard', reversible: 'reversible', reformer: 'reversible + LSH' },
      budget: '16 GB',
      tokens: 'tokens n',
      slider: 'Tokens n',
      next: 'Next crossing',
      crossing: (tokens: string) => `${tokens} tokens`,
      dot: (tokens: string, bytes: string) => `${tokens} tokens: ${bytes} held on this device`,
      reads: (tokens: string) => `With ${tokens} tokens:`,
      read: (name: string) => `${name} `,
      fits: ' fits',
      tooMuch: ' does not fit',
      dots: 'Dots: what this device held for LSH attention, one head of size 16, chunks of 64, one round.',
    },
    bleu: {
      title: 'BLEU, English to German, newstest 2014',
      summary: 'paper, Table 4',
      models: {
        vaswaniBase: 'Transformer, base, 2017',
        reversibleBase: 'reversible, base, 100,000 steps',
        reversibleLonger: 'reversible, base, 500,000 steps',
        vaswaniBig: 'Transformer, big, 2017',
        reversibleBig: 'reversible, big',
        ottBig: 'Transformer, big, tuned for years, 2018',
      },
      leaveOut: 'Leave out the tuned one',
      show: 'Show the tuned one',
    },
    task: {
      title: 'An example of the task',
      first: 'first word',
      second: 'the same again',
      guesses: 'guesses',
      none: 'The model has not guessed yet.',
      right: (right: number, all: number) => `${right} of ${all} guesses are right`,
      another: 'Another word',
      separator: 'separator',
    },
  },
};
