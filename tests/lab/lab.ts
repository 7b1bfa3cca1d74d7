import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs `npm run lab` with some arguments. Never rejects: the exit code tells. */
export function lab(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'scripts/lab.mjs'), ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** Runs `npm run lab` and presses Ctrl-C once its output on a stream matches a pattern. */
export function interruptedLab(
  stream: 'stdout' | 'stderr',
  pattern: RegExp,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'scripts/lab.mjs'), ...args]);
    const output = { stdout: '', stderr: '' };
    let isPressed = false;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (data: Buffer) => {
        output[name] += data;
        if (isPressed || !pattern.test(output[stream])) return;
        isPressed = true;
        child.kill('SIGINT');
      });
    }
    child.on('close', (code) => resolve({ code, ...output }));
  });
}
