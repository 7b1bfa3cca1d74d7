/** Where a run stands after a number of half-layers. */
export interface RunPhase {
  direction: 'start' | 'up' | 'down';
  /** The layer and part just done, or undone. */
  layer: number;
  part: 'attention' | 'feedForward';
  /** Layers of which the stream holds the sum: x1 of attentions, x2 of feed-forward layers. */
  level: { x1: number; x2: number };
}

export function runPhase(layers: number, phase: number): RunPhase {
  const half = 2 * layers;
  const at = Math.min(phase, 2 * half);
  const done = at <= half ? at : 2 * half - at;
  const level = { x1: Math.ceil(done / 2), x2: Math.floor(done / 2) };
  // Going up, the last half-layer done; going down, the last undone.
  const step = at <= half ? done - 1 : done;
  const direction = at === 0 ? 'start' : at <= half ? 'up' : 'down';
  return { direction, layer: Math.max(0, step) >> 1, part: step % 2 === 1 ? 'feedForward' : 'attention', level };
}

/** What layers keep at a phase, one half-layer after the other from the bottom. */
export function isKept(layers: number, phase: number, halfLayer: number): boolean {
  const half = 2 * layers;
  const done = phase <= half ? phase : 2 * half - phase;
  return halfLayer < done;
}
