import type { Settings, Shape } from '../algorithm/settings';
import type { TokenReadout } from '../algorithm/token-report';
import type { MatrixView, Stretch } from '../engine/engine';
import { stage as words } from '../language/stage';
import type { Theme } from '../state/palette';
import type { State } from '../state/schema';
import type { TowerPicture } from './tower';

/** The data that the stage draws from, besides the engine's buffers. */
export interface Picture {
  state: State;
  shape: Shape;
  settings: Settings;
  theme: Theme;
  head: number;
  /** The round in front, counted from 0. */
  round: number;
  matrix: MatrixView;
  /** The part of the loom that is shown. */
  stretch: Stretch;
  readout: TokenReadout | undefined;
  /** Names of the tokens, where they are pieces of a text. */
  names?: readonly string[] | undefined;
  /** The hashed vectors [heads, n, d], and the random directions [heads, d, rounds, ΣB_f/2]. */
  qk: Float32Array;
  directions: Float32Array;
}

/** The part of the stage at the pointer. */
export type Pick =
  | { what: 'token'; token: number }
  | { what: 'position'; position: number }
  | { what: 'cell'; row: number; column: number }
  | { what: 'round'; round: number };

/** What a person does on the stage. */
export interface StageActions {
  /** Clicks on a drawn part or points at it, at a place in CSS pixels; `pick` is undefined if nothing is there. */
  pick(pick: Pick | undefined, isClick: boolean, at: { x: number; y: number }): void;
  /** Drags the directions to that turn in degrees. On the flat stage they cannot be dragged. */
  turn(degrees: number): void;
  /** The stage has drawn a frame. */
  moved(): void;
}

/** A stage: in three dimensions on the GPU, or flat on a 2D canvas. */
export interface StageLike {
  /** Fetches the code that draws a scene. Until then the stage does not show the scene. @throws if the fetch fails. */
  need?(scene: State['scene']): Promise<void>;
  show(picture: Picture): void;
  /** Shows the last picture at another phase of the play. Nothing is computed. */
  showPhase(phase: number): void;
  /** True if the picture has too many tokens to move them: it then shows the marks of the play alone. */
  readonly hasMarksOnly: boolean;
  /**
   * Where the last frame shows the selected token, in CSS pixels, and how far it is from the upper to the lower row of the loom, 0 to 1;
   * undefined if it does not show it.
   */
  followed(): { x: number; y: number; down: number } | undefined;
  /** Shows the tower; the stage without a GPU cannot. */
  showTower?(picture: TowerPicture): void;
  /** Resolves when the last picture is on the screen. */
  readonly drawn?: Promise<void>;
  /** Moves the camera nearer by this factor. */
  zoom(factor: number): void;
  /** Moves the camera back to the scene's first view. */
  resetView(): void;
  /** A copy of the present picture with its labels. The 3D stage can make it `scale` times as large as on the screen. */
  copy(scale?: number): HTMLCanvasElement;
  dispose(): void;
}

const sceneNames: Record<State['scene'], string> = words.scenes;

/** Names what the stage shows and its keys, for people who cannot see it. */
export const canvasLabel = (scene: State['scene']): string =>
  `${sceneNames[scene]} ${scene === 'tower' ? words.towerKeys : words.attentionKeys}`;

/** A part of the canvas, in CSS pixels. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}
