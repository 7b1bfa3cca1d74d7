import { controls } from '../state/schema';

/** Parts of the page that texts can name, by selector. Controls are named by their keys instead. */
const entries: Record<string, string> = {
  stage: '#view',
  matrix: '#view .label[data-part="matrix"]',
  original: '#view .label[data-part="original"]',
  sorted: '#view .label[data-part="sorted"]',
  window: '#view .label[data-part="window"]',
  seen: '#legend [data-part="seen"]',
  missed: '#legend [data-part="missed"]',
  later: '#legend [data-part="later"]',
  readout: '#readout',
  'rounds-table': '#readout table:nth-of-type(1)',
  'seen-keys': '#readout table:nth-of-type(2)',
  'missed-keys': '#readout table:nth-of-type(3)',
  'buckets-chart': '#chart-buckets',
  curve: '#chart-rounds',
  times: '#chart-steps',
  memory: '#chart-memory',
  loss: '#chart-loss',
  accuracy: '#chart-accuracy',
  device: '#device',
  figure: '#figure',
  'figure-button': '#figure .acts',
  play: '#panel [data-act="play"]',
  train: '#panel [data-act="toggle"]',
  measure: '#panel [data-act="measure"]',
  'sort-yourself': '#panel [data-act="sort-yourself"]',
};

export const isTarget = (name: string): boolean => name in entries || name in controls;

/** The CSS selector of a target. */
export const selectorOf = (target: string): string => entries[target] ?? `#panel [data-key="${target}"]`;

/** True for a target that is a control. */
export const isControl = (target: string): boolean => !(target in entries) && target in controls;
