/** What the page does when it is printed. */
export interface PrintActions {
  /** Shows the page in light colours, and returns a picture of the stage; undefined if there is none yet. */
  prepare(): HTMLCanvasElement | undefined;
  /** Shows the page as it was. */
  restore(): void;
}

/**
 * Puts a picture of the stage into `parent` while the page is printed, because browsers print a canvas of WebGPU empty. The picture holds the
 * labels too, which the paper's width would move.
 */
export function listenToPrint(parent: HTMLElement, { prepare, restore }: PrintActions): void {
  let picture: HTMLCanvasElement | undefined;
  const remove = () => {
    picture?.remove();
    picture = undefined;
  };
  addEventListener('beforeprint', () => {
    remove();
    picture = prepare();
    if (!picture) return;
    picture.className = 'stage-print';
    parent.append(picture);
  });
  addEventListener('afterprint', () => {
    remove();
    restore();
  });
}
