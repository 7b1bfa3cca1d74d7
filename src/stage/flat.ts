import type { CpuEngine } from '../engine/cpu-engine';
import { type State, sceneParts } from '../state/schema';
import { drawLoom, drawMatrix, heightOn } from './flat-parts';
import { FlatSphere } from './flat-sphere';
import { loomPlaceOf } from './loom-labels';
import { type Area, canvasLabel, type Pick, type Picture, type StageActions, type StageLike } from './picture';

/** The stage without a GPU: the same loom (its front round) and matrix on a 2D canvas, from the arrays of the CPU engine. */
export class FlatStage implements StageLike {
  private readonly canvas = document.createElement('canvas');
  private readonly observer: ResizeObserver;
  private picture: Picture | undefined;
  private loom: Area = { x: 0, y: 0, width: 0, height: 0 };
  private matrix: Area = { x: 0, y: 0, width: 0, height: 0 };
  private readonly sphere: FlatSphere;

  constructor(
    private readonly parent: HTMLElement,
    private readonly engine: CpuEngine,
    private readonly actions: StageActions,
  ) {
    this.canvas.className = 'stage-canvas';
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'img');
    // A finger scrolls and zooms the page: the stage without a GPU cannot be turned.
    this.canvas.style.touchAction = 'manipulation';
    this.sphere = new FlatSphere(engine);
    parent.prepend(this.canvas);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(parent);
    this.canvas.addEventListener('pointermove', (event) => this.pick(event, false));
    this.canvas.addEventListener('click', (event) => this.pick(event, true));
    this.canvas.addEventListener('pointerleave', () => this.actions.pick(undefined, false, { x: 0, y: 0 }));
  }

  show(picture: Picture): void {
    this.picture = picture;
    this.canvas.setAttribute('aria-label', canvasLabel(picture.state.scene));
    this.draw();
  }

  readonly hasMarksOnly = false;

  showPhase(phase: number): void {
    if (!this.picture) return;
    this.picture = { ...this.picture, state: { ...this.picture.state, phase } };
    this.draw();
  }

  followed(): { x: number; y: number; down: number } | undefined {
    const { picture, loom } = this;
    const place = picture && loomPlaceOf(picture);
    if (!place || !loom.width) return undefined;
    return { x: loom.x + place.x * loom.width, y: loom.y + heightOn(place.y) * loom.height, down: place.y };
  }

  copy(): HTMLCanvasElement {
    const copy = document.createElement('canvas');
    copy.width = this.canvas.width;
    copy.height = this.canvas.height;
    copy.getContext('2d')?.drawImage(this.canvas, 0, 0);
    return copy;
  }

  zoom(): void {}

  resetView(): void {}

  dispose(): void {
    this.observer.disconnect();
    this.canvas.remove();
  }

  private draw(): void {
    const { clientWidth: width, clientHeight: height } = this.parent;
    if (!this.picture || !width || !height) return;
    this.canvas.width = width * devicePixelRatio;
    this.canvas.height = height * devicePixelRatio;
    const context = this.canvas.getContext('2d');
    if (!context) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    this.arrange(width, height, this.picture.state.scene);
    context.fillStyle = this.picture.theme.paper;
    context.fillRect(0, 0, width, height);
    context.font = '12.5px system-ui, sans-serif';
    if (this.loom.width) drawLoom(context, this.picture, this.engine.placement, this.loom);
    if (this.matrix.width) drawMatrix(context, this.picture, this.engine, this.matrix);
    if (this.sphere.area.width) this.sphere.draw(context, this.picture);
    this.actions.moved();
  }

  /** Places the scene's parts side by side or one above the other. A part that the scene does not show has no size. */
  private arrange(width: number, height: number, scene: State['scene']): void {
    const none = { x: 0, y: 0, width: 0, height: 0 };
    const pad = 36;
    const parts = sceneParts[scene];
    const hasTwo = parts.length > 1;
    const isBeside = hasTwo && width > 1.1 * height;
    const loomWidth = isBeside ? (width - 3 * pad) * 0.6 : width - 2 * pad;
    const loomHeight = hasTwo && !isBeside ? (height - 3 * pad) * 0.45 : height - 2 * pad;
    // The loom comes before the matrix and after the sphere.
    const isSecond = hasTwo && parts[1] === 'loom';
    const restWidth = isBeside ? width - loomWidth - 3 * pad : width - 2 * pad;
    const restHeight = hasTwo && !isBeside ? height - loomHeight - 3.4 * pad : height - 2 * pad;
    const side = Math.max(0, Math.min(restWidth, restHeight));
    const drawnHeight = Math.min(loomHeight, 0.8 * loomWidth);
    this.loom = {
      x: isSecond && isBeside ? restWidth + 2 * pad : pad,
      y: isSecond && !isBeside ? side + 2.4 * pad : pad,
      width: loomWidth,
      height: drawnHeight,
    };
    const rest = {
      x: hasTwo && isBeside && !isSecond ? loomWidth + 2 * pad : pad,
      y: hasTwo && !isBeside && !isSecond ? drawnHeight + 2.4 * pad : pad,
      width: side,
      height: side,
    };
    if (!parts.includes('loom')) this.loom = none;
    this.matrix = parts.includes('matrix') ? rest : none;
    this.sphere.area = parts.includes('sphere') ? { ...rest, width: restWidth } : none;
  }

  private pick(event: PointerEvent | MouseEvent, isClick: boolean): void {
    if (!this.picture) return;
    const at = { x: event.offsetX, y: event.offsetY };
    this.actions.pick(this.find(at, this.picture), isClick, at);
  }

  private find({ x, y }: { x: number; y: number }, { shape, matrix }: Picture): Pick | undefined {
    if (this.sphere.area.width) {
      const pick = this.sphere.find(x, y);
      if (pick) return pick;
    }
    const { loom, matrix: square } = this;
    const column = Math.floor(((x - square.x) / square.width) * matrix.count);
    const row = Math.floor(((y - square.y) / square.width) * matrix.count);
    if (column >= 0 && row >= 0 && column < matrix.count && row < matrix.count) return { what: 'cell', row, column };
    const index = Math.floor(((x - loom.x) / loom.width) * shape.n);
    if (!(index >= 0 && index < shape.n)) return undefined;
    if (Math.abs(y - loom.y) < 14) return { what: 'token', token: index };
    if (Math.abs(y - loom.y - loom.height) < 14) return { what: 'position', position: index };
    return undefined;
  }
}
