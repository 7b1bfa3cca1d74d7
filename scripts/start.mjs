// `npm start` runs the development server, and first installs the packages on a bare clone. `npm start -- --port N` chooses the port.
import { parseArgs } from 'node:util';
import { ensurePackages, root } from './environment.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '5173' }, host: { type: 'string', default: 'localhost' } },
});

ensurePackages();
const { createServer } = await import('vite');
// If the port is in use, Vite takes the next free one.
const server = await createServer({ root, server: { port: Number(values.port), host: values.host } });
await server.listen();
console.log(server.resolvedUrls?.local[0] ?? server.resolvedUrls?.network[0]);
