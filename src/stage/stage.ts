import { Color, ColorManagement, LinearSRGBColorSpace, Scene, type WebGPURenderer } from 'three/webgpu';
import { type Mat4, mat4, vec3 } from 'wgpu-matrix';
import type { GpuEngine } from '../gpu/gpu-engine';
import { mark } from '../shared/perf-mark';
import { loadScript } from '../shared/tasks';
import { type State, sceneParts } from '../state/schema';
import { StageCamera } from './camera';
import { EngineTensors } from './engine-tensors';
import { type Label, Labels } from './labels';
import { Loom } from './loom';
import { loomHalfWidth } from './loom-geometry';
import { loomLabels, loomPlaceOf, matrixLabels, pieceLabels } from './loom-labels';
import { Matrix, matrixHalf } from './matrix';
import { canvasLabel, type Pick, type Picture, type StageActions, type StageLike } from './picture';
import { type At, listenToPointer } from './pointer';
import { shownPhase } from './progress';
import { type Box, hit, type Point, project, union } from './projection';
import { makeRenderer } from './renderer';
import { selectedRow } from './selection';
import { rest } from './shared';
import type { Sphere } from './sphere';
import type { Tower, TowerPicture } from './tower';

/** The camera's first direction: a little from the left and above, so that the rounds stand behind one another. */
const toward = vec3.normalize([-0.1, 0.26, 1]);
/** The camera's direction for the tower, from which its bars come forward. */
const towardTower = vec3.normalize([0.22, 0.16, 1]);
const gap = 0.32;
/** Most frames that wait for the device at once: one more would only be late. */
const mostInFlight = 2;
/** From the middle of the loom to the middle of the sphere beside it. */
const sphereAway = 3.7;

// Colours are mixed in sRGB, as CSS does, so that the stage matches its legends. Drawing them without conversion also saves a second
// pass in each frame.
ColorManagement.enabled = false;

/** Resolves at the next frame, when the browser shows what was drawn before. */
const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));

type ScenePart = (typeof sceneParts)[State['scene']][number];

/** The stage on the GPU: three.js draws from the engine's buffers without a copy, and only when something changed. */
export class Stage implements StageLike {
  private readonly scene = new Scene();
  private readonly camera: StageCamera;
  private readonly tensors: EngineTensors;
  private readonly loom: Loom;
  private readonly matrix: Matrix;
  // These two are fetched with the first scene that has them.
  private sphere: Sphere | undefined;
  private tower: Tower | undefined;
  private readonly labels: Labels;
  private readonly observer: ResizeObserver;
  private width = 0;
  private height = 0;
  private picture: Picture | undefined;
  private towerPicture: TowerPicture | undefined;
  private matrixPlace: Mat4 = mat4.identity();
  /** The kind of scene that the camera was moved for. */
  private framedKind = '';
  /** Parts of the scene before, which stay visible during a flight. */
  private leavingParts: readonly ScenePart[] = [];
  /** The requested frame, or 0. */
  private frameRequest = 0;
  private isDisposed = false;

  /** Creates the stage and begins to compile the first scene. @throws Error if the canvas cannot be drawn on. */
  static async create(
    parent: HTMLElement,
    engine: GpuEngine,
    first: State['scene'],
    actions: StageActions,
  ): Promise<Stage> {
    const canvas = document.createElement('canvas');
    canvas.className = 'stage-canvas';
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'img');
    const { device } = engine.context;
    // three.js asks for a context with its first picture, where the lack of one would stay without a message.
    const context = canvas.getContext('webgpu');
    if (!context) throw new Error('The canvas has no WebGPU context.');
    context.configure({ device, format: navigator.gpu.getPreferredCanvasFormat() });
    const renderer = makeRenderer(canvas, device, context);
    renderer.outputColorSpace = LinearSRGBColorSpace;
    await renderer.init();
    parent.prepend(canvas);
    const stage = new Stage(parent, canvas, renderer, engine, actions);
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
  /** Resolves `drawn`. */
  private resolveDrawn = () => {};
  /** True while a new picture has not been drawn. */
  private isNew = false;
  private isFirst = true;
  /** True once the first scene is compiled. Before, three.js would leave out parts of it. */
  private isCompiled = false;
  /** Frames that the device has not drawn yet, and whether another frame waits for them. */
  private inFlight = 0;
  private isLate = false;

  private constructor(
    private readonly parent: HTMLElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly renderer: WebGPURenderer,
    private readonly engine: GpuEngine,
    private readonly actions: StageActions,
  ) {
    this.tensors = new EngineTensors(renderer, engine);
    this.loom = new Loom(engine, this.tensors);
    this.matrix = new Matrix(engine.matrixCells, this.tensors);
    this.matrix.mesh.matrixAutoUpdate = false;
    this.scene.add(this.matrix.mesh, this.loom.mesh);
    this.loom.mesh.renderOrder = 1;
    this.labels = new Labels(parent);
    this.camera = new StageCamera(canvas, () => this.draw());
    this.observer = new ResizeObserver(() => this.fit() && this.redraw());
    this.observer.observe(parent);
    listenToPointer(canvas, {
      grip: (at) => this.grip(at),
      turn: () => this.picture?.state.turn,
      turnTo: (degrees) => actions.turn(degrees),
      hold: (isHeld) => {
        this.camera.isHeld = isHeld;
      },
      pick: (at, isClick) => this.picture && actions.pick(this.find(at, this.picture), isClick, at),
      leave: () => actions.pick(undefined, false, { x: 0, y: 0 }),
    });
  }

  async need(scene: State['scene']): Promise<void> {
    if (scene === 'tower' && !this.tower) {
      const { Tower } = await loadScript(import('./tower'));
      if (this.tower || this.isDisposed) return;
      this.tower = new Tower();
      // Until the first `showTower`.
      this.tower.mesh.visible = false;
      this.scene.add(this.tower.mesh);
    }
    if (sceneParts[scene].includes('sphere') && !this.sphere) {
      const { Sphere } = await loadScript(import('./sphere'));
      if (this.sphere || this.isDisposed) return;
      const sphere = new Sphere(this.renderer, this.engine);
      await this.renderer.compileAsync(sphere.group, this.camera.camera, this.scene);
      if (this.sphere || this.isDisposed) return sphere.dispose();
      sphere.group.visible = false;
      this.sphere = sphere;
      this.scene.add(sphere.group);
    }
  }

  show(given: Picture): void {
    const picture = this.atShownPhase(given, given.state.phase);
    const { theme, state, shape, settings } = picture;
    // `need` was called for this scene, and its caller shows the picture again once the sphere is there.
    if (sceneParts[state.scene].includes('sphere') && !this.sphere) return;
    const before = this.picture;
    this.picture = picture;
    this.towerPicture = undefined;
    this.canvas.setAttribute('aria-label', canvasLabel(state.scene));
    this.scene.background = new Color(theme.paper);
    const parts = sceneParts[state.scene];
    if (before && before.state.scene !== state.scene) this.leavingParts = sceneParts[before.state.scene];
    const kind = `${state.scene} ${settings.rounds} ${shape.n > 0}`;
    this.frameOnce(kind);
    // A caller may show a picture before our own observer reports a new size. A running flight goes on.
    if (this.fit()) this.frameOnce(kind);
    if (!this.camera.isFlying) this.leavingParts = [];
    const visible = [...parts, ...this.leavingParts];
    if (visible.includes('loom')) this.loom.show(picture);
    if (visible.includes('matrix')) this.matrix.show(picture, selectedRow(picture));
    if (visible.includes('sphere')) this.sphere?.show(picture);
    if (state.scene === 'sphere') this.keepInSight(picture, before);
    this.showParts(visible);
    this.labels.set(this.labelsOf(picture));
    this.drawNew();
  }

  showTower(picture: TowerPicture): void {
    const { tower } = this;
    if (!tower) return;
    this.picture = undefined;
    this.towerPicture = picture;
    this.fit();
    this.scene.background = new Color(picture.theme.paper);
    this.leavingParts = [];
    this.showParts([]);
    this.canvas.setAttribute('aria-label', canvasLabel('tower'));
    tower.show(picture);
    const kind = `tower ${picture.layers}`;
    if (this.framedKind !== kind) {
      this.camera.isFree = false;
      this.camera.frame(tower.box(picture.layers), towardTower, [40, 30, 62], this.parent.clientHeight);
    }
    this.framedKind = kind;
    this.labels.set(tower.labels(picture));
    this.drawNew();
  }

  showPhase(phase: number): void {
    const { picture, loom, matrix, sphere } = this;
    // While a job runs its buffers are incomplete.
    if (!picture || !this.engine.hasResult) return;
    const next = this.atShownPhase(picture, phase);
    this.picture = next;
    if (loom.mesh.visible) loom.showPhase(next);
    if (matrix.mesh.visible) matrix.showPhase(next);
    if (sphere?.group.visible) sphere.showPhase(next);
    this.labels.set(this.labelsOf(next));
    this.draw();
  }

  /** The picture at a phase of the play, or where single tokens are not drawn, at the mark before it. */
  private atShownPhase(picture: Picture, phase: number): Picture {
    return { ...picture, state: { ...picture.state, phase: shownPhase(phase, this.isDense(picture)) } };
  }

  followed(): { x: number; y: number; down: number } | undefined {
    const { picture, loom, sphere, parent, camera } = this;
    if (!picture || !this.width) return undefined;
    const parts = sceneParts[picture.state.scene];
    const place = parts.includes('loom') ? loomPlaceOf(picture) : undefined;
    const at: Point | undefined = place
      ? [2 * loomHalfWidth * (place.x - 0.5), loom.row * (1 - 2 * place.y), 0]
      : parts.includes('sphere')
        ? sphere?.selected
        : undefined;
    const pixel = at && project(at, camera.viewProjection, parent.clientWidth, parent.clientHeight);
    return pixel && { x: pixel.x, y: pixel.y, down: place?.y ?? 0 };
  }

  private isDense({ stretch, matrix }: Picture): boolean {
    return stretch.span > this.engine.drawnTokens || matrix.each > 1;
  }

  get hasMarksOnly(): boolean {
    return this.picture !== undefined && this.isDense(this.picture);
  }

  /** Draws soon, as there is a new picture. */
  private drawNew(): void {
    if (!this.isNew) {
      this.drawn = new Promise((resolve) => {
        this.resolveDrawn = resolve;
      });
    }
    this.isNew = true;
    this.drawSoon();
  }

  /**
   * Draws a new picture right after the running code, as the browser's next frame may be late. Only the tower, which may change many
   * times a frame, waits for the next frame.
   */
  private drawSoon(): void {
    this.draw();
    const { frameRequest } = this;
    if (!frameRequest || !this.isNew || !this.picture) return;
    queueMicrotask(() => {
      if (frameRequest !== this.frameRequest || document.hidden) return;
      cancelAnimationFrame(frameRequest);
      this.frame();
    });
  }

  copy(scale = 1): HTMLCanvasElement {
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
    return copy;
  }

  /** True if the parts of a scene stand side by side, false if one above the other. */
  private get isWide(): boolean {
    return this.camera.aspect > 1;
  }

  private labelsOf(picture: Picture): Label[] {
    const parts = sceneParts[picture.state.scene];
    const { flowBins, drawnTokens } = this.engine;
    const back = this.loom.box(picture.settings.rounds).min[2];
    const look = { row: this.loom.row, back, flowBins, drawnTokens, isBeside: parts.includes('matrix') && this.isWide };
    return [
      ...(parts.includes('loom') ? [...loomLabels(picture, look), ...pieceLabels(picture, look.row)] : []),
      ...(parts.includes('matrix') ? matrixLabels(picture, this.matrixPlace) : []),
      ...((parts.includes('sphere') && this.sphere?.labels(picture)) || []),
    ];
  }

  zoom(factor: number): void {
    this.camera.zoom(factor);
    this.draw();
  }

  resetView(): void {
    this.framedKind = '';
    this.redraw();
  }

  dispose(): void {
    this.isDisposed = true;
    cancelAnimationFrame(this.frameRequest);
    this.resolveDrawn();
    this.observer.disconnect();
    this.camera.dispose();
    this.loom.dispose();
    this.matrix.dispose();
    this.tensors.dispose();
    this.sphere?.dispose();
    this.tower?.dispose();
    this.renderer.dispose();
    this.labels.set([]);
    this.canvas.remove();
  }

  private redraw(): void {
    // While a job runs its buffers are incomplete. Its picture is shown when it is done.
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

  /** Requests the next frame, once for any number of calls. During a flight each frame requests another. */
  private draw(): void {
    if (!this.isCompiled || this.frameRequest || this.isDisposed) return;
    if (this.inFlight >= mostInFlight) {
      this.isLate = true;
      return;
    }
    this.frameRequest = requestAnimationFrame((now) => this.frame(now));
  }

  /** Draws one picture. `now` is the frame's time in milliseconds, undefined for a picture between frames. */
  private frame(now?: number): void {
    this.frameRequest = 0;
    if (!(this.picture || this.towerPicture) || this.isDisposed) return;
    const { clientWidth: width, clientHeight: height } = this.parent;
    const { camera } = this;
    camera.step(now);
    if (!camera.isFlying && this.leavingParts.length && this.picture) {
      this.leavingParts = [];
      this.showParts(sceneParts[this.picture.state.scene]);
    }
    if (this.sphere?.turnTo(camera.axes) && this.picture) this.labels.set(this.labelsOf(this.picture));
    this.render();
    void this.markFrame(now === undefined ? nextFrame() : undefined);
    this.labels.place(camera.viewProjection, width, height, camera.eye);
    this.actions.moved();
    if (camera.isFlying) this.draw();
  }

  /** Sets performance marks for a new picture: when the device got it, and when it was drawn and the `frame` that shows it came. */
  private async markFrame(frame: Promise<void> | undefined): Promise<void> {
    const { isNew, resolveDrawn } = this;
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
    resolveDrawn();
  }

  /** Device pixels per CSS pixel. */
  private get pixels(): number {
    return Math.min(devicePixelRatio, 2);
  }

  /** Draws one picture. Only the tower is drawn at twice the resolution: all other parts antialias their own edges. */
  private render(scale = 1): void {
    const { renderer, pixels, camera } = this;
    const { clientWidth: width, clientHeight: height } = this.parent;
    // Without a size, a pixel would be as large as the world.
    if (!width || !height) return;
    const ratio = scale * (this.towerPicture ? Math.min(2 * pixels, 2) : pixels);
    if (renderer.getPixelRatio() !== ratio) renderer.setPixelRatio(ratio);
    const pixel = camera.pixelAt(camera.distance, height);
    this.loom.setPixel(pixel, pixel / ratio);
    this.sphere?.setViewport(width, height, pixel, ratio);
    renderer.render(this.scene, camera.camera);
    rest(renderer);
  }

  /** Adopts the size of the parent. Returns false if it is unchanged or empty. */
  private fit(): boolean {
    const { clientWidth: width, clientHeight: height } = this.parent;
    const hasSize = width > 0 && height > 0;
    if (hasSize && width === this.width && height === this.height) return false;
    this.width = width;
    this.height = height;
    if (!hasSize) return false;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.framedKind = '';
    return true;
  }

  /** Moves the camera to see all of the scene, once for each kind of scene. Afterwards a person moves it. */
  private frameOnce(kind: string): void {
    if (this.framedKind === kind || !this.picture) return;
    this.framedKind = kind;
    const { state, settings } = this.picture;
    const { isWide, sphere } = this;
    const { aspect } = this.camera;
    const { clientWidth, clientHeight } = this.parent;
    const parts = sceneParts[state.scene];
    const hasTwo = parts.length > 1;
    const isBeside = hasTwo && isWide;
    const hasBoth = state.scene === 'both';
    const width = 2 * loomHalfWidth + (isBeside ? (hasBoth ? gap + 2 * matrixHalf : sphereAway) : 0);
    // The loom is as high as the picture allows.
    const share = hasTwo && !isBeside ? 0.42 : 0.84;
    this.loom.row = Math.min(1.7, Math.max(0.8, (share * width) / aspect / 2 - 0.1));
    const loom = this.loom.box(settings.rounds);
    const isBelow = hasBoth && !isBeside;
    const center: [number, number, number] =
      hasBoth && isBeside
        ? [loomHalfWidth + gap + matrixHalf, 0, 0]
        : [0, isBelow ? -this.loom.row - 118 * (width / clientWidth) - matrixHalf : 0, 0];
    const matrix: Box = {
      min: [center[0] - matrixHalf, center[1] - matrixHalf, 0],
      max: [center[0] + matrixHalf, center[1] + matrixHalf, 0],
    };
    // The matrix faces the camera's first position.
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

  /** Turns the sphere's near side to a newly selected token on the far side. */
  private keepInSight({ readout }: Picture, before: Picture | undefined): void {
    const { sphere } = this;
    const point = sphere?.model?.selected;
    if (!sphere || !point || !before || before.readout?.token === readout?.token) return;
    if (vec3.dot(point, this.camera.axes.toEye) < 0.1) this.camera.face(vec3.create(...sphere.home));
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
