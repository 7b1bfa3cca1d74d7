import { breakEven } from '../../algorithm/break-even';
import { figure5, table2, table4, usualModel, usualWindow } from '../../algorithm/paper-results';
import { lecture as words } from '../../language/lecture';
import { mostTokens } from '../../state/schema';
import { learntLoss, leastCaptured } from './questions';

/** A figure that a text states, and its source. */
export interface Fact {
  text: string;
  source: string;
}

const { figures, sources } = words;

/** To two significant digits. */
const twoDigits = (value: number): number => Number(value.toPrecision(2));

/** Bytes of memory, and of a number. */
const budget = 16e9;
const bytes = 4;

const { layers, width, heads, feedForward } = usualModel;

/** The most tokens whose activations, by the paper's Table 3, fit into the budget: with one round of hashing, and with four. */
export const capacity = {
  standard: Math.sqrt(budget / (bytes * heads * layers)),
  reversible: Math.sqrt(budget / (bytes * heads)),
  reformer: budget / (bytes * width),
  four: budget / (bytes * heads * 4 * usualWindow),
};

const long = 65_536;
const { tokens, full, lsh } = figure5;
const fasterFrom =
  breakEven({ tokens: [...tokens], values: lsh[4] }, { tokens: [...tokens], values: [...full] }) ?? Number.NaN;
const whole = (value: number): string => Math.round(value).toLocaleString('en');
const percent = (trained: number, evaluated: number): string => `${table2.get(trained)?.get(evaluated)} %`;

const bleuOf = (name: string): string => String(table4.find(({ model }) => model === name)?.bleu);

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
  paper41: percent(4, 1),
  paper01: percent(0, 1),
  paper11: percent(1, 1),
  paper40: percent(4, 0),
  newstest: 'newstest 2014',
  bleuBig: bleuOf('reversibleBig'),
  ottBig: bleuOf('ottBig'),
  tableThree: '3',
  figureFive: '5',
  modelLayers: String(layers),
  modelWidth: whole(width),
  modelHeads: String(heads),
  modelFeedForward: whole(feedForward),
  modelMet: String(usualWindow),
  fitsStandard: whole(twoDigits(capacity.standard)),
  fitsReversible: whole(twoDigits(capacity.reversible)),
  fitsReformer: figures.millions((capacity.reformer / 1e6).toFixed(1)),
  fitsFour: whole(twoDigits(capacity.four)),
  crossing: whole(twoDigits(fasterFrom)),
  crossingLow: '1000',
  crossingHigh: '8000',
  leakTokens: '1024',
  leakOne: '73 %',
  leakEight: '99 %',
  leastCaptured: `${100 * leastCaptured} %`,
  learntLoss: String(learntLoss),
  flashYear: '2022',
};

/** Every figure that the texts name, with its source. */
export const facts: Record<string, Fact> = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, { text, source: sources[name as keyof typeof sources] }]),
);
