import { breakEven } from '../../algorithm/break-even';
import { figure5, table2 } from '../../algorithm/paper-results';
import { mostTokens } from '../../state/schema';
import { wanted } from './questions';

/** A figure that words state: what is written, and where it comes from. */
export interface Fact {
  text: string;
  source: string;
}

const paper = 'Kitaev, Kaiser, Levskaya: Reformer, 2020';
const announcement = 'Google’s announcement of the Reformer, January 2020';

const given = (text: string, source: string): Fact => ({ text, source });
const computed = (value: number | string, how: string): Fact => ({
  text: typeof value === 'number' ? Math.round(value).toLocaleString('en') : value,
  source: `computed: ${how}`,
});

/** Two digits that count. */
const rounded = (value: number): number => Number(value.toPrecision(2));

/** A model of a usual size, one sequence, 4 bytes a number. */
const model = { layers: 12, width: 1024, feedForward: 4096, heads: 8, bytes: 4 };
const budget = 16e9;

/** The most tokens for which the paper's Table 3 stays within a budget of bytes. */
export const capacity = {
  standard: Math.sqrt(budget / (model.bytes * model.heads * model.layers)),
  reversible: Math.sqrt(budget / (model.bytes * model.heads)),
  reformer: budget / (model.bytes * model.width),
};

const long = 65_536;
const { tokens, full, lsh } = figure5;
const from =
  breakEven({ tokens: [...tokens], values: lsh[4] }, { tokens: [...tokens], values: [...full] }) ?? Number.NaN;
const percent = (trained: number, asked: number) => given(`${table2.get(trained)?.get(asked)} %`, `${paper}, Table 2`);
const ofModel = '12 layers, width 1024, feed-forward 4096, 8 heads, 4 bytes a number, one sequence; paper, Table 3';
const bleu = (value: string, more: string) => given(value, `${paper}, Table 4: ${more}`);

/** Every figure that the words state without computing it from what is shown. */
export const facts: Record<string, Fact> = {
  year: given('2020', paper),
  million: given('a million', announcement),
  aMillion: given('A million', announcement),
  gigabytes: given('16 GB', announcement),
  announced: given('January 2020', announcement),
  notebook: given('half a million', 'the notebook that comes with trax: 0.5M tokens a core'),
  mostTokens: computed(mostTokens, 'the largest setting of this page'),
  tokens64k: computed(long, '2¹⁶'),
  scores64k: computed(`${(long ** 2 / 1e9).toFixed(1)} billion`, '65,536²'),
  matrix64k: computed(`${((4 * long ** 2) / 1e9).toFixed(1)} GB`, '4 bytes · 65,536²'),
  chunk64: computed(64, 'the paper’s chunks of 64 tokens'),
  slots64k: computed(8 * 2 * 64, '8 rounds · 2 chunks · 64 tokens'),
  evenChance: computed(`${(100 * (1 - 0.5 ** 4)).toFixed(0)} %`, '1 − (1 − ½)⁴'),
  paper48: percent(4, 8),
  paper44: percent(4, 4),
  paper41: percent(4, 1),
  paper01: percent(0, 1),
  fastai: given('1 to 5 %', 'reformer_fastai, 2021: 1.4, 1.9, 3.0, 4.6 % with 8, 4, 2, 1 rounds'),
  newstest: given('2014', `${paper}, Table 4: newstest2014, English to German`),
  bleuBase: bleu('27.6', 'reversible base, 100K steps'),
  stepsBase: bleu('100,000', 'reversible base'),
  bleuLonger: bleu('28.0', 'reversible base, 500K steps, no weight sharing'),
  stepsLonger: bleu('500,000', 'reversible base, no weight sharing'),
  bleuBig: bleu('29.1', 'reversible big'),
  vaswaniBase: bleu('27.3', 'Vaswani et al. 2017, base'),
  vaswaniBig: bleu('28.4', 'Vaswani et al. 2017, big'),
  ottBig: bleu('29.3', 'Ott et al. 2018, big'),
  tableThree: given('3', paper),
  figureFive: given('5', paper),
  modelLayers: given(String(model.layers), ofModel),
  modelWidth: given('1024', ofModel),
  modelHeads: given(String(model.heads), ofModel),
  fitsStandard: computed(rounded(capacity.standard), `√(16 GB / (4 bytes · heads · layers)); ${ofModel}`),
  fitsReversible: computed(rounded(capacity.reversible), `√(16 GB / (4 bytes · heads)); ${ofModel}`),
  fitsReformer: computed(
    `${(capacity.reformer / 1e6).toFixed(1)} million`,
    `16 GB / (4 bytes · width), the square being gone; ${ofModel}`,
  ),
  crossing: computed(rounded(from), 'where the curves of the paper’s Figure 5 (right) cross; read off to 3 %'),
  crossingLow: given('1000', 'the paper’s Figure 5 for one round, and programs measured since'),
  crossingHigh: given('8000', 'the paper’s Figure 5, and programs measured since'),
  leakTokens: given('1024', 'computed with head size 64, chunks of 64, 32 buckets, twins'),
  leakOne: given('73 %', 'computed with head size 64, chunks of 64, 32 buckets, twins, 1 round'),
  leakEight: given('99 %', 'computed with head size 64, chunks of 64, 32 buckets, twins, 8 rounds'),
  wanted: computed(`${100 * wanted} %`, 'what question 7 asks for'),
  flashYear: given('2022', 'Dao, Fu, Ermon, Rudra, Ré: FlashAttention, 2022'),
};
