import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './lab';

/** Exit code of a command of the lab, and what it wrote to stderr. */
export interface Outcome {
  code: number;
  errors: string[];
}

/** Runs many commands of the lab in one process. @throws Error if the process fails. */
export async function labAll(commands: string[][]): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-all-'));
  try {
    const out = join(folder, 'outcomes.json');
    const child = spawn(process.execPath, [join(root, 'tests/lab/run-all.mjs'), out], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    child.stdin.end(JSON.stringify(commands));
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`run-all.mjs ended with code ${code}.`);
    return JSON.parse(await readFile(out, 'utf8'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
