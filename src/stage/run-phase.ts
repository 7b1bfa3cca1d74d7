/** The state of a run through the tower after a number of half-layers. */
export interface RunPhase {
  direction: 'start' | 'up' | 'down';
  /** The half-layer that was just computed, or undone on the way down. */
  layer: number;
  part: 'attention' | 'feedForward';
  /** How many attention outputs x1 contains, and how many feed-forward outputs x2 contains. */
  level: { x1: number; x2: number };
}

export function runPhase(layers: number, phase: number): RunPhase {
  const half = 2 * layers;
  const at = Math.min(phase, 2 * half);
  const done = at <= half ? at : 2 * half - at;
  const level = { x1: Math.ceil(done / 2), x2: Math.floor(done / 2) };
  // On the way up the last half-layer computed, on the way down the last one undone.
  const step = at <= half ? done - 1 : done;
  const direction = at === 0 ? 'start' : at <= half ? 'up' : 'down';
  return { direction, layer: Math.max(0, step) >> 1, part: step % 2 === 1 ? 'feedForward' : 'attention', level };
}

/** True if a half-layer, counted from the bottom, keeps its activations at a phase. */
export function isKept(layers: number, phase: number, halfLayer: number): boolean {
  const half = 2 * layers;
  const done = phase <= half ? phase : 2 * half - phase;
  return halfLayer < done;
}
