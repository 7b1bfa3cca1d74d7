import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** What would make markup or code of a text. Reading markup, to compare it, does no harm. */
const dangerous = [
  /\.(innerHTML|outerHTML|srcdoc)\s*(=(?!=)|\+=)/,
  /\[['"](innerHTML|outerHTML|srcdoc)['"]\]/,
  /\b(insertAdjacentHTML|createContextualFragment|setHTMLUnsafe|parseFromString|parseHTMLUnsafe)\b/,
  /\bdocument\.write(ln)?\b/,
  /\.html\(\s*[^)\s]/,
  /(?<![.\w])eval\(|\bnew Function\b|(?<![.\w])Function\(/,
  /\bset(Timeout|Interval)\(\s*['"`]/,
  /javascript:/i,
  /\.(setAttribute|attr)\(\s*['"`](style|on\w+|srcdoc)['"`]/,
];

const folder = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

test.each(files)('%s makes neither markup nor code of a text', (path) => {
  const lines = readFileSync(join(folder, path), 'utf8').split('\n');
  expect(lines.filter((line) => dangerous.some((pattern) => pattern.test(line)))).toEqual([]);
});

test.each([
  'a.innerHTML = words',
  'a.outerHTML += words',
  "a['innerHTML'] = words",
  "a.insertAdjacentHTML('beforeend', words)",
  'document.write(words)',
  'select(a).html(words)',
  'eval(words)',
  'new Function(words)',
  "setTimeout('go()', 1)",
  "a.setAttribute('style', words)",
  "select(a).attr('onclick', words)",
])('%s would be found', (line) => {
  expect(dangerous.some((pattern) => pattern.test(line))).toBe(true);
});
