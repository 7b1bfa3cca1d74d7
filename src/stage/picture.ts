import type { Settings, Shape } from '../algorithm/settings';
import type { TokenReadout } from '../algorithm/token-report';
import type { MatrixView, Stretch } from '../engine/engine';
import type { Theme } from '../state/palette';
import { type State, sceneParts } from '../state/schema';
import type { TowerPicture } from './tower';

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
  /** The part of the loom that is shown. */
  stretch: Stretch;
  readout: TokenReadout | undefined;
  /** What was hashed [heads, n, d], and with which directions [heads, d, rounds, ΣB_f/2]. */
  qk: Float32Array;
  directions: Float32Array;
}

/** What a person points at. */
export type Pick =
  | { what: 'token'; token: number }
  | { what: 'position'; position: number }
  | { what: 'cell'; row: number; column: number }
  | { what: 'round'; round: number };

/** A stage of either kind: in three dimensions on the GPU, or flat. */
export interface StageLike {
  /** Fetches what a scene is drawn with; until then the stage does not show it. @throws where it cannot be had. */
  need?(scene: State['scene']): Promise<void>;
  show(picture: Picture): void;
  /** The tower instead; a stage without a GPU has none. */
  showTower?(picture: TowerPicture): void;
  /** Called when a person clicks (`chosen`) or points at something drawn; undefined when at nothing. */
  onPick: ((pick: Pick | undefined, chosen: boolean, at: { x: number; y: number }) => void) | undefined;
  /** Called when a person turns the directions by that many degrees; a stage may have no such handle. */
  onTurn?: ((degrees: number) => void) | undefined;
  /** Resolves when what was last shown is on the screen. */
  readonly drawn?: Promise<void>;
  /** Nearer by this factor. */
  zoom(factor: number): void;
  /** Back to the camera's first place. */
  resetView(): void;
  /** What is drawn now, as the address of a PNG image, so many times as large as on the screen. */
  image?(scale?: number): string;
  dispose(): void;
}

const keysHelp =
  'Arrow keys: left and right select a token, up and down a round; T and Shift+T turn the directions; plus, minus and zero move the camera.';

/** What the stage shows and which keys it takes, for those who cannot see it. */
export function stageLabel(scene: State['scene']): string {
  const names = { sphere: 'the sphere of directions', loom: 'the loom', matrix: 'the matrix' };
  const shown = sceneParts[scene].map((part) => names[part]).join(' and ');
  return `${shown.charAt(0).toUpperCase()}${shown.slice(1)}. ${keysHelp}`;
}

export const towerLabel = 'The layers as a tower. Arrow keys run it up and down; plus, minus and zero move the camera.';

/** Part of the canvas, in CSS pixels. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}
