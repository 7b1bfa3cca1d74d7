/**
 * What the sentences of the lecture claim about the numbers that the page shows: "less", "falls", "is missed". The lecture hides a paragraph
 * whose claim is false in the state that is shown, for example with a person's own vectors, and tests check that none is false after any step
 * and its proposal.
 */
import type { FigureKind, ShownFigures } from '../../ui/figures';
import type { Numbers } from './live';

/** The shown numbers in one state. Each call throws `Unknown` for a number that is not shown. */
export interface Shown {
  /** A live figure. */
  live(name: string): number;
  figure(...place: Parameters<ShownFigures['get']>): number;
  /** The same, or 0 if the number is not shown, as that of a key that is not seen. */
  figureOr0(...place: Parameters<ShownFigures['get']>): number;
  all(kind: FigureKind): number[];
}

export interface Claim {
  /** A part of the sentence, word for word. */
  says: string;
  /** `before`: the step's own state. In a paragraph about the step's own state, both are the same. */
  holds(now: Shown, before: Shown): boolean;
}

/** A number that is not shown, or not yet. */
class Unknown extends Error {}

/** The numbers that the page shows in one state, and its live figures. */
export function shownIn(figures: ShownFigures, numbers: Numbers): Shown {
  const known = (value: number | undefined, name: string): number => {
    if (value === undefined) throw new Unknown(name);
    return value;
  };
  return {
    live: (name) => known(numbers.get(name), name),
    figure: (kind, index) => known(figures.get(kind, index), kind),
    figureOr0: (kind, index) => figures.get(kind, index) ?? 0,
    all: (kind) => figures.all(kind),
  };
}

/** True or false, or undefined while a number that the claim needs is not shown. */
export function holds(claim: Claim, now: Shown, before: Shown): boolean | undefined {
  try {
    return claim.holds(now, before);
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

const claim = (says: string, holds: Claim['holds']): Claim => ({ says, holds });

/** The token sees its twin. */
const meetsTwin = ({ live, figureOr0 }: Shown) => figureOr0('key-weight', live('twin')) > 0;

/** A number is larger than before by at least a margin. */
const rises =
  (name: string, margin: number): Claim['holds'] =>
  (now, before) =>
    now.live(name) > before.live(name) + margin;
const falls =
  (name: string, margin: number): Claim['holds'] =>
  (now, before) =>
    now.live(name) < before.live(name) - margin;

/** Missed keys that the read-out lists at most. */
const listedKeys = 5;

const is = (value: number, expected: number): boolean => Math.abs(value - expected) < 1e-9;

/** A number is as before, up to a margin. */
const stays =
  (name: string, margin: number): Claim['holds'] =>
  (now, before) =>
    Math.abs(now.live(name) - before.live(name)) <= margin;

/** The claims of each step, by its id. */
export const claims: Record<string, readonly Claim[]> = {
  '01.1': [claim('At the top it was', (now, before) => now.live('kept') === 0 && before.live('kept') > 0)],
  '01.2': [
    claim('At the phase shown, half-way down', ({ live, figure }) => live('kept') > 0 && figure('kept-bytes') > 0),
    claim('what was used is let go', (now, before) => now.live('kept') === 0 && before.live('kept') > 0),
  ],
  '01.3': [
    claim('all layers use in turn', ({ live }) => {
      const sum = live('kept') + live('shared');
      return Math.abs(sum - live('activationsAll')) < 0.01 * sum;
    }),
    claim('instead of', (now, before) => now.live('activationsAll') < 0.5 * before.live('activationsAll')),
  ],
  '01.4': [
    claim('itself, and all before it', ({ live }) => live('seen') === live('token') + 1),
    claim('later tokens have more', rises('seen', 0)),
  ],
  '02.1': [
    claim('sees [{seen} keys](readout)', ({ live }) => live('seen') === live('token') + 1),
    claim('its row is longer', rises('seen', 0)),
  ],
  '02.2': [
    claim('one [holds {twinWeight}](seen-keys) of the weight', ({ live }) => live('twinWeight') > 0.8),
    claim('spread their weight over more keys', falls('twinWeight', 0.5)),
  ],
  '02.3': [
    claim('One run of [full attention](times)', ({ live }) => live('fullTime') > 0),
    claim('took {fullTime}, before', ({ live }) => live('fullTime') > 0),
    claim('four times the {pairs.before}', (now, before) => now.live('pairs') === 4 * before.live('pairs')),
  ],
  '03.1': [claim('and so is its twin', meetsTwin), claim('are both in bucket', meetsTwin)],
  '03.3': [
    claim('point nearly the same way', meetsTwin),
    claim('instead of {capturedAll.before}', falls('capturedAll', 0.2)),
  ],
  '03.4': [
    claim('they are closest to different ends', (now) => !meetsTwin(now)),
    claim('misses is that twin', ({ live, figure }) => is(live('missedFull'), figure('missed-full', live('twin')))),
    claim('are on one side:', meetsTwin),
    claim('before {captured.before}', rises('captured', 0.3)),
  ],
  '04.1': [claim('is in bucket {bucket}.', meetsTwin), claim('the twin, is in bucket', stays('bucket', 0))],
  '04.2': [
    claim('The largest bucket has', ({ live }) => live('largestBucket') > 3 * live('smallestBucket')),
    claim('The largest bucket grows', rises('largestBucket', 0)),
  ],
  '04.3': [claim('Fewer walls, more work', (now, before) => now.live('window') === 2 * before.live('window'))],
  '04.4': [claim('but the pairs are the same', stays('capturedAll', 1e-9))],
  '05.1': [
    claim('By looking back the token [sees', (now) => meetsTwin(now) && now.live('captured') > 0.9),
    claim('across the wall as well', (now) => meetsTwin(now) && now.live('captured') > 0.9),
  ],
  '05.2': [
    claim('sees [{seen} key](readout), itself', ({ live }) => live('seen') === 1 && live('captured') < 0.01),
    claim('captures {captured}, before {captured.before}', rises('captured', 0.5)),
    claim('Over all queries it is {capturedAll}, before', rises('capturedAll', 0.1)),
    claim('the error falls', falls('error', 0.1)),
  ],
  '05.3': [
    claim('more than the {window} that a query meets', ({ live }) => live('largestBucket') > live('window')),
    claim('but too far apart', (now) => !meetsTwin(now) && now.live('captured') < 0.1),
    claim('fewer than the {window}', ({ live }) => live('largestBucket') < live('window')),
    claim('before {captured.before}', rises('captured', 0.5)),
  ],
  '05.4': [
    claim('keys, before {seen.before}', falls('seen', 5)),
    claim('before {capturedAll.before}', falls('capturedAll', 0.1)),
  ],
  '06.1': [
    claim('its twin fell into another bucket', (now) => !meetsTwin(now)),
    claim('hold nearly everything', ({ live }) => live('missedFull') > 0.9 && live('captured') < 0.05),
    claim('the twin is elsewhere again', (now) => !meetsTwin(now) && now.live('captured') < 0.05),
    claim('two rounds capture', ({ live }) => live('capturedAll') > live('capturedOne') + 0.1),
  ],
  '06.2': [
    claim('three rounds miss the twin', ({ figure }) =>
      [0, 1, 2].every((round) => figure('round-weight', round) < 0.05),
    ),
    claim('the [last one finds it]', (now) => meetsTwin(now) && now.figure('round-weight', 3) > 0.9),
    claim('the same four together', stays('captured', 1e-9)),
  ],
  '06.3': [
    claim('after {rounds} it is', ({ live }) => live('capturedAll') > live('capturedOne') + 0.2),
    claim('The error falls', ({ live }) => live('error') < live('errorOne') - 0.3),
    claim(
      'adds less than the first half did',
      (now, before) =>
        now.live('capturedAll') > before.live('capturedAll') &&
        now.live('capturedAll') - before.live('capturedAll') < 0.5 * before.live('capturedAll'),
    ),
  ],
  '06.4': [
    claim('eight rounds make more', ({ live }) => live('slots') > live('n')),
    claim('scores, before {slots.before}', (now, before) => 4 * now.live('slots') === before.live('slots')),
    claim('The price', falls('capturedAll', 0.1)),
  ],
  '06.5': [
    claim(
      'two rounds found the twin and share',
      (now) => meetsTwin(now) && Math.abs(now.live('mostWeight') - 0.5) < 0.05,
    ),
    claim('the one round that found the twin', (now) => meetsTwin(now) && now.live('mostWeight') > 0.9),
  ],
  '06.6': [claim('the error falls from {error.before} to', falls('error', 0.05))],
  '07.2': [
    claim('are bucket ids', ({ live }) => live('kept') > 0),
    claim('What is kept is the same', stays('kept', 0)),
  ],
  '07.3': [claim('are kept.', ({ live }) => live('kept') === 0)],
  '07.4': [
    claim('instead of {activationsAll}', ({ live }) => live('activationsReversible') < 0.3 * live('activationsAll')),
    claim('As bucket ids it was', (now, before) => now.live('kept') > 5 * before.live('kept')),
  ],
  '07.5': [claim('rarely any', ({ live }) => live('flipped') < 0.01), claim('less had gone wrong', falls('drift', 0))],
  '08.2': [claim('looks at the right place', ({ live }) => live('loss') < 1)],
  '08.3': [claim('Both have found it', ({ live }) => live('loss') < 1 && live('lossStandard') < 1)],
  '09.3': [
    claim('nearly twice the {gpuBytes.before}', (now, before) => {
      const ratio = now.live('gpuBytes') / before.live('gpuBytes');
      return ratio > 1.7 && ratio <= 2;
    }),
  ],
  '09.4': [claim('but only {capturedAll} is', falls('capturedAll', 0.02))],
  '10.1': [claim('as many, and hashing comes on top', ({ live }) => live('slots') === live('n'))],
  '10.2': [
    claim(
      'but there are many',
      ({ live, all }) => live('missedFull') < 0.1 && live('captured') < 0.5 && all('missed-full').length === listedKeys,
    ),
    claim('Sharp attention:', rises('captured', 0.3)),
  ],
  '10.3': [claim('keys, before {seen.before}', falls('seen', 5))],
  '10.4': [claim('One round captures {capturedAll}, eight captured', falls('capturedAll', 0.2))],
};
