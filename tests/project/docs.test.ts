import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { keys } from '../../src/state/schema';
import { lab } from '../lab/lab';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const list = (folder: string, ending: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

const docs = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...list('docs', '.md')];
const workflows = list('.github/workflows', '.yml');
const { scripts, version } = JSON.parse(read('package.json')) as { scripts: Record<string, string>; version: string };

const longestReadme = 120;
const longestCell = 120;

/** Scripts of package.json that the docs name and this test does not run. */
const notRun: Record<string, string> = {
  test: 'runs this test',
  'test:all': 'runs this test, among all others',
  types: 'is a check of its own in npm test',
  lint: 'is a check of its own in npm test',
  format: 'changes files',
  build: 'the page tests build the page',
  'build:single': 'tests/page/single builds the single file',
  fuzz: 'reads 100,000 cases; npm test reads 2000 of them',
  soak: 'takes an hour',
  'second-driver': 'takes up to 10 minutes; npm test runs a part of it',
  bench: 'takes minutes; the lab command that it runs is run here',
  film: 'takes minutes and needs a browser',
};

/** The text without blocks of code. */
const prose = (text: string) => text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/^ {4}.*$/gm, '');
const unique = <T>(values: Iterable<T>) => [...new Set(values)];
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, first]) => first);

function longCells(text: string): string[] {
  const rows = prose(text)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return rows
    .flatMap((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter((cell) => cell.length > longestCell);
}

/** Targets of links and pictures that are no addresses, without the part after #. */
const relativeLinks = (text: string): { path: string; anchor: string | undefined }[] =>
  matches(prose(text).replaceAll(/`[^`]*`/g, ''), /\]\(([^)\s]+)\)/g)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, anchor] = target.split('#');
      return { path, anchor };
    });

/** The names under which headings can be linked, as GitHub makes them. */
const anchors = (text: string): string[] =>
  matches(prose(text), /^#+ (.+)$/gm).map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

const namedPaths = (text: string): string[] =>
  unique(matches(text, /`((?:src|shaders|tests|scripts|bench|docs)\/[^`\s]*)`/g));

const namedScripts = (text: string): string[] =>
  unique([...matches(text, /\bnpm run\s+(?:--silent )?([\w:-]+)/g), ...matches(text, /\bnpm (start|test)\b/g)]);

/** Commands of the headless runner: lines of code that begin with it. */
const labCommands = (text: string): string[] => unique(matches(text, /^(?: {4})?npm run --silent lab -- (.+)$/gm));

/** Words after `npm test --`, without values of options: names of parts, and pieces of paths of test files. */
const testWords = (text: string): string[] =>
  unique(matches(text, /\bnpm test -- ([\w\s./-]+?)(?=\s*(?:`|#|$))/gm).flatMap((words) => words.trim().split(/\s+/)));

describe('README', () => {
  test(`has at most ${longestReadme} lines`, () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(longestReadme);
  });

  test('names the address of the live page once, so that a fork changes one line', () => {
    const addresses = [...docs, ...workflows, 'CITATION.cff', 'package.json'].flatMap((path) =>
      matches(read(path), /(https:\/\/[\w.-]+\.github\.io\/[\w./-]*)/g),
    );
    expect(addresses).toHaveLength(1);
    expect(read('README.md')).toContain(`[live]: ${addresses[0]}`);
  });
});

describe.each(docs)('%s', (path) => {
  const text = read(path);

  test(`has no table cell of more than ${longestCell} characters`, () => {
    expect(longCells(text)).toEqual([]);
  });

  test('links only to files and headings that exist', () => {
    const missing = relativeLinks(text).filter(({ path: target, anchor }) => {
      const file = target === '' ? path : join(dirname(path), target);
      return !existsSync(join(root, file)) || (anchor !== undefined && !anchors(read(file)).includes(anchor));
    });
    expect(missing).toEqual([]);
  });

  test('names only paths that exist', () => {
    expect(namedPaths(text).filter((name) => !existsSync(join(root, name)))).toEqual([]);
  });
});

test.each([...docs, ...workflows])('%s names only scripts of package.json', (path) => {
  expect(namedScripts(read(path)).filter((name) => !(name in scripts))).toEqual([]);
});

test('npm test is named with parts and files that exist', () => {
  const parts = matches(read('scripts/test.mjs'), /name: '([\w-]+)'/g).concat('types', 'lint', 'audit');
  const files = readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('tests', name));
  const words = docs.flatMap((path) => testWords(read(path)));
  expect(words.length).toBeGreaterThan(10);
  expect(words.filter((word) => !parts.includes(word) && !files.some((file) => file.includes(word)))).toEqual([]);
});

test('GUIDE.md lists every setting that an address can hold, and no other', () => {
  const listed = prose(read('docs/GUIDE.md'))
    .split('\n| in the address |')
    .slice(1)
    .flatMap((table) => matches(table.split('\n\n')[0], /^\| `(\w+)` \|/gm));
  expect(listed.sort()).toEqual([...keys].sort());
});

test('CITATION.cff has the version of package.json, the paper, and every field that CFF requires', () => {
  const text = read('CITATION.cff');
  for (const field of ['cff-version: 1.2.0', 'message: ', 'title: ', 'authors:', `version: ${version}`]) {
    expect(`\n${text}`).toContain(`\n${field}`);
  }
  expect(text).toContain('arXiv:2001.04451');
});

describe('commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Files that a command reads stand in tests/; all others are written, to a folder of this test. */
  const wordsOf = (command: string) =>
    command
      .split(/\s+/)
      .map((word) =>
        /(\.safetensors|\/)$/.test(word) && !word.startsWith('tests/') ? join(folder, basename(word)) : word,
      );

  const examples = unique(docs.flatMap((path) => labCommands(read(path))));

  test.each(examples)('lab %s', async (command) => {
    const words = wordsOf(command);
    const { code, stderr } = await lab(...words);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const written = words.filter((word) => word.startsWith(folder));
    expect(written.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('CLI.md has an example of every command, and names the options that help names', async () => {
    const { stdout } = await lab('help');
    const commands = matches(stdout, /^(\w+) .*(?:--|IN)/gm).filter((name) => name !== 'Reformer');
    expect(commands.length).toBeGreaterThanOrEqual(6);
    expect(commands.filter((name) => !examples.some((example) => example.split(' ')[0] === name))).toEqual([]);
    const options = (text: string) => unique(matches(text, /(?<![\w-])(--[a-z][a-z-]+)/g)).sort();
    const text = read('docs/CLI.md').replaceAll('--silent', '');
    expect(options(text)).toEqual(options(stdout));
  });

  test('every script that the docs name is run by a test, or listed here with the reason', () => {
    const named = unique(docs.flatMap((path) => namedScripts(read(path))));
    const isRun = ['start', 'lab'];
    expect(named.filter((name) => !isRun.includes(name) && !(name in notRun))).toEqual([]);
    expect(Object.keys(notRun).filter((name) => !named.includes(name))).toEqual([]);
  });

  test('npm start serves the page at the address that it prints', async () => {
    const { VITEST, NODE_ENV, ...env } = process.env;
    const options = { cwd: root, env, timeout: 60_000 };
    const server = spawn(process.execPath, ['scripts/start.mjs', '--host', '127.0.0.1'], options);
    try {
      const address = await new Promise<string>((resolve, reject) => {
        // Vite may first report that a port is taken.
        server.stdout.on('data', (data: Buffer) => {
          const found = /^http:\S+/m.exec(data.toString());
          if (found) resolve(found[0]);
        });
        server.on('close', (code) => reject(new Error(`npm start ended with ${code}`)));
      });
      expect(await (await fetch(address)).text()).toContain('<title>Reformer Lab</title>');
    } finally {
      server.kill();
    }
  });
});

describe('these checks can fail', () => {
  test('a long cell, a dead link, a missing path and an unknown script are found', () => {
    const text = `| a | ${'b'.repeat(121)} |\n\n[x](docs/none.md#top) ![y](none.png) [z](https://a.test/)\n\n\`src/none.ts\` \`npm run none\``;
    expect(longCells(text)).toEqual(['b'.repeat(121)]);
    expect(relativeLinks(text)).toEqual([
      { path: 'docs/none.md', anchor: 'top' },
      { path: 'none.png', anchor: undefined },
    ]);
    expect(namedPaths(text)).toEqual(['src/none.ts']);
    expect(namedScripts(text)).toEqual(['none']);
  });

  test('commands are read from blocks of both kinds', () => {
    const text =
      '    npm run --silent lab -- help\n\n```\nnpm run --silent lab -- attend a b\n```\nas in npm run --silent lab -- c\n';
    expect(labCommands(text)).toEqual(['help', 'attend a b']);
    expect(testWords('`npm test -- core tests/a`\n\n    npm test -- gpu-node   # one part\n')).toEqual([
      'core',
      'tests/a',
      'gpu-node',
    ]);
  });

  test('a heading becomes the name that GitHub gives it', () => {
    expect(anchors("# A\n\n## PyTorch's fused, full attention\n")).toEqual(['a', 'pytorchs-fused-full-attention']);
  });

  test('a command that refuses its input ends with another code', async () => {
    expect((await lab('attend', 'tests/fixtures/lsh-tiny.safetensors', '/nowhere/out', '--chunk', 'many')).code).toBe(
      2,
    );
  });
});
