import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { PerspectiveCamera } from 'three/webgpu';
import { type Mat4, mat4, type Vec3, vec3 } from 'wgpu-matrix';
import { flightTime, onTheWay, type Stand } from './path';
import { type Axes, axesToward, type Box, frame, type Point } from './projection';

/** Pixels left free above, below and left of what is framed. */
type Margins = [number, number, number?];

const fov = 20;
/** No frame takes the camera further than this many milliseconds. */
const slowFrame = 100;

/** The stage's one camera: it flies between scenes; in each it is the person's. */
export class StageCamera {
  readonly camera = new PerspectiveCamera(fov, 1, 0.1, 100);
  /** One for all questions: a browser keeps every one that was ever made. */
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)');
  private readonly controls: OrbitControls;
  private flight: { from: Stand; to: Stand; flown: number; last: number | undefined } | undefined;
  /** It stands somewhere on purpose: from there it can fly. */
  private isPlaced = false;
  /** What it is turned around keeps its place in the picture: so far is the picture's middle from it, to the right and up. */
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

  /** What is flat but for its rounds can be turned a little only: seen from the side there is nothing to see. */
  set isFree(free: boolean) {
    this.controls.minAzimuthAngle = free ? Number.NEGATIVE_INFINITY : -0.8;
    this.controls.maxAzimuthAngle = free ? Number.POSITIVE_INFINITY : 0.8;
    this.controls.minPolarAngle = free ? 0.15 : 0.7;
    this.controls.maxPolarAngle = free ? Math.PI - 0.15 : 1.9;
    this.controls.rotateSpeed = free ? 0.6 : 0.35;
  }

  /** A person takes hold of something else than the camera. */
  set isHeld(held: boolean) {
    this.controls.enabled = !held;
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
    // Another picture: what was framed in the last one is no place to fly from. A flight goes on, to where the new picture asks.
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

  /** Goes where all of a box is seen, with room for words above, below and left of it, in pixels of a picture that high. */
  frame(box: Box, toward: Vec3, margins: Margins, height: number): void {
    this.pivot = undefined;
    this.go(this.standFor(box, toward, margins, height));
  }

  /** Goes where a box is seen that turns toward the eye about a centre: it is given as seen from the front. */
  frameAround(centre: Point, box: Box, toward: Vec3, margins: Margins, height: number): void {
    const { eye, target } = this.standFor(box, vec3.create(0, 0, 1), margins, height);
    this.pivot = { centre, right: target[0] - centre[0], up: target[1] - centre[1] };
    this.go(this.standAround(this.pivot, toward, eye[2] - target[2]));
  }

  private standAround({ centre, right, up }: NonNullable<typeof this.pivot>, toward: Vec3, distance: number): Stand {
    const axes = axesToward(toward);
    const target = centre.map((value, k) => value + right * axes.right[k] + up * axes.up[k]) as Point;
    return { target, eye: target.map((value, k) => value + distance * axes.toEye[k]) as Point };
  }

  private standFor(box: Box, toward: Vec3, [above, below, left = 0]: Margins, height: number): Stand {
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

  /** Looks at what it turns around from another side, from as far away. */
  face(toward: Vec3): void {
    if (!this.pivot) return;
    const distance = this.flight ? vec3.distance(this.flight.to.eye, this.flight.to.target) : this.distance;
    this.go(this.standAround(this.pivot, toward, distance));
  }

  private go(to: Stand): void {
    const { x, y, z } = this.controls.target;
    const from: Stand = { eye: this.eye, target: [x, y, z] };
    if (!this.isPlaced && this.flight) {
      this.flight.to = to;
    } else if (this.isPlaced && !this.calm.matches) {
      this.flight = { from, to, flown: 0, last: undefined };
      this.onMove();
    } else {
      this.flight = undefined;
      this.stand(to);
    }
    this.isPlaced = true;
  }

  /**
   * Moves on, if it is on its way; else keeps what it turns around where it was in the picture.
   * `now`: the frame's time in milliseconds; a picture that is drawn between frames takes the camera no further.
   */
  step(now?: number): void {
    const { flight } = this;
    if (!flight) {
      if (this.pivot) this.stand(this.standAround(this.pivot, vec3.create(...this.axes.toEye), this.distance));
      return;
    }
    if (now !== undefined) {
      // A slow frame, such as the first of a scene, is no part of the way.
      flight.flown += Math.min(now - (flight.last ?? now), slowFrame);
      flight.last = now;
    }
    const t = flight.flown / flightTime;
    if (t >= 1) this.flight = undefined;
    this.stand(onTheWay(flight.from, flight.to, t));
  }

  private stand({ eye, target }: Stand): void {
    this.camera.position.set(...eye);
    this.controls.target.set(...target);
    this.camera.lookAt(this.controls.target);
  }

  /** Distance to the point that is looked at. */
  get distance(): number {
    return this.camera.position.distanceTo(this.controls.target);
  }

  /** Size of a pixel in the world, that far from the camera, in a picture that high. */
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
