/** Numbers of a comparison of two settings. */
import { windowLength } from '../algorithm/settings';
import { explain as words } from '../language/explain';
import type { AttentionEvidence } from './attention';
import type { Declaration, Declarations } from './explanation';

const { compared: names } = words.figures;
const measures: Record<string, string> = names.measures;

/** Index `measure side`, where side is A, B or `difference`. */
const compared: Declaration<AttentionEvidence> = {
  formula: names.formula,
  from: ['curve-error', 'curve-captured', 'lost-share', 'keys-seen', 'step-milliseconds'],
  explain({ settings, readout, curve }, index) {
    const [measure, side] = index.split(' ');
    const last = curve?.points.at(-1);
    return {
      title:
        side === 'difference' ? names.titleDifference(measures[measure]) : names.titleSide(measures[measure], side),
      operands: [
        { name: names.rounds, value: settings.rounds },
        { name: names.window, value: windowLength(settings) },
        ...(last ? [{ name: names.error, value: last.error }] : []),
        { name: names.seen(readout.token), value: readout.seen.length },
      ],
      note: names.note,
    };
  },
};

export const comparisonKinds = { compared } satisfies Declarations<AttentionEvidence>;
