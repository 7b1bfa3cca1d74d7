import { row } from '../algorithm/cross-section';
import { digits, dotProducts } from '../algorithm/hash';
import { stage } from '../language/stage';
import type { Label } from './labels';
import type { Picture } from './picture';
import { progressAt, progressOf, shares } from './progress';
import type { Axes, Point } from './projection';
import type { DirectionLine, SphereModel, SpherePosition } from './sphere-model';

const words = stage.sphere;

/** A direction's end: its number, and which of its two ends. */
export const endName = ({ index, sign }: Pick<DirectionLine, 'index' | 'sign'>): string =>
  `${sign > 0 ? '+' : '−'}${index}`;

/** How the selected token got its bucket in a round: 'bucket 5 = direction 5', or the factors' digits. */
export function bucketLabel({ qk, directions, shape, settings, head, readout }: Picture, round: number): string {
  if (!readout) return '';
  const { factors } = settings;
  const { bucket } = readout.rounds[round];
  const y = dotProducts(row(qk, shape, head, readout.token), directions, shape, settings, head, round);
  const answers = digits(y, factors);
  const name = (digit: number, half: number) => (digit < half ? `${digit}` : `−${digit - half}`);
  if (factors.length === 1) return words.bucket(bucket, name(answers[0], factors[0] / 2));
  let unit = 1;
  const terms = answers.map((digit, f) => {
    const term = unit === 1 ? `${digit}` : `${unit}·${digit}`;
    unit *= factors[f];
    return term;
  });
  return words.bucketOfGroups(bucket, terms.join(' + '));
}

const onBall = ({ centre, radius }: SpherePosition, point: Point, times: number): Point =>
  point.map((value, k) => centre[k] + radius * times * value) as Point;

/** A label beside a direction begins or ends at its tip. */
function side(toward: Point, { right }: Axes): Label['anchor'] {
  const aside = toward[0] * right[0] + toward[1] * right[1] + toward[2] * right[2];
  return aside > 0.35 ? 'start' : aside < -0.35 ? 'end' : 'middle';
}

/** Labels on and around the sphere. */
export function sphereLabels(
  picture: Picture,
  model: SphereModel,
  positions: readonly SpherePosition[],
  axes: Axes,
): Label[] {
  const { settings, round, readout, state, shape } = picture;
  const labels: Label[] = [];
  const { hash } = progressAt(state.phase, settings.rounds);
  // Of the play: directions have names once they are there, and the closest one once the token has its bucket.
  const isHashed = progressOf(hash, (readout?.token ?? 0) / shape.n, shares.hash) === 1;
  const [front] = positions;
  for (const direction of model.balls[0].directionLines) {
    if ((!direction.isWinner && !model.areNumbered) || hash === 0 || (direction.isWinner && !isHashed)) continue;
    const isOnly = settings.factors.length === 1;
    const prefix = isOnly ? '' : `${'abcd'[direction.factor]}`;
    labels.push({
      text: direction.isWinner && isOnly ? bucketLabel(picture, round) : `${prefix}${endName(direction)}`,
      at: onBall(front, direction.toward, direction.end + 0.05),
      down: 0,
      anchor: direction.isWinner && isOnly ? side(direction.toward, axes) : 'middle',
      kind: direction.isWinner ? 'won' : 'numeral',
      stays: direction.isWinner,
      facing: { from: front.centre, toward: direction.toward },
    });
  }
  if (readout) {
    labels.push({
      text: words.token(readout.token),
      at: onBall(front, model.selected, 1),
      down: 20,
      anchor: 'middle',
      kind: 'won',
    });
  }
  if (model.twin !== undefined) {
    const point = model.points[model.points.length - 2];
    labels.push({ text: words.twin, at: onBall(front, point, 1), down: -18, anchor: 'middle', kind: 'accent' });
  }
  for (const [k, position] of positions.entries()) {
    if (k === 0) continue;
    const text = words.round(model.balls[k].round + 1);
    labels.push({ text, at: onBall(position, axes.up, -1.5), down: 8, anchor: 'middle' });
  }
  const corner = (up: number) => {
    const [x, y] = [-1.42 * front.radius, up * front.radius];
    return front.centre.map((value, k) => value + x * axes.right[k] + y * axes.up[k]) as Point;
  };
  // The captions stand below the other rounds, where these are below the sphere.
  const drops = positions.map(({ centre, radius }) => {
    const drop = axes.up.reduce((sum, value, k) => sum + value * (front.centre[k] - centre[k]), 0);
    return drop > 1.5 * front.radius ? (drop + 2.3 * radius) / front.radius : 1.45;
  });
  const bottom = -Math.max(...drops);
  const { above, below } = captions(picture, model);
  for (const [i, text] of above.entries()) {
    labels.push({ text, at: corner(1.45), down: 18 * (i - above.length) + 6, anchor: 'start' });
  }
  for (const [i, text] of below.entries()) {
    labels.push({ text, at: corner(bottom), down: 14 + 18 * i, anchor: 'start' });
  }
  return labels;
}

/** Explains the sphere in lines above it and below it. */
export function captions(
  { settings, shape, round, state }: Picture,
  model: SphereModel,
): { above: string[]; below: string[] } {
  const { factors, rounds } = settings;
  const count = factors.reduce((sum, factor) => sum + factor / 2, 0);
  let unit = 1;
  const terms = factors.map((factor, f) => {
    const term = `${unit > 1 ? `${unit}·` : ''}argmax ${'abcd'[f]}`;
    unit *= factor;
    return term;
  });
  const rule = factors.length > 1 ? terms.join(' + ') : 'argmax [xR; −xR]';
  // Beside the loom there is little room, and the loom's own labels name the round.
  const isBrief = state.scene === 'hashing';
  const above = [
    isBrief
      ? words.directions(count, factors.length)
      : words.directionsOfRound(round + 1, rounds, count, factors.length),
    model.isCrowded ? words.crowded : words.regions(rule),
  ];
  const below: string[] = [];
  if (isBrief) {
    below.push(model.isExact ? words.allDimensions(shape.d) : words.sectionOf(shape.d));
  } else if (!model.isExact) {
    below.push(...words.section(shape.d));
  } else {
    below.push(shape.d === 3 ? words.exact : words.flat);
  }
  if (model.tokens.length < shape.n) {
    below.push(words.sample(model.tokens.length.toLocaleString('en'), shape.n.toLocaleString('en')));
  }
  return { above, below };
}
