/** The position of a camera and the point that it looks at. */
export interface Pose {
  eye: readonly [number, number, number];
  target: readonly [number, number, number];
}

/** Milliseconds of a camera flight between two scenes. */
export const flightTime = 600;

/**
 * The camera's pose at time t of a flight, from 0 to 1. It starts and ends at rest. The point that it looks at moves on a straight line,
 * both angles turn the shorter way, and the distance changes by a constant factor.
 */
export function poseAt(from: Pose, to: Pose, t: number): Pose {
  if (t <= 0) return from;
  if (t >= 1) return to;
  const eased = t * t * (3 - 2 * t);
  const mix = (a: number, b: number) => a + (b - a) * eased;
  const [a, b] = [from, to].map(polar);
  const around = ((((b.azimuth - a.azimuth + Math.PI) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI)) - Math.PI;
  const azimuth = a.azimuth + around * eased;
  const height = mix(a.height, b.height);
  const distance = a.distance * (b.distance / a.distance) ** eased;
  const target = [0, 1, 2].map((k) => mix(from.target[k], to.target[k])) as [number, number, number];
  const away = [Math.sin(azimuth) * Math.cos(height), Math.sin(height), Math.cos(azimuth) * Math.cos(height)];
  return { eye: target.map((value, k) => value + distance * away[k]) as [number, number, number], target };
}

function polar({ eye, target }: Pose): { azimuth: number; height: number; distance: number } {
  const [x, y, z] = [0, 1, 2].map((k) => eye[k] - target[k]);
  const distance = Math.hypot(x, y, z);
  return { azimuth: Math.atan2(x, z), height: Math.asin(y / distance), distance };
}
