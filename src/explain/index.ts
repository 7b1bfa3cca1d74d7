import type { LossCause } from '../algorithm/missed-pairs';
import { explain as words } from '../language/explain';
import { type Figure, units } from '../ui/figures';
import { causeNames } from '../ui/token-names';
import { type AttentionEvidence, attentionKinds } from './attention';
import { causeKinds } from './causes';
import { comparisonKinds } from './comparison';
import { type ExperimentsEvidence, experimentKinds } from './experiments';
import { type Declaration, type ExplainedKind, type Explanation, precise } from './explanation';
import { type LayersEvidence, layersKinds } from './layers';
import { table3Kinds } from './table3';

const ofAttention = { ...attentionKinds, ...causeKinds, ...comparisonKinds, ...table3Kinds };

/** All kinds of numbers that can be explained. Words without a kind do not compile. */
export const kinds = { ...ofAttention, ...layersKinds, ...experimentKinds } satisfies Record<ExplainedKind, unknown>;

export type Evidence =
  | { view: 'attention'; evidence: AttentionEvidence }
  | { view: 'layers'; evidence: LayersEvidence }
  | { view: 'experiments'; evidence: ExperimentsEvidence };

const ofView = { attention: ofAttention, layers: layersKinds, experiments: experimentKinds };

/** Explains a number of any kind. Undefined if the evidence no longer has this number. */
export function explain(
  { kind, index, value }: Pick<Figure, 'kind' | 'index' | 'value'>,
  { view, evidence }: Evidence,
): Explanation | undefined {
  const declaration = (ofView[view] as Partial<Record<Figure['kind'], Declaration<unknown>>>)[kind];
  const details = declaration?.explain(evidence, index);
  if (!declaration || !details) return undefined;
  const { formula, from, kernel, source } = declaration;
  return {
    formula,
    from: from.map((name) => words.sources[name]),
    kernel,
    source,
    ...details,
    value: formatValue(kind, value),
  };
}

/** The value as the card shows it. The value of a cause is the cause's name. */
function formatValue(kind: Figure['kind'], value: Figure['value']): string {
  if (typeof value === 'string') return causeNames[value as LossCause];
  return units[kind] === 'bytes' ? words.bytes(precise(value)) : precise(value);
}
