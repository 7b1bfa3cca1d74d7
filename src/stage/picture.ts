import type { Settings, Shape } from '../algorithm/settings';
import type { TokenReadout } from '../algorithm/token-report';
import type { MatrixView, Stretch } from '../engine/engine';
import { stage as words } from '../language/stage';
import type { Theme } from '../state/palette';
import type { State } from '../state/schema';
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

const sceneNames: Record<State['scene'], string> = words.scenes;

/** Names what the stage shows and its keys, for people who cannot see it. */
export const canvasLabel = (scene: State['scene']): string =>
  `${sceneNames[scene]} ${scene === 'tower' ? words.towerKeys : words.attentionKeys}`;

/** Part of the canvas, in CSS pixels. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}
