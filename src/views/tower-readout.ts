import { formatBytes, formatNumber } from '../shared/format';
import { isKept, runPhase } from '../stage/run-phase';
import type { State } from '../state/schema';
import type { Findings } from '../training/training-session';

/** Bytes that layers keep for the way back at a phase of the run. */
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

/** What happens at a phase of the run, in a formula and in words. */
export function showTowerReadout(parent: HTMLElement, state: State, findings: Findings): void {
  const { layers, keep } = state;
  const now = runPhase(layers, state.towerPhase);
  const isAttention = now.part === 'attention';
  const inverse = keep === 'buckets';
  const formula = {
    start: 'x1 = x2 = embedding',
    up: isAttention ? 'y1 = x1 + Attention(x2)' : 'y2 = x2 + FeedForward(y1)',
    down: isAttention ? 'x1 = y1 − Attention(x2)' : 'x2 = y2 − FeedForward(y1)',
  }[now.direction];
  const words = {
    start: 'Both streams begin as the embedding of the tokens.',
    up: `Forwards, layer ${now.layer + 1}: one stream is read, the other is added to.`,
    down: inverse
      ? `Backwards, layer ${now.layer + 1}: the same numbers are computed again and subtracted, so what went in comes back.`
      : `Backwards, layer ${now.layer + 1}: everything was kept, so nothing has to be computed again.`,
  }[now.direction];
  const shown = now.direction === 'down' && !inverse ? 'gradients from what was kept' : formula;
  const parts: Node[] = [element('h3', shown), element('p', words)];
  const kept = keptBytes(findings, state);
  const shared = findings.shared[keep];
  const line = document.createElement('p');
  line.append(
    'Kept for the way back: ',
    number('kept-bytes', 0, kept, formatBytes(kept)),
    '. To work with, whatever the depth: ',
    number('shared-bytes', 0, shared, formatBytes(shared)),
    '.',
  );
  parts.push(line);
  const drift = findings.drift?.[now.layer];
  if (drift) {
    const away = Math.max(drift.x1, drift.x2);
    const said = document.createElement('p');
    said.append(
      `Layer ${now.layer + 1} comes back to within `,
      number('drift', now.layer, away, formatNumber(away)),
      ' of what it was. Hashed again instead of kept, ',
      number('flipped', now.layer, drift.flipped, `${formatNumber(100 * drift.flipped)} %`),
      ' of its hashes would fall elsewhere.',
    );
    parts.push(said);
  }
  parent.replaceChildren(...parts);
}

function element(tag: string, words: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = words;
  return made;
}

function number(kind: string, index: number, value: number, words: string): HTMLElement {
  const made = element('span', words);
  Object.assign(made.dataset, { kind, index: String(index), value: String(value) });
  return made;
}
