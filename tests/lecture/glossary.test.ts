import { expect, test } from 'vitest';
import { document } from '../../src/language/document';
import { glossary } from '../../src/language/glossary';
import { stepOf } from '../../src/lecture/content';
import { flat, parse } from '../../src/lecture/content/markup';
import { stepTexts } from '../../src/lecture/texts';

const names = glossary.entries.flatMap((entry) => entry.names.map((name) => name.toLowerCase()));

/** The emphasized terms of a step. */
const termsOf = (id: string): string[] =>
  parse(stepTexts[id].text)
    .flatMap((pieces) => flat(pieces))
    .flatMap((piece) => (piece.kind === 'term' ? [piece.text.toLowerCase()] : []));

test('each emphasized term of the lecture has an entry, which names a step that exists', () => {
  for (const id of Object.keys(stepTexts)) {
    for (const term of termsOf(id)) expect([id, term, names.includes(term)]).toEqual([id, term, true]);
  }
  for (const { names: own, step } of glossary.entries) expect([own[0], stepOf(step)?.id]).toEqual([own[0], step]);
});

test('a step introduces each term once, and its entry names such a step', () => {
  const introduced = Object.keys(stepTexts).flatMap((id) => termsOf(id).map((term) => ({ id, term })));
  expect(new Set(introduced.map(({ term }) => term)).size).toBe(introduced.length);
  for (const { names: own, step } of glossary.entries) {
    const places = introduced.filter(({ term }) => own.some((name) => name.toLowerCase() === term)).map(({ id }) => id);
    if (places.length) expect(places, own[0]).toContain(step);
  }
});

test('each name stands in one entry, and the terms outside of the lecture have one', () => {
  expect(new Set(names).size).toBe(names.length);
  for (const term of ['bucket', 'chunks', 'hash round']) expect(names).toContain(term);
  expect(document.attention.idea).toContain('*bucket*');
});
