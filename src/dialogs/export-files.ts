/** What a person takes away from the page: charts as files that stand alone, and tables. */

/** What of an element's computed style decides how it is drawn, and is inherited; these are attributes of SVG too, so no style sheet is needed. */
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

/** The same of each element alone, and what it is where nothing is said. */
const own = { opacity: '1', display: 'inline', 'clip-path': 'none' } as const;

/** Attributes that mean something on the page only. */
const ofPage = ['class', 'style', 'tabindex', 'role', 'aria-describedby', 'aria-label', 'id'];

/** The colour that is behind an element. */
function groundOf(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (backgroundColor !== 'transparent' && !/[,/] 0\)$/.test(backgroundColor)) return backgroundColor;
  }
  return 'white';
}

/** A drawing of the page, as it looks now, as the text of an SVG file: with the colours, lines and letters that style sheets give it, and its ground. */
function svgText(svg: SVGSVGElement): string {
  const { width, height } = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const copies = [copy, ...copy.querySelectorAll('*')];
  const originals = [svg, ...svg.querySelectorAll('*')];
  // What others refer to by name keeps it.
  const named = new Set([...copy.querySelectorAll('defs [id], pattern, linearGradient, clipPath, marker')]);
  for (const [k, element] of copies.entries()) {
    const style = getComputedStyle(originals[k]);
    for (const name of ofPage) if (name !== 'id' || !named.has(element)) element.removeAttribute(name);
    if (element instanceof SVGTitleElement) continue;
    for (const name of inherited) {
      const value = style.getPropertyValue(name);
      const given = element.parentElement?.closest(`[${name}]`)?.getAttribute(name);
      if (value && value !== given) element.setAttribute(name, value);
      else element.removeAttribute(name);
    }
    for (const [name, usual] of Object.entries(own)) {
      const value = style.getPropertyValue(name);
      if (value && value !== usual && value !== 'block') element.setAttribute(name, value);
    }
  }
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of [
    ['width', '100%'],
    ['height', '100%'],
    ['fill', groundOf(svg)],
  ])
    ground.setAttribute(name, value);
  copy.prepend(ground);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  return new XMLSerializer().serializeToString(copy);
}

/** A drawing of the page as an SVG file that needs nothing else. */
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
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The browser made no picture.'))), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** One line of a table as RFC 4180 has it: what holds a comma, a quote or a line's end is quoted, and quotes are doubled. */
const csvLine = (row: readonly (string | number)[]): string =>
  row.map((cell) => (/[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(',');

/** Rows as the text of a CSV file. */
export const csvText = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${csvLine(row)}\r\n`).join('');

/** Rows as a CSV file; the first is usually the names of the columns. */
export const csvFile = (rows: readonly (readonly (string | number)[])[]): Blob =>
  new Blob([csvText(rows)], { type: 'text/csv' });
