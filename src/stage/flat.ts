import type { CpuEngine } from '../engine/cpu-engine';
import { stage as words } from '../language/stage';
import { bucketColour } from '../state/palette';
import { type State, sceneParts } from '../state/schema';
import { FlatSphere } from './flat-sphere';
import { type Area, canvasLabel, type Pick, type Picture, type StageActions, type StageLike } from './picture';
import { selectedRow } from './selection';

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
    if (this.loom.width) this.drawLoom(context, this.picture);
    if (this.matrix.width) this.drawMatrix(context, this.picture);
    if (this.sphere.area.width) this.sphere.draw(context, this.picture);
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

  private drawLoom(context: CanvasRenderingContext2D, picture: Picture): void {
    const { placement } = this.engine;
    const { shape, settings, theme, head, round, readout } = picture;
    if (!placement) return;
    const { n } = shape;
    const { x, y, width, height } = this.loom;
    const step = width / n;
    const base = (head * settings.rounds + round) * n;
    const seen = new Set(readout?.seen.filter((key) => key.rounds.includes(round)).map(({ key }) => key));
    const cell = (position: number, top: number, size: number) => {
      context.fillRect(x + position * step + 0.1 * step, top - size / 2, Math.max(0.8 * step, 0.7), size);
    };
    const chunk = readout?.rounds[round]?.chunk;
    if (chunk !== undefined) {
      for (let c = chunk - settings.lookBack; c <= chunk + settings.lookAhead; c++) {
        const first = Math.max(0, c * settings.chunk);
        const last = Math.min(n, (c + 1) * settings.chunk);
        if (last <= first) continue;
        context.globalAlpha = c === chunk ? 0.3 : 0.15;
        context.fillStyle = theme.accent;
        context.fillRect(x + first * step, y + height - 18, (last - first) * step, 36);
      }
    }
    for (let i = 0; i < n; i++) {
      const rank = placement.rank[base + i];
      const isSeen = i === readout?.token || seen.has(i);
      const colour = bucketColour(placement.buckets[base + i], theme.dark);
      context.strokeStyle = colour;
      context.globalAlpha = isSeen ? 1 : 0.35;
      context.lineWidth = isSeen ? 2 : 1;
      const fromX = x + (i + 0.5) * step;
      const toX = x + (rank + 0.5) * step;
      context.beginPath();
      context.moveTo(fromX, y + 8);
      context.bezierCurveTo(fromX, y + height / 2, toX, y + height / 2, toX, y + height - 8);
      context.stroke();
      context.globalAlpha = isSeen || !readout ? 1 : 0.6;
      context.fillStyle = i === readout?.token ? theme.ink : colour;
      cell(i, y, 14);
      cell(rank, y + height, 14);
    }
    context.globalAlpha = 0.5;
    context.fillStyle = theme.ink;
    for (let edge = 0; edge < n; edge += settings.chunk) context.fillRect(x + edge * step, y + height - 14, 1, 28);
    context.globalAlpha = 1;
    context.fillText(words.loom.original(String(n)), x, y - 16);
    context.fillText(words.loom.sorted(round + 1, settings.rounds), x, y + height + 30);
  }

  private drawMatrix(context: CanvasRenderingContext2D, picture: Picture): void {
    const { cells } = this.engine;
    const { theme, matrix } = picture;
    const { count } = matrix;
    if (cells.length !== 4 * count * count) return;
    const image = new ImageData(count, count);
    const paints = [theme.missed, theme.seen].map(([low, high]) => [rgb(low), rgb(high)]);
    const outside = rgb(theme.outside);
    for (let k = 0; k < count * count; k++) {
      const [low, high] = paints[cells[4 * k + 1] > 127 ? 1 : 0];
      const weight = cells[4 * k] / 255;
      const colour = cells[4 * k + 2] ? low.map((from, c) => from + weight * (high[c] - from)) : outside;
      image.data.set([...colour, 255], 4 * k);
    }
    const buffer = new OffscreenCanvas(count, count);
    buffer.getContext('2d')?.putImageData(image, 0, 0);
    const { x, y, width } = this.matrix;
    context.imageSmoothingEnabled = false;
    context.drawImage(buffer, x, y, width, width);
    const row = selectedRow(picture);
    if (row !== undefined) {
      context.strokeStyle = theme.accent;
      context.strokeRect(x, y + (row * width) / count, width, width / count);
    }
    context.fillStyle = theme.ink;
    context.fillText(words.matrix.brief, x, y - 10);
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

const rgb = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
