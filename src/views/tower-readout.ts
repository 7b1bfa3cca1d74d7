import { readouts } from '../language/readouts';
import { formatBytes, formatNumber } from '../shared/format';
import { isKept, runPhase } from '../stage/run-phase';
import type { State } from '../state/schema';
import type { Findings } from '../training/training-session';
import { make } from '../ui/dom';
import { type FigureKind, FigureSurface } from '../ui/figures';

const words = readouts.tower;
const figures = new FigureSurface('layers');

/** Bytes that layers keep for the backward pass at a phase of the run. */
export function keptBytes(
  findings: Findings,
  { keep, layers, towerPhase }: Pick<State, 'keep' | 'layers' | 'towerPhase'>,
): number {
  const kept = findings.kept[keep];
  let sum = 0;
  for (let half = 0; half < 2 * layers; half++) {
    if (isKept(layers, towerPhase, half)) sum += half % 2 === 0 ? kept.attention : kept.feedForward;
  }
  return sum;
}

/** Shows the formula of a phase of the run, an explanation, the kept bytes, and the restored layer's error once it was measured. */
export function showTowerReadout(parent: HTMLElement, state: State, findings: Findings): void {
  figures.clear();
  const { layers, keep } = state;
  const now = runPhase(layers, state.towerPhase);
  const layer = now.layer + 1;
  const isReversible = keep === 'buckets';
  const { formulas } = words;
  const [formula, explanation] = {
    start: [formulas.start, words.start],
    up: [formulas.up[now.part], words.up(layer)],
    down: isReversible
      ? [formulas.down[now.part], words.downReversible(layer)]
      : [formulas.stored, words.downStored(layer)],
  }[now.direction];
  const kept = keptBytes(findings, state);
  const shared = findings.shared[keep];
  const memory = words.memory(
    number('kept-bytes', 0, kept, formatBytes(kept)),
    number('shared-bytes', 0, shared, formatBytes(shared)),
  );
  const parts: Node[] = [make('h3', {}, formula), make('p', {}, explanation), make('p', {}, ...memory)];
  const drift = findings.drift?.[now.layer];
  if (drift) {
    const error = Math.max(drift.x1, drift.x2);
    const sentences = words.drift(
      layer,
      number('drift', now.layer, error, formatNumber(error)),
      number('flipped', now.layer, drift.flipped, `${formatNumber(100 * drift.flipped)} %`),
    );
    parts.push(make('p', {}, ...sentences));
  }
  parent.replaceChildren(...parts);
}

const number = (kind: FigureKind, index: number, value: number, formatted: string): HTMLElement =>
  figures.make('span', { kind, index, value }, formatted);
