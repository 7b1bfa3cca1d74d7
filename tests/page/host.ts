import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

export interface Host {
  /** The address of the folder, ending in a slash. */
  address: string;
  /** Paths of all requests. */
  requests: string[];
  close(): void;
}

/** Serves a folder, and pages of a test beside its files, with these headers. `folder` is asked at each request. */
export async function serveHost(
  folder: () => string,
  pages: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Host> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(pathname);
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    const content = pages[name] ?? (await readFile(join(folder(), name)).catch(() => undefined));
    if (content === undefined) {
      response.writeHead(404, headers).end();
      return;
    }
    const type = mediaTypes[extname(name)] ?? 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store', ...headers }).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
