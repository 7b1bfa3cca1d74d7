import type { State } from '../state/schema';

/** A point on the canvas, in CSS pixels. */
export interface At {
  x: number;
  y: number;
}

export interface PointerActs {
  /** Degrees by which a drag of one pixel to the right turns the directions; undefined where none can be dragged. */
  grip(at: At): number | undefined;
  /** The present turn of the directions in degrees. */
  turn(): State['turn'] | undefined;
  turnTo(degrees: State['turn']): void;
  /** Stops the camera's controls while a direction is dragged. */
  hold(isHeld: boolean): void;
  /** The pointer is at `at`, or clicked there. */
  pick(at: At, isClick: boolean): void;
  leave(): void;
}

/** From this distance between press and release on, in CSS pixels, a press is a drag and no click. */
const dragDistance = 5;

/** Tells apart clicks, drags that turn the directions, and movements of the pointer. */
export function listenToPointer(canvas: HTMLCanvasElement, acts: PointerActs): void {
  let down: At | undefined;
  let drag: { by: number; from: number; x: number } | undefined;
  const pointOf = ({ offsetX, offsetY }: PointerEvent): At => ({ x: offsetX, y: offsetY });
  canvas.addEventListener(
    'pointerdown',
    (event) => {
      down = pointOf(event);
      const by = acts.grip(down);
      const from = acts.turn();
      if (by === undefined || from === undefined) return;
      drag = { by, from, x: down.x };
      // In the capture phase, so that the camera's controls do not get this event.
      acts.hold(true);
      canvas.setPointerCapture(event.pointerId);
    },
    { capture: true },
  );
  const release = () => {
    drag = undefined;
    acts.hold(false);
  };
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerup', (event) => {
    const at = pointOf(event);
    const isClick = down && Math.hypot(at.x - down.x, at.y - down.y) < dragDistance;
    down = undefined;
    release();
    if (isClick) acts.pick(at, true);
  });
  canvas.addEventListener('pointermove', (event) => {
    const at = pointOf(event);
    if (drag) {
      const degrees = Math.round(drag.from + (at.x - drag.x) * drag.by);
      acts.turnTo(((degrees % 360) + 360) % 360);
    } else if (event.buttons === 0) {
      canvas.style.cursor = acts.grip(at) === undefined ? '' : 'ew-resize';
      acts.pick(at, false);
    }
  });
  canvas.addEventListener('pointerleave', () => acts.leave());
}
