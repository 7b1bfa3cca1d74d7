import { laterTask } from '../shared/tasks';

/** Renders a picture in steps. Each step is a task of its own, so that no frame waits for the whole picture. */
export class RenderQueue {
  private pictures = 0;

  /** Runs the first step at once. A newer picture cancels the remaining steps. Resolves when the picture is rendered or cancelled. */
  async render(steps: readonly (() => void)[]): Promise<void> {
    const picture = ++this.pictures;
    for (const [k, step] of steps.entries()) {
      if (k > 0) await laterTask();
      if (picture !== this.pictures) return;
      step();
    }
  }
}
