import { type CrossSection, crossSectionOf, directionsInSection, inSection, row } from '../algorithm/cross-section';
import { digits, dotProducts } from '../algorithm/hash';
import { shownToken } from '../state/state';
import type { Picture } from './picture';
import type { Axes, Box, Point } from './projection';

/** Most tokens drawn. Longer sequences are drawn as an evenly spaced sample. */
export const mostPoints = 4096;
/** Most directions drawn. With more, the sphere has neither directions nor regions. */
export const mostDirections = 256;
/** Most buckets of a round at which directions have numbers. */
const mostNumbered = 20;

/** One of the two ends of a direction, as it lies in the section. */
export interface DirectionLine {
  /** Index into [y; −y], counted through all factors. */
  candidate: number;
  /** Number of the direction in its factor, and the factor. */
  index: number;
  factor: number;
  sign: 1 | -1;
  /** From the centre, of length 1. */
  toward: Point;
  /** Its length in radii. Longer directions win more tokens. */
  end: number;
  /** True if its bucket is the selected token's. */
  isWinner: boolean;
}

/** A round as a sphere: its directions in the section, in the axes of the stage. */
export interface Ball {
  round: number;
  directions: Point[];
  directionLines: DirectionLine[];
}

/** The content of the sphere for either stage. The sphere has radius 1, and the turn goes about the vertical axis. */
export interface SphereModel {
  /** Tokens drawn, the selected one last. */
  tokens: number[];
  /** The point of each, [tokens][3]: on the sphere, or within it by as much as the vector lies outside the section. */
  points: Point[];
  selected: Point;
  /** The selected token's twin, if it has one and the vectors are twins. */
  twin: number | undefined;
  /** All rounds, the one in front first. */
  balls: Ball[];
  isExact: boolean;
  /** True if there are too many directions to draw. */
  isCrowded: boolean;
  areNumbered: boolean;
}

/** The section's first axis comes toward the viewer, the second goes right, the third up. */
const onStage = ([toward, right, up]: Point): Point => [right, up, toward];

const dotOf = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const lengthOf = (point: Point): number => Math.hypot(...point);

export function sphereModel({ qk, directions, shape, settings, head, round, state, readout }: Picture): SphereModel {
  const { n, d } = shape;
  const { rounds, factors } = settings;
  const token = readout?.token ?? shownToken(state);
  const common = { qk, directions, shape, settings, head };
  const section = crossSectionOf({ ...common, round, token, degrees: state.turn });
  const half = Math.ceil(n / 2);
  const twin =
    state.input !== 'twins' ? undefined : token >= half ? token - half : token + half < n ? token + half : undefined;
  const special = twin === undefined ? [token] : [twin, token];
  const count = Math.min(n, mostPoints);
  const sample = Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
  const tokens = [...sample.filter((i) => !special.includes(i)), ...special];
  const isCrowded = factors.reduce((sum, factor) => sum + factor / 2, 0) > mostDirections;
  const longest = { value: 0 };
  const balls = Array.from({ length: rounds }, (_, k): Ball => {
    const r = (round + k) % rounds;
    const inside = isCrowded ? [] : directionsInSection(common, r, section).map(onStage);
    longest.value = Math.max(longest.value, ...inside.map(lengthOf));
    const winners = digits(dotProducts(row(qk, shape, head, token), directions, shape, settings, head, r), factors);
    return { round: r, directions: inside, directionLines: directionLinesOf(inside, factors, winners) };
  });
  for (const { directionLines } of balls) {
    for (const direction of directionLines) direction.end = 1.06 + (0.34 * direction.end) / (longest.value || 1);
  }
  const points = tokens.map((i) => onStage(pointOf(row(qk, shape, head, i), section)));
  return {
    tokens,
    points,
    selected: points[points.length - 1],
    twin,
    balls,
    isExact: d <= 3,
    isCrowded,
    areNumbered: factors.reduce((sum, factor) => sum + factor, 0) <= mostNumbered,
  };
}

/** A vector's point: scaled to length 1, as lengths do not matter for hashing, and projected onto the section. */
function pointOf(x: Float64Array, section: CrossSection): Point {
  const length = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  const point = inSection(x, section);
  return length === 0 ? [0, 0, 0] : (point.map((value) => value / length) as Point);
}

function directionLinesOf(inside: Point[], factors: readonly number[], winners: number[]): DirectionLine[] {
  if (!inside.length) return [];
  const directionLines: DirectionLine[] = [];
  let column = 0;
  let candidate = 0;
  for (const [factor, count] of factors.entries()) {
    for (const sign of [1, -1] as const) {
      for (let index = 0; index < count / 2; index++) {
        const direction = inside[column + index];
        const length = lengthOf(direction);
        const digit = index + (sign < 0 ? count / 2 : 0);
        directionLines.push({
          candidate: candidate + digit,
          index,
          factor,
          sign,
          toward: direction.map((value) => (length ? (sign * value) / length : 0)) as Point,
          end: length,
          isWinner: winners[factor] === digit,
        });
      }
    }
    column += count / 2;
    candidate += count;
  }
  return directionLines;
}

/** The bucket of a point of the section, given the directions [ΣB_f/2][3] in the section. */
export function bucketAt(point: Point, directions: readonly Point[], factors: readonly number[]): number {
  let bucket = 0;
  let unit = 1;
  let first = 0;
  for (const factor of factors) {
    const half = factor / 2;
    let best = -1;
    let answer = 0;
    for (let i = 0; i < half; i++) {
      const y = dotOf(point, directions[first + i]);
      if (Math.abs(y) > best) {
        best = Math.abs(y);
        answer = y < 0 ? i + half : i;
      }
    }
    bucket += unit * answer;
    unit *= factor;
    first += half;
  }
  return bucket;
}

/** A sphere in the world. */
export interface SpherePosition {
  centre: Point;
  radius: number;
}

/** The reach of directions in radii, with room for their numbers. */
const reach = 1.55;
const bigRadius = 1.15;

/**
 * The spheres around the origin: the round in front, then the others in columns right of it (`isWide`) or in rows below it.
 * Without `hasOthers`, only the round in front.
 */
export function spherePositions(rounds: number, isWide: boolean, hasOthers: boolean): SpherePosition[] {
  const positions: SpherePosition[] = [{ centre: [0, 0, 0], radius: bigRadius }];
  if (!hasOthers || rounds < 2) return positions;
  const rest = rounds - 1;
  const ranks = Math.ceil(rest / (isWide ? 5 : 6));
  const inRank = Math.ceil(rest / ranks);
  const pitch = Math.min(0.86, (2 * reach * bigRadius) / inRank);
  for (let k = 0; k < rest; k++) {
    const along = ((k % inRank) - (inRank - 1) / 2) * pitch;
    const away = reach * bigRadius + 0.1 + (Math.floor(k / inRank) + 0.5) * pitch;
    positions.push({ centre: isWide ? [away, -along, 0] : [along, -away, 0], radius: 0.29 * pitch });
  }
  return positions;
}

/** The positions moved into the plane of the picture that a camera sees, around a point of the world. */
export function positionsToward(
  positions: readonly SpherePosition[],
  at: Point,
  { right, up }: Axes,
): SpherePosition[] {
  return positions.map(({ centre: [x, y], radius }) => ({
    radius,
    centre: at.map((value, k) => value + x * right[k] + y * up[k]) as Point,
  }));
}

/** The box around the spheres and their directions. */
export function positionsBox(positions: readonly SpherePosition[]): Box {
  const side = (sign: 1 | -1, axis: 0 | 1) =>
    sign *
    Math.max(
      ...positions.map(({ centre, radius }) => sign * centre[axis] + radius * (radius === bigRadius ? 1.45 : 1.75)),
    );
  // Almost flat: the parts of a sphere nearer to the eye are no wider than the sphere.
  const [{ centre, radius }] = positions;
  const deep = 0.3 * radius;
  return {
    min: [side(-1, 0), side(-1, 1), centre[2] - deep],
    max: [side(1, 0), side(1, 1), centre[2] + deep],
  };
}

/** The direction from which a point of the sphere is seen well: from its side, a little left of it. */
export function homeDirection([x, y, z]: Point): Point {
  const azimuth = (Math.hypot(x, z) < 1e-6 ? 0 : Math.atan2(x, z)) - 0.62;
  const height = y < -0.45 ? -0.22 : 0.3;
  return [Math.sin(azimuth) * Math.cos(height), Math.sin(height), Math.cos(azimuth) * Math.cos(height)];
}

/** The length of sphere, in radii, between a point on or in it and a distant viewer: 0 on the near side, 2 at the far end. */
export function glassBefore(point: Point, toEye: Point): number {
  const along = dotOf(point, toEye);
  const aside = Math.min(1, Math.max(0, lengthOf(point) ** 2 - along ** 2));
  return Math.max(0, Math.sqrt(1 - aside) - along);
}
