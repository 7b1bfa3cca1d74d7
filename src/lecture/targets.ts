import { controls } from '../state/schema';

/** Places of the page that words can speak of, beside the controls, which go by their keys. */
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
  play: '#panel [data-act="play"]',
  train: '#panel [data-act="toggle"]',
  measure: '#panel [data-act="measure"]',
};

export const isTarget = (name: string): boolean => name in entries || name in controls;

/** The selector of what a target means. */
export const selectorOf = (target: string): string => entries[target] ?? `#panel [data-key="${target}"]`;

/** Targets that are controls. */
export const isControl = (target: string): boolean => !(target in entries) && target in controls;
