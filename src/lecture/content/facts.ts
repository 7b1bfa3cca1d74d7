import { breakEven } from '../../algorithm/break-even';
import { figure5, table2 } from '../../algorithm/paper-results';
import { lecture as words } from '../../language/lecture';
import { mostTokens } from '../../state/schema';
import { leastCaptured } from './questions';

/** A figure that a text states, and its source. */
export interface Fact {
  text: string;
  source: string;
}

const { figures, sources } = words;

/** To two significant digits. */
const twoDigits = (value: number): number => Number(value.toPrecision(2));

/** A model of usual size; one sequence, 4 bytes a number. */
const model = { layers: 12, width: 1024, feedForward: 4096, heads: 8, bytes: 4 };
/** Bytes of memory. */
const budget = 16e9;

/** The most tokens whose activations, by the paper's Table 3, fit into the budget. */
export const capacity = {
  standard: Math.sqrt(budget / (model.bytes * model.heads * model.layers)),
  reversible: Math.sqrt(budget / (model.bytes * model.heads)),
  reformer: budget / (model.bytes * model.width),
};

const long = 65_536;
const { tokens, full, lsh } = figure5;
const fasterFrom =
  breakEven({ tokens: [...tokens], values: lsh[4] }, { tokens: [...tokens], values: [...full] }) ?? Number.NaN;
const whole = (value: number): string => Math.round(value).toLocaleString('en');
const percent = (trained: number, evaluated: number): string => `${table2.get(trained)?.get(evaluated)} %`;

/** The text of each figure that the lecture states without computing it from what is shown. */
const texts: Record<keyof typeof sources, string> = {
  year: '2020',
  million: figures.million,
  aMillion: figures.aMillion,
  gigabytes: '16 GB',
  announced: figures.announced,
  notebook: figures.notebook,
  mostTokens: whole(mostTokens),
  tokens64k: whole(long),
  scores64k: figures.billions((long ** 2 / 1e9).toFixed(1)),
  matrix64k: `${((4 * long ** 2) / 1e9).toFixed(1)} GB`,
  chunk64: '64',
  slots64k: whole(8 * 2 * 64),
  evenChance: `${(100 * (1 - 0.5 ** 4)).toFixed(0)} %`,
  paper48: percent(4, 8),
  paper44: percent(4, 4),
  paper41: percent(4, 1),
  paper01: percent(0, 1),
  fastai: figures.fastai,
  newstest: '2014',
  bleuBase: '27.6',
  stepsBase: '100,000',
  bleuLonger: '28.0',
  stepsLonger: '500,000',
  bleuBig: '29.1',
  vaswaniBase: '27.3',
  vaswaniBig: '28.4',
  ottBig: '29.3',
  tableThree: '3',
  figureFive: '5',
  modelLayers: String(model.layers),
  modelWidth: '1024',
  modelHeads: String(model.heads),
  fitsStandard: whole(twoDigits(capacity.standard)),
  fitsReversible: whole(twoDigits(capacity.reversible)),
  fitsReformer: figures.millions((capacity.reformer / 1e6).toFixed(1)),
  crossing: whole(twoDigits(fasterFrom)),
  crossingLow: '1000',
  crossingHigh: '8000',
  leakTokens: '1024',
  leakOne: '73 %',
  leakEight: '99 %',
  leastCaptured: `${100 * leastCaptured} %`,
  flashYear: '2022',
};

/** Every figure that the texts name, with its source. */
export const facts: Record<string, Fact> = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, { text, source: sources[name as keyof typeof sources] }]),
);
