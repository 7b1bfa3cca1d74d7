/** Exported files: charts as SVG and PNG files that need no style sheet, and tables as CSV. */
import { dialogs } from '../language/dialogs';

/** Inherited style properties that decide how an element is drawn. SVG has an attribute of the same name for each. */
const inherited = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'visibility',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
  'text-anchor',
  'dominant-baseline',
  'letter-spacing',
] as const;

/** Style properties of the same kind that are not inherited, with their initial values. */
const notInherited = { opacity: '1', display: 'inline', 'clip-path': 'none' } as const;

/** Attributes that have a meaning only on the page. */
const pageAttributes = ['class', 'style', 'tabindex', 'role', 'aria-describedby', 'aria-label', 'id'];

/** The colour behind an element. */
function backgroundOf(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (backgroundColor !== 'transparent' && !/[,/] 0\)$/.test(backgroundColor)) return backgroundColor;
  }
  return 'white';
}

/** The text of an SVG file of a drawing as it looks now. Its style becomes attributes, and a rectangle its background. */
function svgText(svg: SVGSVGElement): string {
  const { width, height } = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const copies = [copy, ...copy.querySelectorAll('*')];
  const originals = [svg, ...svg.querySelectorAll('*')];
  // Other elements refer to these by their id, so they keep it.
  const referenced = new Set([...copy.querySelectorAll('defs [id], pattern, linearGradient, clipPath, marker')]);
  for (const [k, element] of copies.entries()) {
    const style = getComputedStyle(originals[k]);
    for (const name of pageAttributes) if (name !== 'id' || !referenced.has(element)) element.removeAttribute(name);
    if (element instanceof SVGTitleElement) continue;
    for (const name of inherited) {
      const value = style.getPropertyValue(name);
      const parentValue = element.parentElement?.closest(`[${name}]`)?.getAttribute(name);
      if (value && value !== parentValue) element.setAttribute(name, value);
      else element.removeAttribute(name);
    }
    for (const [name, initial] of Object.entries(notInherited)) {
      const value = style.getPropertyValue(name);
      if (value && value !== initial && value !== 'block') element.setAttribute(name, value);
    }
  }
  const background = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of [
    ['width', '100%'],
    ['height', '100%'],
    ['fill', backgroundOf(svg)],
  ])
    background.setAttribute(name, value);
  copy.prepend(background);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  return new XMLSerializer().serializeToString(copy);
}

/** A drawing of the page as an SVG file that needs no other file. */
export const svgFile = (svg: SVGSVGElement): Blob => new Blob([svgText(svg)], { type: 'image/svg+xml' });

/** A drawing of the page as a PNG file, `scale` times its size in CSS pixels. @throws Error if the browser cannot draw it. */
export async function pngFile(svg: SVGSVGElement, scale = 2): Promise<Blob> {
  const { width, height } = svg.getBoundingClientRect();
  const address = URL.createObjectURL(svgFile(svg));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(scale * width);
    canvas.height = Math.round(scale * height);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(dialogs.export.noPng))), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** One line of a table after RFC 4180: a cell with a comma, a quote or a line break is quoted, and its quotes are doubled. */
const csvLine = (row: readonly (string | number)[]): string =>
  row.map((cell) => (/[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(',');

/** Rows as the text of a CSV file. */
export const csvText = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${csvLine(row)}\r\n`).join('');

/** Rows as a CSV file. The first row usually holds the names of the columns. */
export const csvFile = (rows: readonly (readonly (string | number)[])[]): Blob =>
  new Blob([csvText(rows)], { type: 'text/csv' });
