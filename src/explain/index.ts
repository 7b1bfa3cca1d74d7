import { type AttentionEvidence, attentionKinds } from './attention';
import { causeKinds } from './causes';
import { comparisonKinds } from './comparison';
import { type ExperimentsEvidence, experimentKinds } from './experiments';
import type { Declaration, Explanation } from './explanation';
import { type LayersEvidence, layersKinds } from './layers';

const ofAttention = { ...attentionKinds, ...causeKinds, ...comparisonKinds };

/** All kinds of numbers that can be explained, by their `data-kind`. */
export const kinds = { ...ofAttention, ...layersKinds, ...experimentKinds };

export type Evidence =
  | { view: 'attention'; evidence: AttentionEvidence }
  | { view: 'layers'; evidence: LayersEvidence }
  | { view: 'experiments'; evidence: ExperimentsEvidence };

const ofView = { attention: ofAttention, layers: layersKinds, experiments: experimentKinds };

/** One routine for every number: what its kind declares, applied to the evidence, and the number as it is written. Undefined if there is nothing to say any more. */
export function explain(kind: string, index: string, value: string, given: Evidence): Explanation | undefined {
  const declaration = (ofView[given.view] as Record<string, Declaration<unknown>>)[kind];
  const said = declaration?.explain(given.evidence, index);
  if (!declaration || !said) return undefined;
  const { formula, from, kernel, source } = declaration;
  return {
    formula,
    from,
    kernel,
    source,
    ...said,
    value: kind.endsWith('bytes') ? `${value} bytes` : value,
  };
}
