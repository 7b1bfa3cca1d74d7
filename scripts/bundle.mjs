// Modules of src in Node.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './environment.mjs';

/** Bundles a module into one file and imports it. Importing hundreds of files one by one takes several times as long. */
export async function importBundled(path) {
  const { build } = await import('vite');
  // The bundle lies inside node_modules, so that its imports of packages resolve.
  const outDir = join(root, 'node_modules/.cache', `lab-${process.pid}`);
  try {
    const output = { ssr: path, outDir, target: 'node20', minify: false, sourcemap: 'inline', copyPublicDir: false };
    await build({ root, configFile: false, logLevel: 'silent', build: output });
    return await import(pathToFileURL(join(outDir, 'main.js')).href);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}
