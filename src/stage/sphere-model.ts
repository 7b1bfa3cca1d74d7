import { type CrossSection, crossSectionOf, directionsInSection, inSection, row } from '../algorithm/cross-section';
import { digits, dotProducts } from '../algorithm/hash';
import { shownToken } from '../state/state';
import type { Picture } from './picture';
import type { Axes, Box, Point } from './projection';

/** More tokens than these are drawn as an evenly spaced sample. */
export const mostPoints = 4096;
/** More directions than these are neither drawn nor tinted by. */
export const mostDirections = 256;
/** More are drawn without their numbers. */
const mostNumbered = 20;

/** A direction of a round as it lies in the section, one of its two ends. */
export interface DirectionLine {
  /** Which of [y; −y], counted through all factors. */
  candidate: number;
  /** Number of the direction in its factor, and the factor. */
  index: number;
  factor: number;
  sign: 1 | -1;
  /** From the centre, of length 1. */
  toward: Point;
  /** Where it ends, in radii: the longer, the more it wins. */
  end: number;
  /** It won the selected token. */
  won: boolean;
}

/** A round as a sphere: its directions in the section, turned as the stage stands. */
export interface Ball {
  round: number;
  directions: Point[];
  directionLines: DirectionLine[];
}

/** All that the sphere shows, for any stage to draw: the sphere has radius 1, and the turn goes about the vertical axis. */
export interface SphereModel {
  /** Tokens drawn; of more than can be, evenly spaced ones. The selected one is the last. */
  tokens: number[];
  /** Where each is, [tokens][3]: on the sphere, or within it by as much as it lies outside the section. */
  places: Point[];
  selected: Point;
  /** The selected token's twin, if it has one and the vectors are twins. */
  twin: number | undefined;
  /** Of every round, the one in front first. */
  balls: Ball[];
  isExact: boolean;
  /** Directions are too many to draw. */
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
    const won = digits(dotProducts(row(qk, shape, head, token), directions, shape, settings, head, r), factors);
    return { round: r, directions: inside, directionLines: directionLinesOf(inside, factors, won) };
  });
  for (const { directionLines } of balls) {
    for (const direction of directionLines) direction.end = 1.06 + (0.34 * direction.end) / (longest.value || 1);
  }
  const places = tokens.map((i) => onStage(placeOf(row(qk, shape, head, i), section)));
  return {
    tokens,
    places,
    selected: places[places.length - 1],
    twin,
    balls,
    isExact: d <= 3,
    isCrowded,
    areNumbered: factors.reduce((sum, factor) => sum + factor, 0) <= mostNumbered,
  };
}

/** Hashing sees no lengths: each vector is drawn at length one, or what of that lies in the section. */
function placeOf(x: Float64Array, section: CrossSection): Point {
  const length = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  const place = inSection(x, section);
  return length === 0 ? [0, 0, 0] : (place.map((value) => value / length) as Point);
}

function directionLinesOf(inside: Point[], factors: readonly number[], won: number[]): DirectionLine[] {
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
          won: won[factor] === digit,
        });
      }
    }
    column += count / 2;
    candidate += count;
  }
  return directionLines;
}

/** The bucket of a point of the section, by directions as they lie in it. */
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

/** A sphere's place in the world. */
export interface SpherePosition {
  centre: Point;
  radius: number;
}

/** How far directionLines reach, in radii, with room for their numbers. */
const reach = 1.55;
const bigRadius = 1.15;

/**
 * Where the round in front and the others stand: those in columns right of it, or in rows below it; alone, if `others` is false. Around
 * the origin.
 */
export function spherePositions(rounds: number, isWide: boolean, others: boolean): SpherePosition[] {
  const positions: SpherePosition[] = [{ centre: [0, 0, 0], radius: bigRadius }];
  if (!others || rounds < 2) return positions;
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

/** The positions as an eye sees them side by side: in the plane of the picture, around a point of the world. */
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

/** What the positions take up, directionLines included. */
export function positionsBox(positions: readonly SpherePosition[]): Box {
  const side = (sign: 1 | -1, axis: 0 | 1) =>
    sign *
    Math.max(
      ...positions.map(({ centre, radius }) => sign * centre[axis] + radius * (radius === bigRadius ? 1.45 : 1.75)),
    );
  // Near enough to flat: what comes forward of a sphere is no wider than it is.
  const [{ centre, radius }] = positions;
  const deep = 0.3 * radius;
  return {
    min: [side(-1, 0), side(-1, 1), centre[2] - deep],
    max: [side(1, 0), side(1, 1), centre[2] + deep],
  };
}

/** Where to look from, so that a point of the sphere is seen from its side, a little left of it. */
export function homeDirection([x, y, z]: Point): Point {
  const azimuth = (Math.hypot(x, z) < 1e-6 ? 0 : Math.atan2(x, z)) - 0.62;
  const height = y < -0.45 ? -0.22 : 0.3;
  return [Math.sin(azimuth) * Math.cos(height), Math.sin(height), Math.cos(azimuth) * Math.cos(height)];
}

/** How much of the sphere lies between a point on or in it and a viewer far away: 0 on the near side, 2 at the far end. */
export function glassBefore(point: Point, toEye: Point): number {
  const along = dotOf(point, toEye);
  const aside = Math.min(1, Math.max(0, lengthOf(point) ** 2 - along ** 2));
  return Math.max(0, Math.sqrt(1 - aside) - along);
}
