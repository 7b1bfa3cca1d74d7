// `npm start`: the development server, also on a bare clone. `npm start -- --port N` chooses the port.
import { parseArgs } from 'node:util';
import { ensurePackages, root } from './environment.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '5173' }, host: { type: 'string', default: 'localhost' } },
});

ensurePackages();
const { createServer } = await import('vite');
// A port already taken is no obstacle: Vite goes on to the next free one.
const server = await createServer({ root, server: { port: Number(values.port), host: values.host } });
await server.listen();
console.log(server.resolvedUrls?.local[0] ?? server.resolvedUrls?.network[0]);
