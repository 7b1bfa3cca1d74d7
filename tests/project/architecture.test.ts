import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type KernelName, kernelSource } from '../../src/gpu/runtime/kernels';
import '../../src/gpu/runtime/training-kernels';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The numbered lines of a section, each with its continuation lines. */
function listOf(heading: string): string[] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return (section.match(/^\d+\. .*(\n {3,}.*)*/gm) ?? []).map((line) => line.replace(/\s+/g, ' '));
}

const filesOf = (line: string) => [...line.matchAll(/`((?:src|shaders)\/[\w./-]+)`/g)].map(([, path]) => path);

/** The modules that a file of src/ imports, directly. */
function importsOf(path: string): string[] {
  const folder = path.split('/').slice(0, -1).join('/');
  return [...read(path).matchAll(/(?:from |import\()'(\.[^'?]+)/g)].map(([, name]) => {
    const target = join(folder, name);
    return existsSync(join(root, `${target}.ts`)) ? `${target}.ts` : target;
  });
}

describe.each(['The life of a change', 'The life of a token', 'The life of a training step'])('%s', (heading) => {
  const lines = listOf(heading);
  const sources = lines.flatMap(filesOf).filter((path) => path.startsWith('src/'));

  test('names at least ten steps, and files that exist', () => {
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      expect(filesOf(line).length, line).toBeGreaterThan(0);
      for (const path of filesOf(line)) expect(existsSync(join(root, path)), path).toBe(true);
    }
  });

  test('names functions and classes that their files export', () => {
    for (const line of lines) {
      const [path] = filesOf(line);
      const names = [...line.matchAll(/`(\w+)`/g)].map(([, name]) => name);
      for (const name of path.startsWith('src/') ? names : []) {
        expect(read(path), `${name} in ${path}`).toMatch(
          new RegExp(`export (async )?(function|class|const) ${name}\\b`),
        );
      }
    }
  });

  test('names kernels whose text holds the shader', () => {
    for (const line of lines) {
      for (const [, path, kernel] of line.matchAll(/`(shaders\/[\w./-]+)` \(([\w-]+)\)/g)) {
        const [head] = read(path).split('\n');
        expect(kernelSource(kernel as KernelName), `${path} in ${kernel}`).toContain(head);
      }
    }
  });

  test('every source file is imported by another one of the list, or imports one', () => {
    for (const path of sources) {
      const isImported = sources.some((other) => importsOf(other).includes(path));
      const imports = importsOf(path).some((name) => sources.includes(name));
      expect(isImported || imports, path).toBe(true);
    }
  });
});

test('the path from the slider to the pixel names no file twice', () => {
  const files = listOf('The life of a change').flatMap(filesOf);
  expect(files).toEqual([...new Set(files)]);
});

test('the table of floors names every folder of src/ once', () => {
  const table = page.split('## The floors')[1].split('## The life')[0];
  const folders = [...table.matchAll(/`(\w+)\/`/g)].map(([, name]) => name);
  const entries = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of entries) expect(folders, name).toContain(name);
});

test('the glossary has a meaning for each of some forty terms, in order', () => {
  const rows = (page.split('## Glossary')[1].match(/^\| (?!Term|-)[^|]+\|[^|]+\|$/gm) ?? []).map((row) =>
    row.split('|'),
  );
  const terms = rows.map(([, term]) => term.trim());
  expect(terms.length).toBeGreaterThanOrEqual(40);
  expect(terms).toEqual([...terms].sort((a, b) => a.localeCompare(b, 'en')));
  for (const [, term, meaning] of rows) expect(meaning.trim().length, term).toBeGreaterThan(10);
});
