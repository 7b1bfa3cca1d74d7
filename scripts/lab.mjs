// `npm run --silent lab -- ARGUMENTS`: runs src/lab/main.ts in Node, on Dawn. Stdout belongs to that program alone.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { driverVariables, ensurePackages, findSystem, root } from './environment.mjs';

ensurePackages();
process.setSourceMapsEnabled(true);
Object.assign(process.env, driverVariables(findSystem().vulkanNode));

// `... | head` closes the pipe early: that is no error.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

let exitCode = 1;
try {
  const { main } = await bundled('src/lab/main.ts');
  exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error);
}

// Dawn keeps the process alive, so it has to be ended; but only after everything written has gone out.
for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
process.exit(exitCode);

/** The module made into one file first: hundreds of them, each on its own, take several times as long. */
async function bundled(path) {
  const { build } = await import('vite');
  // Within node_modules, where it finds what it imports.
  const outDir = join(root, 'node_modules/.cache', `lab-${process.pid}`);
  try {
    const output = { ssr: path, outDir, target: 'node20', minify: false, sourcemap: 'inline', copyPublicDir: false };
    await build({ root, configFile: false, logLevel: 'silent', build: output });
    return await import(pathToFileURL(join(outDir, 'main.js')).href);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}
