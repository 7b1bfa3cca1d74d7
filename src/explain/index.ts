import { explain as words } from '../language/explain';
import { type AttentionEvidence, attentionKinds } from './attention';
import { causeKinds } from './causes';
import { comparisonKinds } from './comparison';
import { type ExperimentsEvidence, experimentKinds } from './experiments';
import type { Declaration, Explanation, FigureKind } from './explanation';
import { type LayersEvidence, layersKinds } from './layers';

const ofAttention = { ...attentionKinds, ...causeKinds, ...comparisonKinds };

/** All kinds of numbers that can be explained, by their `data-kind`. Words without a kind do not compile. */
export const kinds = { ...ofAttention, ...layersKinds, ...experimentKinds } satisfies Record<FigureKind, unknown>;

export type Evidence =
  | { view: 'attention'; evidence: AttentionEvidence }
  | { view: 'layers'; evidence: LayersEvidence }
  | { view: 'experiments'; evidence: ExperimentsEvidence };

const ofView = { attention: ofAttention, layers: layersKinds, experiments: experimentKinds };

/** Explains a number of any kind. `value` is the number as the card shows it. Undefined if the evidence no longer has this number. */
export function explain(
  kind: string,
  index: string,
  value: string,
  { view, evidence }: Evidence,
): Explanation | undefined {
  const declaration = (ofView[view] as Record<string, Declaration<unknown>>)[kind];
  const details = declaration?.explain(evidence, index);
  if (!declaration || !details) return undefined;
  const { formula, from, kernel, source } = declaration;
  return {
    formula,
    from: from.map((name) => words.sources[name]),
    kernel,
    source,
    ...details,
    value: kind.endsWith('bytes') ? words.bytes(value) : value,
  };
}
