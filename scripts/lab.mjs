// `npm run --silent lab -- ARGUMENTS` runs src/lab/main.ts in Node on Dawn. Only that program writes to stdout.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { driverVariables, ensurePackages, findSystem, root } from './environment.mjs';

ensurePackages();
process.setSourceMapsEnabled(true);
Object.assign(process.env, driverVariables(findSystem().vulkanNode));

// A reader such as `head` may close the pipe early. That is no error.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

let exitCode = 1;
try {
  const { main } = await importBundled('src/lab/main.ts');
  exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error);
}

// Dawn keeps the process alive, so we end it, after stdout and stderr are flushed.
for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
process.exit(exitCode);

/** Bundles a module into one file and imports it. Importing hundreds of files one by one takes several times as long. */
async function importBundled(path) {
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
