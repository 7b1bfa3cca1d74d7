import { laterTask } from '../shared/tasks';

/** Draws a picture in steps, each in a task of its own, so that no frame waits for all of it. */
export class RenderQueue {
  private pictures = 0;

  /** Begins at once; of a picture that is not done when another is begun, the rest is left. Resolves when nothing is left to draw. */
  async draw(drawSteps: readonly (() => void)[]): Promise<void> {
    const picture = ++this.pictures;
    for (const [k, drawStep] of drawSteps.entries()) {
      if (k > 0) await laterTask();
      if (picture !== this.pictures) return;
      drawStep();
    }
  }
}
