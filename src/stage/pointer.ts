import type { State } from '../state/schema';

/** A place on the canvas, in CSS pixels. */
export interface At {
  x: number;
  y: number;
}

export interface PointerActs {
  /** Degrees that a drag by one pixel to the right turns what is there; undefined where nothing can be turned. */
  grip(at: At): number | undefined;
  /** The degrees that the directions are turned by now, and may be from now on. */
  turn(): State['turn'] | undefined;
  turnTo(degrees: State['turn']): void;
  /** The camera's own controls rest while something is held. */
  hold(isHeld: boolean): void;
  /** Pointed at, or clicked (`chosen`). */
  pick(at: At, chosen: boolean): void;
  leave(): void;
}

/** A pointer that moves this far between press and release, in CSS pixels, has moved the camera. */
const still = 5;

/** Tells clicks, drags that turn the directions, and pointing from each other. */
export function listen(canvas: HTMLCanvasElement, acts: PointerActs): void {
  let down: At | undefined;
  let turning: { by: number; from: number; x: number } | undefined;
  const placeOf = ({ offsetX, offsetY }: PointerEvent): At => ({ x: offsetX, y: offsetY });
  canvas.addEventListener(
    'pointerdown',
    (event) => {
      down = placeOf(event);
      const by = acts.grip(down);
      const from = acts.turn();
      if (by === undefined || from === undefined) return;
      turning = { by, from, x: down.x };
      // Before the camera's controls hear of it.
      acts.hold(true);
      canvas.setPointerCapture(event.pointerId);
    },
    { capture: true },
  );
  const release = () => {
    turning = undefined;
    acts.hold(false);
  };
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerup', (event) => {
    const at = placeOf(event);
    const isClick = down && Math.hypot(at.x - down.x, at.y - down.y) < still;
    down = undefined;
    release();
    if (isClick) acts.pick(at, true);
  });
  canvas.addEventListener('pointermove', (event) => {
    const at = placeOf(event);
    if (turning) {
      const degrees = Math.round(turning.from + (at.x - turning.x) * turning.by);
      acts.turnTo(((degrees % 360) + 360) % 360);
    } else if (event.buttons === 0) {
      canvas.style.cursor = acts.grip(at) === undefined ? '' : 'ew-resize';
      acts.pick(at, false);
    }
  });
  canvas.addEventListener('pointerleave', () => acts.leave());
}
