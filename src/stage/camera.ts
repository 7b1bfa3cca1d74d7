import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { PerspectiveCamera } from 'three/webgpu';
import { type Mat4, mat4, type Vec3, vec3 } from 'wgpu-matrix';
import { flightTime, type Pose, poseAt } from './flight';
import { type Axes, axesToward, type Box, frame, type Point } from './projection';

/** Free pixels above, below and left of a framed box. */
type Margins = [number, number, number?];

const fov = 20;
/** Most milliseconds that one frame adds to a flight. */
const slowFrame = 100;

/** The stage's camera. It flies between scenes; within a scene a person moves it. */
export class StageCamera {
  readonly camera = new PerspectiveCamera(fov, 1, 0.1, 100);
  /** One object for all queries: a browser never frees a MediaQueryList. */
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)');
  private readonly controls: OrbitControls;
  private flight: { from: Pose; to: Pose; flown: number; last: number | undefined } | undefined;
  /** True once a scene was framed: from there the camera can fly. */
  private isPlaced = false;
  /** The centre that the camera turns around, and how far right of it and above it the middle of the picture is. */
  private pivot: { centre: Point; right: number; up: number } | undefined;

  constructor(
    canvas: HTMLCanvasElement,
    private readonly onMove: () => void,
  ) {
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = false;
    this.controls.rotateSpeed = 0.35;
    this.controls.minDistance = 0.5;
    this.controls.maxDistance = 60;
    // A finger that goes up or down scrolls the page; sideways it turns the stage.
    canvas.style.touchAction = 'pan-y';
    this.controls.addEventListener('start', () => {
      this.flight = undefined;
    });
    this.controls.addEventListener('change', onMove);
  }

  /** A flat scene can be turned by small angles only, as it shows nothing from the side. */
  set isFree(isFree: boolean) {
    this.controls.minAzimuthAngle = isFree ? Number.NEGATIVE_INFINITY : -0.8;
    this.controls.maxAzimuthAngle = isFree ? Number.POSITIVE_INFINITY : 0.8;
    this.controls.minPolarAngle = isFree ? 0.15 : 0.7;
    this.controls.maxPolarAngle = isFree ? Math.PI - 0.15 : 1.9;
    this.controls.rotateSpeed = isFree ? 0.6 : 0.35;
  }

  /** True while a person drags something other than the camera. */
  set isHeld(isHeld: boolean) {
    this.controls.enabled = !isHeld;
  }

  get isFlying(): boolean {
    return this.flight !== undefined;
  }

  get eye(): Point {
    const { x, y, z } = this.camera.position;
    return [x, y, z];
  }

  /** The camera's own axes in the world: to the right, up, and toward the eye. */
  get axes(): Axes {
    const { x, y, z } = this.controls.target;
    return axesToward(vec3.subtract(this.eye, [x, y, z]));
  }

  set aspect(aspect: number) {
    this.camera.aspect = aspect;
    this.camera.updateProjectionMatrix();
    // The pose of a picture of another shape is no start of a flight. A running flight goes on, to the new pose.
    this.isPlaced = false;
  }

  get aspect(): number {
    return this.camera.aspect;
  }

  zoom(factor: number): void {
    this.flight = undefined;
    this.camera.position.sub(this.controls.target).divideScalar(factor).add(this.controls.target);
    this.onMove();
  }

  /** Moves to where all of a box is seen, with `margins` for labels. `height` is that of the picture in pixels. */
  frame(box: Box, toward: Vec3, margins: Margins, height: number): void {
    this.pivot = undefined;
    this.moveTo(this.poseFor(box, toward, margins, height));
  }

  /** Moves to where all of a box is seen that always faces the eye. `box` is that box from the front, `centre` what it turns about. */
  frameAround(centre: Point, box: Box, toward: Vec3, margins: Margins, height: number): void {
    const { eye, target } = this.poseFor(box, vec3.create(0, 0, 1), margins, height);
    this.pivot = { centre, right: target[0] - centre[0], up: target[1] - centre[1] };
    this.moveTo(this.poseAround(this.pivot, toward, eye[2] - target[2]));
  }

  private poseAround({ centre, right, up }: NonNullable<typeof this.pivot>, toward: Vec3, distance: number): Pose {
    const axes = axesToward(toward);
    const target = centre.map((value, k) => value + right * axes.right[k] + up * axes.up[k]) as Point;
    return { target, eye: target.map((value, k) => value + distance * axes.toEye[k]) as Point };
  }

  private poseFor(box: Box, toward: Vec3, [above, below, left = 0]: Margins, height: number): Pose {
    const { aspect } = this.camera;
    const angle = (fov * Math.PI) / 180;
    const close = frame(box, toward, angle, aspect, 0.04);
    const pixel = this.pixelAt(vec3.distance(close.eye, close.target), height);
    const roomy: Box = {
      min: [box.min[0] - left * pixel, box.min[1] - below * pixel, box.min[2]],
      max: [box.max[0], box.max[1] + above * pixel, box.max[2]],
    };
    const { eye, target } = frame(roomy, toward, angle, aspect, 0.04);
    return { eye: [eye[0], eye[1], eye[2]], target: [target[0], target[1], target[2]] };
  }

  /** Turns around the centre to another side, at the same distance. */
  face(toward: Vec3): void {
    if (!this.pivot) return;
    const distance = this.flight ? vec3.distance(this.flight.to.eye, this.flight.to.target) : this.distance;
    this.moveTo(this.poseAround(this.pivot, toward, distance));
  }

  private moveTo(to: Pose): void {
    const { x, y, z } = this.controls.target;
    const from: Pose = { eye: this.eye, target: [x, y, z] };
    if (!this.isPlaced && this.flight) {
      this.flight.to = to;
    } else if (this.isPlaced && !this.calm.matches) {
      this.flight = { from, to, flown: 0, last: undefined };
      this.onMove();
    } else {
      this.flight = undefined;
      this.setPose(to);
    }
    this.isPlaced = true;
  }

  /**
   * Continues a flight; without one, keeps the centre at its place in the picture.
   * `now` is the frame's time in milliseconds. A picture drawn between frames has none and does not move a flight.
   */
  step(now?: number): void {
    const { flight } = this;
    if (!flight) {
      if (this.pivot) this.setPose(this.poseAround(this.pivot, vec3.create(...this.axes.toEye), this.distance));
      return;
    }
    if (now !== undefined) {
      // A slow frame, such as the first of a scene, must not skip a part of the flight.
      flight.flown += Math.min(now - (flight.last ?? now), slowFrame);
      flight.last = now;
    }
    const t = flight.flown / flightTime;
    if (t >= 1) this.flight = undefined;
    this.setPose(poseAt(flight.from, flight.to, t));
  }

  private setPose({ eye, target }: Pose): void {
    this.camera.position.set(...eye);
    this.controls.target.set(...target);
    this.camera.lookAt(this.controls.target);
  }

  /** Distance to the point that the camera looks at. */
  get distance(): number {
    return this.camera.position.distanceTo(this.controls.target);
  }

  /** Size of a pixel in the world at a distance from the camera. `height` is that of the picture in pixels. */
  pixelAt(distance: number, height: number): number {
    return (2 * distance * Math.tan((fov * Math.PI) / 360)) / Math.max(1, height);
  }

  get viewProjection(): Mat4 {
    this.camera.updateMatrixWorld();
    return mat4.multiply(this.camera.projectionMatrix.elements, this.camera.matrixWorldInverse.elements);
  }

  dispose(): void {
    this.controls.dispose();
  }
}
