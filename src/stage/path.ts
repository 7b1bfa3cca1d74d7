/** Where a camera stands and what it looks at. */
export interface Stand {
  eye: readonly [number, number, number];
  target: readonly [number, number, number];
}

/** Milliseconds that the camera takes between two scenes. */
export const flightTime = 600;

/**
 * The camera on its way, at t from 0 to 1: it starts and ends at rest. What it looks at goes straight; the way round goes along both
 * angles, the shorter way, and the distance by a constant factor.
 */
export function onTheWay(from: Stand, to: Stand, t: number): Stand {
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

function polar({ eye, target }: Stand): { azimuth: number; height: number; distance: number } {
  const [x, y, z] = [0, 1, 2].map((k) => eye[k] - target[k]);
  const distance = Math.hypot(x, y, z);
  return { azimuth: Math.atan2(x, z), height: Math.asin(y / distance), distance };
}
