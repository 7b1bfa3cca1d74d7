import { laterTask } from '../shared/tasks';

/** Draws a picture in steps. Each step is a task of its own, so that no frame waits for the whole picture. */
export class RenderQueue {
  private pictures = 0;

  /** Draws the first step at once. A newer picture cancels the remaining steps. Resolves when the picture is drawn or cancelled. */
  async draw(drawSteps: readonly (() => void)[]): Promise<void> {
    const picture = ++this.pictures;
    for (const [k, drawStep] of drawSteps.entries()) {
      if (k > 0) await laterTask();
      if (picture !== this.pictures) return;
      drawStep();
    }
  }
}
