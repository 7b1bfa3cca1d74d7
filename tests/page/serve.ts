import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the built page, ending in a slash. */
    site: string;
    /** The folder it is built in. */
    build: string;
    browser: 'chromium' | 'firefox';
  }
}

/** Not the root: the build has to work from any folder of a server. */
const SUB_PATH = '/some/sub/folder/';

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Vitest runs this once for each project that opens the built page. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await buildOnce(project.config.root);
  const { address, close } = await serve(folder);
  project.provide('site', address);
  project.provide('build', folder);
  return async () => {
    close();
    if (!process.env.PAGE_BUILD) await rm(folder, { recursive: true, force: true });
  };
}

const shared = globalThis as { pageBuild?: Promise<string> };

function buildOnce(root: string): Promise<string> {
  shared.pageBuild ??= build(root);
  return shared.pageBuild;
}

/** PAGE_BUILD names a folder that several runs share: the first one fills it. */
async function build(root: string): Promise<string> {
  const folder = process.env.PAGE_BUILD ?? (await mkdtemp(join(tmpdir(), 'page-build-')));
  if (!existsSync(join(folder, 'index.html'))) await runVite(root, folder);
  return folder;
}

/** Builds the page into a folder, as `npm run build` does, or with the mode `single` as one file. */
export async function runVite(root: string, folder: string, mode = 'production'): Promise<void> {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  // A process of its own: in this one NODE_ENV is 'test', and the result would not be the production build.
  const { NODE_ENV, VITEST, ...env } = process.env;
  const options = ['--mode', mode, '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'];
  await promisify(execFile)(process.execPath, [vite, 'build', ...options], { cwd: root, env });
}

/** Serves a built page until it is closed; the address ends in a slash. */
export async function serve(folder: string): Promise<{ address: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    // URL also resolves '..', so no path leads out of the folder.
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path.endsWith('/') ? `${path}index.html` : path;
    const content = path.startsWith(SUB_PATH)
      ? await readFile(join(folder, file.slice(SUB_PATH.length))).catch(() => undefined)
      : undefined;
    if (!content) {
      response.writeHead(404).end();
      return;
    }
    const type = MEDIA_TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${SUB_PATH}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
