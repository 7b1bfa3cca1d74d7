import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The output of lint, under the project's rules, for a tree of these files. */
function lint(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'floors-'));
  try {
    copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const args = [biome, 'lint', '--vcs-enabled=false', '--error-on-warnings', '.'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the order of floors', () => {
  test('src/ holds main.ts and one folder for each floor', () => {
    const { overrides } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    const floors = overrides.flatMap(({ includes }: { includes: string[] }) => includes);
    const entries = readdirSync(join(root, 'src'), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(['main.ts']);
    // app/ is the highest floor and may import from all others; assets/ and styles/ hold no code.
    const withoutFloor = folders.filter((name) => !floors.includes(`src/${name}/**`));
    expect(withoutFloor.sort()).toEqual(['app', 'assets', 'styles']);
  });

  test('lint accepts an import from a lower floor', () => {
    const files = {
      'src/gpu/a.ts': "export * from '../algorithm/b';\n",
      'src/algorithm/b.ts': 'export const b = 1;\n',
    };
    expect(lint(files)).toContain('No fixes applied');
    expect(lint(files)).not.toContain('lint/');
  });

  test('lint rejects an import from a higher floor and names the floor', () => {
    const files = { 'src/algorithm/a.ts': "export * from '../gpu/b';\n", 'src/gpu/b.ts': 'export const b = 1;\n' };
    const output = lint(files);
    expect(output).toContain('noRestrictedImports');
    expect(output).toContain('algorithm/ may not import from a higher floor');
  });

  test('lint rejects a circle of imports, even of types alone', () => {
    const files = {
      'src/gpu/a.ts': "import type { B } from './b';\nexport type A = B;\n",
      'src/gpu/b.ts': "import type { A } from './a';\nexport type B = A | 1;\n",
    };
    expect(lint(files)).toContain('noImportCycles');
  });
});
