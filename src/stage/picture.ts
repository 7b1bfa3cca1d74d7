import type { MatrixView } from '../core/engine';
import type { TokenReadout } from '../core/readout';
import type { Settings, Shape } from '../core/settings';
import type { Theme } from '../state/palette';
import type { State } from '../state/schema';

/** All that the stage draws from, besides the engine's tensors. */
export interface Picture {
  state: State;
  shape: Shape;
  settings: Settings;
  theme: Theme;
  head: number;
  /** The round in front, from 0. */
  round: number;
  matrix: MatrixView;
  readout: TokenReadout | undefined;
}

/** What a person points at. */
export type Pick =
  | { what: 'token'; token: number }
  | { what: 'position'; position: number }
  | { what: 'cell'; row: number; column: number };

/** A stage of either kind: in three dimensions on the GPU, or flat. */
export interface StageLike {
  show(picture: Picture): void;
  /** Called when a person clicks (`chosen`) or points at something drawn; undefined when at nothing. */
  onPick: ((pick: Pick | undefined, chosen: boolean, at: { x: number; y: number }) => void) | undefined;
  /** Back to the camera's first place. */
  resetView(): void;
  dispose(): void;
}
