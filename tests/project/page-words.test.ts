import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fillWords } from '../../scripts/page-plugins';
import { document as words } from '../../src/language/document';

const index = readFileSync(new URL('../../index.html', import.meta.url), 'utf8');

describe('fillWords', () => {
  test('turns * and ** into emphasis in text and escapes everything else', () => {
    const page = fillWords('<p>{{a.b}}</p>', { a: { b: '*x* & **<i>y</i>** "z"' } });
    expect(page).toBe('<p><em>x</em> &amp; <b>&lt;i&gt;y&lt;/i&gt;</b> &quot;z&quot;</p>');
  });

  test('escapes attributes and leaves * in them as it is', () => {
    expect(fillWords('<p title="{{a}}">', { a: '2 * 3 * "4"' })).toBe('<p title="2 * 3 * &quot;4&quot;">');
  });

  test('rejects a key that has no words and names it', () => {
    expect(() => fillWords('<p>{{a}}{{b.c}}</p>', { a: 'x' })).toThrow('"b.c"');
    expect(() => fillWords('<p>{{a}}</p>', { a: { b: 'x' } })).toThrow('"a"');
  });

  test('rejects words that the page does not use and names their keys', () => {
    expect(() => fillWords('<p>{{a}}</p>', { a: 'x', b: { c: 'y', d: 'z' } })).toThrow('"b.c", "b.d"');
  });
});

test('index.html uses every word of its part and holds no words of its own', () => {
  expect(fillWords(index, words)).toContain(`<title>${words.title}</title>`);
  const body = index.slice(index.indexOf('<body>'));
  const ownText = body.replace(/\{\{[^}]*\}\}/g, '').replace(/<[^>]*>/g, '');
  expect(ownText).not.toMatch(/\p{L}/u);
  const shownAttributes = [...index.matchAll(/ (?:aria-label|title|alt|placeholder)="([^"]*)"/g)];
  expect(shownAttributes.map(([, value]) => value).filter((value) => !/^\{\{[^}]*\}\}$/.test(value))).toEqual([]);
});
