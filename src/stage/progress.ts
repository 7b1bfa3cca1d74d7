import { lastPhase } from '../state/phase';

/** How far each part of the algorithm is shown, from 0 to 1 unless a comment names another range. */
export interface Progress {
  /** Tokens appear, take the colour of their bucket, and go to their sorted place, one after another. */
  tokens: number;
  hash: number;
  sort: number;
  /** The walls between chunks come down. */
  walls: number;
  /** The selected query sees its own chunk, and then the chunks around it. */
  own: number;
  around: number;
  /** Rows of the matrix whose pairs are shown, from the first on. */
  sweep: number;
  /** Further rounds that have come forward, 0 … rounds − 1. */
  arrived: number;
  /** The selected token's rounds join into its output. */
  join: number;
  /** True once every pair of all rounds is shown. */
  isSeen: boolean;
}

const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));

/** What a phase shows of an attention with that many rounds. At a mark, all steps up to it are done, and no later one has begun. */
export function progressAt(phase: number, rounds: number): Progress {
  const done = (mark: number) => ramp(phase, mark - 1, mark);
  const attend = done(5);
  // Without further rounds, the sweep has their time too.
  const sweepEnd = rounds > 1 ? 0.62 : 1;
  return {
    tokens: done(1),
    hash: done(2),
    sort: done(3),
    walls: done(4),
    own: ramp(attend, 0, 0.13),
    around: ramp(attend, 0.13, 0.26),
    sweep: ramp(attend, 0.3, sweepEnd),
    arrived: (rounds - 1) * ramp(attend, 0.66, 1),
    join: done(6),
    isSeen: attend === 1,
  };
}

/** The phase that the stage shows: where tokens are too many to move one by one, only whole marks. */
export const shownPhase = (phase: number, isDense: boolean): number =>
  isDense ? Math.floor(phase) : Math.min(phase, lastPhase);

/** The share of a step that each token takes, if one begins after another. The shader has the same values. */
export const shares = { tokens: 0.25, hash: 0.14, sort: 0.38 };

/** How far a token is in a step. `at`: its place in the text, 0 to 1. */
export const progressOf = (step: number, at: number, share: number): number =>
  Math.min(1, Math.max(0, ((step - at * (1 - share)) / share) * 1.001));

/** Starts and ends at rest. */
export const ease = (t: number): number => t * t * (3 - 2 * t);

/** Where a token's moving cell is in the loom, from the left edge and from the top, both 0 to 1. */
export function placeOfToken(
  { sort, join }: Pick<Progress, 'sort' | 'join'>,
  /** Places in the shown stretch of both orders, counted in tokens, and the length of the stretch. */
  { upper, lower, span }: { upper: number; lower: number; span: number },
): { x: number; y: number } {
  // For the combined output, the eye goes back to the token's place in the text.
  const down = ease(progressOf(sort, upper / span, shares.sort)) * (1 - ease(ramp(join, 0.3, 0.7)));
  const along = ease(down);
  return { x: (upper + (lower - upper) * along + 0.5) / span, y: down };
}
