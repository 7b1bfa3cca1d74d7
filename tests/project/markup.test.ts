import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Code that turns a text into markup or into a program. Reading markup is allowed. */
const dangerous = [
  /\.(innerHTML|outerHTML|srcdoc)\s*(=(?!=)|\+=)/,
  /\[['"](innerHTML|outerHTML|srcdoc)['"]\]/,
  /\b(insertAdjacentHTML|createContextualFragment|setHTMLUnsafe|parseFromString|parseHTMLUnsafe)\b/,
  /\bdocument\.write(ln)?\b/,
  // A literal without ${} is allowed.
  /\.html\(\s*(?!`[^`$]*`,?\s*\))[^)\s]/,
  /(?<![.\w])eval\(|\bnew Function\b|(?<![.\w])Function\(/,
  /\bset(Timeout|Interval)\(\s*['"`]/,
  /javascript:/i,
  /\.(setAttribute|attr)\(\s*['"`](style|on\w+|srcdoc)['"`]/,
];

const folder = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

test.each(files)('%s turns no text into markup or code', (path) => {
  const text = readFileSync(join(folder, path), 'utf8');
  expect(dangerous.map((pattern) => pattern.exec(text)?.[0]).filter(Boolean)).toEqual([]);
});

test.each([
  'a.innerHTML = words',
  'a.outerHTML += words',
  "a['innerHTML'] = words",
  "a.insertAdjacentHTML('beforeend', words)",
  'document.write(words)',
  'select(a).html(words)',
  'select(a).html(\n  words,\n)',
  'select(a).html(`<b>$' + '{words}</b>`)',
  'eval(words)',
  'new Function(words)',
  "setTimeout('go()', 1)",
  "a.setAttribute('style', words)",
  "select(a).attr('onclick', words)",
])('the patterns find %s', (line) => {
  expect(dangerous.some((pattern) => pattern.test(line))).toBe(true);
});
