import type { Page } from 'puppeteer-core';
import { type Pixels, readPng } from '../support/pictures';
import { until } from './browser';

/** A file that the page offered for download. */
export interface OfferedFile {
  name: string;
  type: string;
  bytes: Buffer;
}

interface Kept {
  offered: { name: string; blob: Blob }[];
}

/** Runs in the page: keeps the files that it offers from now on, in place of their download. */
function keepFiles(): void {
  const kept: Kept = { offered: [] };
  Object.assign(globalThis, { kept });
  const blobs = new Map<string, Blob>();
  const { createObjectURL } = URL;
  URL.createObjectURL = (blob: Blob) => {
    const address = createObjectURL.call(URL, blob);
    blobs.set(address, blob);
    return address;
  };
  HTMLAnchorElement.prototype.click = function () {
    kept.offered.push({ name: this.download, blob: blobs.get(this.href) as Blob });
  };
}

/** Acts on the page, and returns the file that the page offers then. */
export async function offeredFile(page: Page, act: () => Promise<void>): Promise<OfferedFile> {
  if (!(await page.evaluate(() => 'kept' in globalThis))) await page.evaluate(keepFiles);
  await act();
  await until('the page offers a file', () =>
    page.evaluate(() => (globalThis as unknown as { kept: Kept }).kept.offered.length),
  );
  const { name, type, base64 } = await page.evaluate(async () => {
    const { name, blob } = (globalThis as unknown as { kept: Kept }).kept.offered.pop() as Kept['offered'][number];
    const reader = new FileReader();
    const address = await new Promise<string>((resolve) => {
      reader.onload = () => resolve(reader.result as string);
      reader.readAsDataURL(blob);
    });
    return { name, type: blob.type, base64: address.slice(address.indexOf(',') + 1) };
  });
  return { name, type, bytes: Buffer.from(base64, 'base64') };
}

/** The picture that the browser draws of an SVG file alone, without the page's style sheet. */
export async function drawSvg(page: Page, svg: string): Promise<Pixels> {
  const address = await page.evaluate(async (text) => {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    (canvas.getContext('2d') as CanvasRenderingContext2D).drawImage(image, 0, 0);
    return canvas.toDataURL('image/png');
  }, svg);
  return readPng(Buffer.from(address.slice(address.indexOf(',') + 1), 'base64'));
}

/** Colours of the strokes or fills of all elements of a selector, as `#rrggbb`, each once. */
export const paintsOf = (page: Page, selector: string, paint: 'stroke' | 'fill'): Promise<string[]> =>
  page.evaluate(
    (all, property) => {
      const paints = [...document.querySelectorAll(all)].map((element) => {
        const parts = getComputedStyle(element)[property].match(/\d+/g) ?? [];
        return `#${parts
          .slice(0, 3)
          .map((part) => Number(part).toString(16).padStart(2, '0'))
          .join('')}`;
      });
      return [...new Set(paints)];
    },
    selector,
    paint,
  );
