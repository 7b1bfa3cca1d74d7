import { Color, ColorManagement, LinearSRGBColorSpace, Scene, WebGPURenderer } from 'three/webgpu';
import { type Mat4, mat4, vec3 } from 'wgpu-matrix';
import type { GpuEngine } from '../gpu/gpu-engine';
import { mark } from '../shared/perf-mark';
import { loadScript } from '../shared/tasks';
import { type State, sceneParts } from '../state/schema';
import { StageCamera } from './camera';
import { type Label, Labels } from './labels';
import { Loom, loomHalfWidth } from './loom';
import { loomLabels, matrixLabels } from './loom-labels';
import { Matrix, matrixHalf } from './matrix';
import { canvasLabel, type Pick, type Picture, type StageLike } from './picture';
import { type At, listen } from './pointer';
import { type Box, hit, type Point, union } from './projection';
import { selectedRow } from './selection';
import { rest } from './shared';
import type { Sphere } from './sphere';
import type { Tower, TowerPicture } from './tower';

/** Where the camera looks from at first: a little from the left and above, so that the rounds stand behind one another. */
const toward = vec3.normalize([-0.1, 0.26, 1]);
/** The tower is looked at from where its bars come forward. */
const towardTower = vec3.normalize([0.22, 0.16, 1]);
const gap = 0.32;
/** Frames given to the device ahead of what it has drawn: one more would only be late. */
const mostInFlight = 2;
/** From the middle of the loom to that of the sphere beside it. */
const sphereAway = 3.7;

// Colours are mixed as CSS mixes them, in sRGB, so that the stage looks like its legends; and drawn as they are, which spares each frame
// a second pass over all of it.
ColorManagement.enabled = false;

/** When the browser shows what was drawn before. */
const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));

type ScenePart = (typeof sceneParts)[State['scene']][number];

/** The stage on the GPU: three.js draws from the engine's tensors in place, and only when something changed. */
export class Stage implements StageLike {
  onPick: StageLike['onPick'];
  onTurn: StageLike['onTurn'];
  private readonly scene = new Scene();
  private readonly camera: StageCamera;
  private readonly loom: Loom;
  private readonly matrix: Matrix;
  // These two are fetched when a scene has them.
  private sphere: Sphere | undefined;
  private tower: Tower | undefined;
  private readonly labels: Labels;
  private readonly observer: ResizeObserver;
  private width = 0;
  private height = 0;
  private picture: Picture | undefined;
  private towerPicture: TowerPicture | undefined;
  private matrixPlace: Mat4 = mat4.identity();
  private framed = '';
  /** What is left in a flight stays in view until it is over. */
  private leaving: readonly ScenePart[] = [];
  private waiting = 0;
  private disposed = false;

  /** What the first scene needs is compiled ahead. @throws Error if the canvas cannot be drawn on. */
  static async create(parent: HTMLElement, engine: GpuEngine, first: State['scene']): Promise<Stage> {
    const canvas = document.createElement('canvas');
    canvas.className = 'stage-canvas';
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'img');
    parent.prepend(canvas);
    const renderer = new WebGPURenderer({ canvas, device: engine.context.device });
    renderer.outputColorSpace = LinearSRGBColorSpace;
    await renderer.init();
    const stage = new Stage(parent, canvas, renderer, engine);
    try {
      await stage.need(first);
    } catch (error) {
      stage.dispose();
      throw error;
    }
    stage.showParts(sceneParts[first]);
    const compiled = renderer.compileAsync(stage.scene, stage.camera.camera);
    void compiled.catch(() => {}).then(() => stage.begin());
    return stage;
  }

  drawn = Promise.resolve();
  /** Called when the device has drawn what is new. */
  private isDrawn = () => {};
  private isNew = false;
  private isFirst = true;
  /** What the first scene is drawn with is compiled: three.js would leave out what is not. */
  private isCompiled = false;
  /** Frames that the device has not drawn yet, and whether another one waits for that. */
  private inFlight = 0;
  private isLate = false;

  private constructor(
    private readonly parent: HTMLElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly renderer: WebGPURenderer,
    private readonly engine: GpuEngine,
  ) {
    this.loom = new Loom(renderer, engine);
    this.matrix = new Matrix(engine.matrixCells);
    this.matrix.mesh.matrixAutoUpdate = false;
    this.scene.add(this.matrix.mesh, this.loom.mesh);
    this.loom.mesh.renderOrder = 1;
    this.labels = new Labels(parent);
    this.camera = new StageCamera(canvas, () => this.draw());
    this.observer = new ResizeObserver(() => this.fit() && this.redraw());
    this.observer.observe(parent);
    listen(canvas, {
      grip: (at) => this.grip(at),
      turn: () => this.picture?.state.turn,
      turnTo: (degrees) => this.onTurn?.(degrees),
      hold: (isHeld) => {
        this.camera.isHeld = isHeld;
      },
      pick: (at, chosen) => this.picture && this.onPick?.(this.find(at, this.picture), chosen, at),
      leave: () => this.onPick?.(undefined, false, { x: 0, y: 0 }),
    });
  }

  async need(scene: State['scene']): Promise<void> {
    if (scene === 'tower' && !this.tower) {
      const { Tower } = await loadScript(import('./tower'));
      if (this.tower || this.disposed) return;
      this.tower = new Tower();
      // Until it shows something.
      this.tower.mesh.visible = false;
      this.scene.add(this.tower.mesh);
    }
    if (sceneParts[scene].includes('sphere') && !this.sphere) {
      const { Sphere } = await loadScript(import('./sphere'));
      if (this.sphere || this.disposed) return;
      const sphere = new Sphere(this.renderer, this.engine);
      await this.renderer.compileAsync(sphere.group, this.camera.camera, this.scene);
      if (this.sphere || this.disposed) return sphere.dispose();
      sphere.group.visible = false;
      this.sphere = sphere;
      this.scene.add(sphere.group);
    }
  }

  show(picture: Picture): void {
    const { theme, state, shape, settings } = picture;
    // Who needs a scene shows it again as soon as it is there.
    if (sceneParts[state.scene].includes('sphere') && !this.sphere) return;
    const before = this.picture;
    this.picture = picture;
    this.towerPicture = undefined;
    this.canvas.setAttribute('aria-label', canvasLabel(state.scene));
    this.scene.background = new Color(theme.paper);
    const parts = sceneParts[state.scene];
    if (before && before.state.scene !== state.scene) this.leaving = sceneParts[before.state.scene];
    const kind = `${state.scene} ${settings.rounds} ${shape.n > 0}`;
    this.frameOnce(kind);
    // Who hears first that there is another size may show something before this stage hears of it. A flight that has begun goes on.
    if (this.fit()) this.frameOnce(kind);
    if (!this.camera.isFlying) this.leaving = [];
    const drawn = [...parts, ...this.leaving];
    if (drawn.includes('loom')) this.loom.show(picture);
    if (drawn.includes('matrix')) this.matrix.show(picture, selectedRow(picture));
    if (drawn.includes('sphere')) this.sphere?.show(picture);
    if (state.scene === 'sphere') this.keepInSight(picture, before);
    this.showParts(drawn);
    this.labels.set(this.labelsOf(picture));
    this.expect();
  }

  showTower(picture: TowerPicture): void {
    const { tower } = this;
    if (!tower) return;
    this.picture = undefined;
    this.towerPicture = picture;
    this.fit();
    this.scene.background = new Color(picture.theme.paper);
    this.leaving = [];
    this.showParts([]);
    this.canvas.setAttribute('aria-label', canvasLabel('tower'));
    tower.show(picture);
    const kind = `tower ${picture.layers}`;
    if (this.framed !== kind) {
      this.camera.isFree = false;
      this.camera.frame(tower.box(picture.layers), towardTower, [40, 30, 62], this.parent.clientHeight);
    }
    this.framed = kind;
    this.labels.set(tower.labels(picture));
    this.expect();
  }

  /** Something new is to be drawn. */
  private expect(): void {
    if (!this.isNew) {
      this.drawn = new Promise((resolve) => {
        this.isDrawn = resolve;
      });
    }
    this.isNew = true;
    this.drawSoon();
  }

  /**
   * Draws a new picture as soon as what runs now is done: the browser may be late with its next frame. Only the tower, which may change
   * many times a frame, waits for that.
   */
  private drawSoon(): void {
    this.draw();
    const { waiting } = this;
    if (!waiting || !this.isNew || !this.picture) return;
    queueMicrotask(() => {
      if (waiting !== this.waiting || document.hidden) return;
      cancelAnimationFrame(waiting);
      this.frame();
    });
  }

  image(scale = 1): string {
    const { clientWidth: width, clientHeight: height } = this.parent;
    const { labels, canvas, pixels } = this;
    const copy = document.createElement('canvas');
    copy.width = Math.round(width * pixels * scale);
    copy.height = Math.round(height * pixels * scale);
    this.render(scale);
    const context = copy.getContext('2d') as CanvasRenderingContext2D;
    context.drawImage(canvas, 0, 0, copy.width, copy.height);
    context.scale(copy.width / width, copy.height / height);
    labels.paint(context);
    this.draw();
    return copy.toDataURL('image/png');
  }

  /** What a scene shows stands side by side, else one above the other. */
  private get isWide(): boolean {
    return this.camera.aspect > 1;
  }

  private labelsOf(picture: Picture): Label[] {
    const parts = sceneParts[picture.state.scene];
    const { flowBins, drawnTokens } = this.engine;
    const back = this.loom.box(picture.settings.rounds).min[2];
    const look = { row: this.loom.row, back, flowBins, drawnTokens, isBeside: parts.includes('matrix') && this.isWide };
    return [
      ...(parts.includes('loom') ? loomLabels(picture, look) : []),
      ...(parts.includes('matrix') ? matrixLabels(picture, this.matrixPlace) : []),
      ...((parts.includes('sphere') && this.sphere?.labels(picture)) || []),
    ];
  }

  zoom(factor: number): void {
    this.camera.zoom(factor);
    this.draw();
  }

  resetView(): void {
    this.framed = '';
    this.redraw();
  }

  dispose(): void {
    this.disposed = true;
    cancelAnimationFrame(this.waiting);
    this.isDrawn();
    this.observer.disconnect();
    this.camera.dispose();
    this.loom.dispose();
    this.matrix.dispose();
    this.sphere?.dispose();
    this.tower?.dispose();
    this.renderer.dispose();
    this.labels.set([]);
    this.canvas.remove();
  }

  private redraw(): void {
    // While a job is computed its tensors are not there yet; what it gives is shown when it is done.
    if (this.picture && this.engine.hasResult) this.show(this.picture);
    else if (this.towerPicture) this.showTower(this.towerPicture);
  }

  private showParts(parts: readonly ScenePart[]): void {
    this.loom.mesh.visible = parts.includes('loom');
    this.matrix.mesh.visible = parts.includes('matrix');
    if (this.sphere) this.sphere.group.visible = parts.includes('sphere');
    if (this.tower) this.tower.mesh.visible = this.towerPicture !== undefined;
  }

  private begin(): void {
    this.isCompiled = true;
    this.drawSoon();
  }

  /** Asks for the next frame, once however often it is called; as long as the camera is on its way, each asks for another. */
  private draw(): void {
    if (!this.isCompiled || this.waiting || this.disposed) return;
    if (this.inFlight >= mostInFlight) {
      this.isLate = true;
      return;
    }
    this.waiting = requestAnimationFrame((now) => this.frame(now));
  }

  /** One picture. `now`: the frame's time in milliseconds, if it is a frame's. */
  private frame(now?: number): void {
    this.waiting = 0;
    if (!(this.picture || this.towerPicture) || this.disposed) return;
    const { clientWidth: width, clientHeight: height } = this.parent;
    const { camera } = this;
    camera.step(now);
    if (!camera.isFlying && this.leaving.length && this.picture) {
      this.leaving = [];
      this.showParts(sceneParts[this.picture.state.scene]);
    }
    if (this.sphere?.turnTo(camera.axes) && this.picture) this.labels.set(this.labelsOf(this.picture));
    this.render();
    void this.tell(now === undefined ? nextFrame() : undefined);
    this.labels.place(camera.viewProjection, width, height, camera.eye);
    if (camera.isFlying) this.draw();
  }

  /** Marks when what is new was handed to the device, and when the device has drawn it and the `frame` that shows it has come. */
  private async tell(frame: Promise<void> | undefined): Promise<void> {
    const { isNew, isDrawn } = this;
    this.isNew = false;
    if (isNew) mark('drawn');
    this.inFlight++;
    await this.engine.idle();
    this.inFlight--;
    if (this.isLate) {
      this.isLate = false;
      this.drawSoon();
    }
    if (!isNew) return;
    await frame;
    mark('picture');
    if (this.isFirst) mark('first picture');
    this.isFirst = false;
    isDrawn();
  }

  /** Of the screen's, in each of CSS. */
  private get pixels(): number {
    return Math.min(devicePixelRatio, 2);
  }

  /** What is flat fades at its edges by itself; the tower's boxes are drawn with more pixels than are shown. */
  private render(scale = 1): void {
    const { renderer, pixels, camera } = this;
    const { clientWidth: width, clientHeight: height } = this.parent;
    // Where there is no room, a pixel is as large as everything.
    if (!width || !height) return;
    const ratio = scale * (this.towerPicture ? Math.min(2 * pixels, 2) : pixels);
    if (renderer.getPixelRatio() !== ratio) renderer.setPixelRatio(ratio);
    const pixel = camera.pixelAt(camera.distance, height);
    this.loom.setPixel(pixel, pixel / ratio);
    this.sphere?.setViewport(width, height, pixel, ratio);
    renderer.render(this.scene, camera.camera);
    rest(renderer);
  }

  /** Takes the size that there is. False if it has that, or if there is no room. */
  private fit(): boolean {
    const { clientWidth: width, clientHeight: height } = this.parent;
    const hasRoom = width > 0 && height > 0;
    if (hasRoom && width === this.width && height === this.height) return false;
    this.width = width;
    this.height = height;
    if (!hasRoom) return false;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.framed = '';
    return true;
  }

  /** Moves the camera to see all of the scene, once for each kind of scene; afterwards it is the person's. */
  private frameOnce(kind: string): void {
    if (this.framed === kind || !this.picture) return;
    this.framed = kind;
    const { state, settings } = this.picture;
    const { isWide, sphere } = this;
    const { aspect } = this.camera;
    const { clientWidth, clientHeight } = this.parent;
    const parts = sceneParts[state.scene];
    const both = parts.length > 1;
    const beside = both && isWide;
    const withMatrix = state.scene === 'both';
    const width = 2 * loomHalfWidth + (beside ? (withMatrix ? gap + 2 * matrixHalf : sphereAway) : 0);
    // The loom grows as high as the picture leaves room for.
    const share = both && !beside ? 0.42 : 0.84;
    this.loom.row = Math.min(1.7, Math.max(0.8, (share * width) / aspect / 2 - 0.1));
    const loom = this.loom.box(settings.rounds);
    const below = withMatrix && !beside;
    const center: [number, number, number] =
      withMatrix && beside
        ? [loomHalfWidth + gap + matrixHalf, 0, 0]
        : [0, below ? -this.loom.row - 118 * (width / clientWidth) - matrixHalf : 0, 0];
    const matrix: Box = {
      min: [center[0] - matrixHalf, center[1] - matrixHalf, 0],
      max: [center[0] + matrixHalf, center[1] + matrixHalf, 0],
    };
    // The matrix faces the camera's first place.
    const from = state.scene === 'matrix' ? vec3.create(0, 0, 1) : toward;
    this.matrixPlace = mat4.aim(center, vec3.add(center, from), [0, 1, 0]);
    this.matrix.mesh.matrix.fromArray(this.matrixPlace);
    this.matrix.mesh.matrixWorldNeedsUpdate = true;
    const at: Point = isWide ? [-sphereAway, 0, 0] : [0, this.loom.row + 150 * (width / clientWidth) + 1.75, 0];
    sphere?.arrange(settings.rounds, isWide, state.scene === 'sphere', at);
    const boxes = { loom, matrix, sphere: sphere?.box() ?? loom };
    this.camera.isFree = state.scene === 'sphere';
    const box = parts.map((part) => boxes[part]).reduce(union);
    if (sphere && state.scene === 'sphere') {
      sphere.show(this.picture);
      this.camera.frameAround(at, box, vec3.create(...sphere.home), [52, 78], clientHeight);
    } else this.camera.frame(box, from, parts.includes('sphere') ? [52, 78] : [34, 56], clientHeight);
  }

  /** A token on the far side that was just selected comes round. */
  private keepInSight({ readout }: Picture, before: Picture | undefined): void {
    const { sphere } = this;
    const place = sphere?.model?.selected;
    if (!sphere || !place || !before || before.readout?.token === readout?.token) return;
    if (vec3.dot(place, this.camera.axes.toEye) < 0.1) this.camera.face(vec3.create(...sphere.home));
  }

  private grip(at: At): number | undefined {
    if (!this.picture || !sceneParts[this.picture.state.scene].includes('sphere')) return undefined;
    const { clientWidth: width, clientHeight: height } = this.parent;
    return this.sphere?.grip(at, this.camera.viewProjection, this.camera.eye, width, height);
  }

  private find(at: At, picture: Picture): Pick | undefined {
    const { clientWidth: width, clientHeight: height } = this.parent;
    const { viewProjection, eye } = this.camera;
    const { sphere, loom, matrix } = this;
    const parts = sceneParts[picture.state.scene];
    return (
      (parts.includes('sphere') ? sphere?.find(at, viewProjection, eye, width, height) : undefined) ??
      (parts.includes('matrix')
        ? matrix.find(hit(at, viewProjection, width, height, this.matrixPlace), picture)
        : undefined) ??
      (parts.includes('loom') ? loom.find(hit(at, viewProjection, width, height, mat4.identity()), picture) : undefined)
    );
  }
}
