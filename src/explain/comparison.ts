/** Numbers of a comparison. */
import { windowLength } from '../algorithm/settings';
import type { AttentionEvidence } from './attention';
import type { Declaration } from './explanation';

const compared: Declaration<AttentionEvidence> = {
  formula: 'B − A, or one of the two',
  from: ['curve-error', 'curve-captured', 'lost-share', 'keys-seen', 'step-milliseconds'],
  explain({ settings, readout, curve }, index) {
    const [what, side] = index.split(' ');
    const last = curve?.points.at(-1);
    return {
      title: side === 'difference' ? `Difference of B and A: ${what}` : `Setting ${side}: ${what}`,
      operands: [
        { name: 'hash rounds now', value: settings.rounds },
        { name: 'window now', value: windowLength(settings) },
        ...(last ? [{ name: 'error now', value: last.error }] : []),
        { name: `keys that token ${readout.token} sees now`, value: readout.seen.length },
      ],
      note: 'A was measured when it was kept; B is what is shown now.',
    };
  },
};

export const comparisonKinds = { compared } satisfies Record<string, Declaration<AttentionEvidence>>;
