import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { Color, PerspectiveCamera, Scene, WebGPURenderer } from 'three/webgpu';
import { type Mat4, mat4, type Vec3, vec3 } from 'wgpu-matrix';
import type { Settings } from '../core/settings';
import type { GpuEngine } from '../gpu/engine';
import { type Label, Labels } from './labels';
import { Loom, loomHalfWidth } from './loom';
import { Matrix, matrixHalf } from './matrix';
import { type Pick, type Picture, type StageLike, stageLabel, towerLabel } from './picture';
import { selectedRow } from './selection';
import { Tower, type TowerPicture } from './tower';
import { type Box, frame, hit, union } from './view';

/** Where the camera looks from at first: a little from the left and above, so that the rounds stand behind one another. */
const toward = vec3.normalize([-0.1, 0.26, 1]);
/** The tower is looked at from where its bars come forward. */
const towardTower = vec3.normalize([0.22, 0.16, 1]);
const fov = 20;
const gap = 0.32;

/** The stage on the GPU: three.js draws from the engine's tensors in place, and only when something changed. */
export class Stage implements StageLike {
  onPick: StageLike['onPick'];
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(fov, 1, 0.1, 100);
  private readonly controls: OrbitControls;
  private readonly loom: Loom;
  private readonly matrix: Matrix;
  private readonly tower = new Tower();
  private readonly labels: Labels;
  private readonly observer: ResizeObserver;
  private picture: Picture | undefined;
  private towerPicture: TowerPicture | undefined;
  private matrixPlace: Mat4 = mat4.identity();
  private framed = '';
  private waiting = 0;
  private disposed = false;

  /** @throws Error if the canvas cannot be drawn on. */
  static async create(parent: HTMLElement, engine: GpuEngine): Promise<Stage> {
    const canvas = document.createElement('canvas');
    canvas.className = 'stage-canvas';
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', stageLabel);
    parent.prepend(canvas);
    const renderer = new WebGPURenderer({ canvas, device: engine.context.device, antialias: true });
    await renderer.init();
    return new Stage(parent, canvas, renderer, engine);
  }

  private constructor(
    private readonly parent: HTMLElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly renderer: WebGPURenderer,
    private readonly engine: GpuEngine,
  ) {
    this.loom = new Loom(renderer, engine);
    this.matrix = new Matrix(engine.matrixCells);
    this.matrix.mesh.matrixAutoUpdate = false;
    this.scene.add(this.matrix.mesh, this.loom.mesh, this.tower.mesh);
    this.tower.mesh.visible = false;
    this.loom.mesh.renderOrder = 1;
    this.labels = new Labels(parent);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = false;
    // The picture is flat but for its rounds: seen from the side there is nothing to see.
    this.controls.rotateSpeed = 0.35;
    this.controls.minAzimuthAngle = -0.8;
    this.controls.maxAzimuthAngle = 0.8;
    this.controls.minPolarAngle = 0.7;
    this.controls.maxPolarAngle = 1.9;
    this.controls.minDistance = 0.5;
    this.controls.maxDistance = 60;
    // A finger that goes up or down scrolls the page; sideways it turns the stage.
    canvas.style.touchAction = 'pan-y';
    this.controls.addEventListener('change', () => this.draw());
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(parent);
    this.listen();
  }

  show(picture: Picture): void {
    const { theme, state, shape, settings } = picture;
    this.picture = picture;
    this.towerPicture = undefined;
    this.tower.mesh.visible = false;
    this.canvas.setAttribute('aria-label', stageLabel);
    this.scene.background = new Color(theme.paper);
    this.loom.mesh.visible = state.scene !== 'matrix';
    this.matrix.mesh.visible = state.scene !== 'loom';
    this.loom.show(picture);
    this.matrix.show(picture, selectedRow(picture));
    this.frameOnce(`${state.scene} ${settings.rounds} ${shape.n > 0}`);
    this.labels.set(this.words(picture));
    this.draw();
  }

  showTower(picture: TowerPicture): void {
    this.picture = undefined;
    this.towerPicture = picture;
    this.scene.background = new Color(picture.theme.paper);
    this.loom.mesh.visible = false;
    this.matrix.mesh.visible = false;
    this.tower.mesh.visible = true;
    this.canvas.setAttribute('aria-label', towerLabel);
    this.tower.show(picture);
    const kind = `tower ${picture.layers}`;
    if (this.framed !== kind) this.frameBox(this.tower.box(picture.layers), towardTower, [40, 30, 62]);
    this.framed = kind;
    this.labels.set(this.tower.words(picture));
    this.draw();
  }

  private redraw(): void {
    if (this.picture) this.show(this.picture);
    else if (this.towerPicture) this.showTower(this.towerPicture);
  }

  zoom(factor: number): void {
    const { position } = this.camera;
    position.sub(this.controls.target).divideScalar(factor).add(this.controls.target);
    this.controls.update();
    this.draw();
  }

  resetView(): void {
    this.framed = '';
    this.redraw();
  }

  dispose(): void {
    this.disposed = true;
    cancelAnimationFrame(this.waiting);
    this.observer.disconnect();
    this.controls.dispose();
    this.loom.dispose();
    this.matrix.dispose();
    this.tower.dispose();
    this.renderer.dispose();
    this.labels.set([]);
    this.canvas.remove();
  }

  /** Draws once before the next frame, however often it is asked. */
  private draw(): void {
    if (this.waiting || this.disposed) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      if (!(this.picture || this.towerPicture) || this.disposed) return;
      const { clientWidth: width, clientHeight: height } = this.parent;
      const distance = this.camera.position.distanceTo(this.controls.target);
      this.loom.setPixel(this.pixelAt(distance));
      this.renderer.render(this.scene, this.camera);
      this.labels.place(this.viewProjection(), width, height);
    });
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.parent;
    if (!width || !height) return;
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.framed = '';
    this.redraw();
  }

  /** Moves the camera to see all of the scene, once for each kind of scene; afterwards it is the person's. */
  private frameOnce(kind: string): void {
    if (this.framed === kind || !this.picture) return;
    this.framed = kind;
    const { state, settings } = this.picture;
    const { aspect } = this.camera;
    const both = state.scene === 'both';
    const beside = both && aspect > 1;
    const width = 2 * loomHalfWidth + (beside ? gap + 2 * matrixHalf : 0);
    // The loom grows as high as the picture leaves room for.
    const share = both && !beside ? 0.42 : 0.84;
    this.loom.row = Math.min(1.7, Math.max(0.8, (share * width) / aspect / 2 - 0.1));
    const loom = this.loom.box(settings.rounds);
    const center: [number, number, number] = beside
      ? [loomHalfWidth + gap + matrixHalf, 0, 0]
      : [0, both ? -this.loom.row - 118 * (width / this.parent.clientWidth) - matrixHalf : 0, 0];
    const matrix: Box = {
      min: [center[0] - matrixHalf, center[1] - matrixHalf, 0],
      max: [center[0] + matrixHalf, center[1] + matrixHalf, 0],
    };
    // The matrix faces the camera's first place.
    const from = state.scene === 'matrix' ? vec3.create(0, 0, 1) : toward;
    this.matrixPlace = mat4.aim(center, vec3.add(center, from), [0, 1, 0]);
    this.matrix.mesh.matrix.fromArray(this.matrixPlace);
    this.matrix.mesh.matrixWorldNeedsUpdate = true;
    const box = both ? union(loom, matrix) : state.scene === 'loom' ? loom : matrix;
    this.frameBox(box, from, [34, 56]);
  }

  /** All of a box, with room for words above, below and left of it, in pixels. */
  private frameBox(box: Box, from: Vec3, [above, below, left = 0]: [number, number, number?]): void {
    const { aspect } = this.camera;
    const close = frame(box, from, (fov * Math.PI) / 180, aspect, 0.04);
    const pixel = this.pixelAt(vec3.distance(close.eye, close.target));
    box.max[1] += above * pixel;
    box.min[1] -= below * pixel;
    box.min[0] -= left * pixel;
    const { eye, target } = frame(box, from, (fov * Math.PI) / 180, aspect, 0.04);
    this.camera.position.set(eye[0], eye[1], eye[2]);
    this.controls.target.set(target[0], target[1], target[2]);
    this.camera.updateProjectionMatrix();
    this.controls.update();
  }

  /** Size of a pixel in the world, that far from the camera. */
  private pixelAt(distance: number): number {
    return (2 * distance * Math.tan((fov * Math.PI) / 360)) / Math.max(1, this.parent.clientHeight);
  }

  private viewProjection(): Mat4 {
    this.camera.updateMatrixWorld();
    return mat4.multiply(this.camera.projectionMatrix.elements, this.camera.matrixWorldInverse.elements);
  }

  private words({ state, settings, shape, round, readout, matrix, stretch }: Picture): Label[] {
    const labels: Label[] = [];
    if (state.scene !== 'matrix') {
      const { row } = this.loom;
      const back = this.loom.box(settings.rounds).min[2];
      const { start, first: firstShown, span } = stretch;
      const { flowBins: bins, drawnTokens } = this.engine;
      const n = shape.n.toLocaleString('en');
      const drawn =
        span > drawnTokens
          ? `; each thread ${Math.round(span / bins).toLocaleString('en')} by ${Math.round(span / bins).toLocaleString('en')}, denser is more`
          : '';
      const part =
        span < shape.n ? `${start.toLocaleString('en')} … ${(start + span - 1).toLocaleString('en')} of ` : '';
      const original = `${part}${n} tokens, original order${drawn}`;
      labels.push({ text: original, at: [-loomHalfWidth, row, back], down: -20, anchor: 'start' });
      const places =
        span < shape.n
          ? ` (positions ${firstShown.toLocaleString('en')} … ${(firstShown + span - 1).toLocaleString('en')})`
          : '';
      const sorted = `sorted by bucket, round ${round + 1} of ${settings.rounds}${places}`;
      labels.push({ text: sorted, at: [-loomHalfWidth, -row, 0], down: 46, anchor: 'start' });
      const place = readout?.rounds[round];
      if (place) {
        const first = place.chunk * settings.chunk;
        const last = Math.min(first + settings.chunk, shape.n);
        const anchor = first + last - 2 * firstShown > span ? 'end' : 'start';
        const text = `chunk ${place.chunk}${seenChunks(settings, place.chunk)}`;
        const x =
          2 * loomHalfWidth * (Math.min(1, Math.max(0, ((anchor === 'end' ? last : first) - firstShown) / span)) - 0.5);
        labels.push({ text, at: [x, -row, 0], down: 26, anchor, kind: 'accent' });
      }
    }
    if (state.scene !== 'loom') {
      const corner = (y: number): [number, number, number] => {
        const [px, py, pz] = vec3.transformMat4([-matrixHalf, y * matrixHalf, 0], this.matrixPlace);
        return [px, py, pz];
      };
      const { start, count, each } = matrix;
      const what =
        state.matrixRounds === 'one' ? `round ${round + 1}` : settings.rounds > 1 ? 'all rounds' : 'one round';
      const order = state.matrixOrder === 'sorted' ? `sorted as in round ${round + 1}` : 'original order';
      const shown = each > 1 && matrix.sortedBy !== undefined ? `round ${round + 1}` : what;
      labels.push({ text: `who sees whom: ${shown}, ${order}`, at: corner(1), down: -12, anchor: 'start' });
      const range = `${start.toLocaleString('en')} … ${(start + count - 1).toLocaleString('en')}`;
      const of = state.matrixOrder === 'sorted' ? 'sorted positions' : 'tokens';
      const part = count * each < shape.n ? `   (${of} ${range})` : '';
      labels.push({ text: `↓ queries   → keys${part}`, at: corner(-1), down: 14, anchor: 'start' });
    }
    return labels;
  }

  private listen(): void {
    let down: { x: number; y: number } | undefined;
    this.canvas.addEventListener('pointerdown', (event) => {
      down = { x: event.offsetX, y: event.offsetY };
    });
    this.canvas.addEventListener('pointerup', (event) => {
      const still = down && Math.hypot(event.offsetX - down.x, event.offsetY - down.y) < 5;
      down = undefined;
      if (still) this.pick(event, true);
    });
    this.canvas.addEventListener('pointermove', (event) => {
      if (event.buttons === 0) this.pick(event, false);
    });
    this.canvas.addEventListener('pointerleave', () => this.onPick?.(undefined, false, { x: 0, y: 0 }));
  }

  private pick(event: PointerEvent, chosen: boolean): void {
    if (!this.picture) return;
    const at = { x: event.offsetX, y: event.offsetY };
    this.onPick?.(this.find(at, this.picture), chosen, at);
  }

  private find(at: { x: number; y: number }, { state, matrix, stretch }: Picture): Pick | undefined {
    const { clientWidth: width, clientHeight: height } = this.parent;
    const viewProjection = this.viewProjection();
    if (state.scene !== 'loom') {
      const place = hit(at, viewProjection, width, height, this.matrixPlace);
      const column = place ? Math.floor(((place.x / matrixHalf + 1) / 2) * matrix.count) : -1;
      const row = place ? Math.floor(((1 - place.y / matrixHalf) / 2) * matrix.count) : -1;
      if (column >= 0 && column < matrix.count && row >= 0 && row < matrix.count) return { what: 'cell', row, column };
    }
    if (state.scene !== 'matrix') {
      const place = hit(at, viewProjection, width, height, mat4.identity());
      const { start, first, span } = stretch;
      const index = place ? Math.floor(((place.x / loomHalfWidth + 1) / 2) * span) : -1;
      if (place && index >= 0 && index < span) {
        if (Math.abs(place.y - this.loom.row) < 0.12) return { what: 'token', token: start + index };
        if (Math.abs(place.y + this.loom.row) < 0.12) return { what: 'position', position: first + index };
      }
    }
    return undefined;
  }
}

function seenChunks(settings: Settings, chunk: number): string {
  const { lookBack, lookAhead, wrap } = settings;
  const before = wrap ? lookBack : Math.min(lookBack, chunk);
  const parts = [before > 0 ? `looks back ${before}` : '', lookAhead > 0 ? `ahead ${lookAhead}` : ''].filter(Boolean);
  return parts.length ? `, ${parts.join(', ')}` : '';
}
