// `npm run --silent lab -- ARGUMENTS`: runs src/lab/main.ts in Node, on Dawn. Stdout belongs to that program alone.
import { join } from 'node:path';
import { driverVariables, ensurePackages, findSystem, root } from './environment.mjs';

ensurePackages();
process.setSourceMapsEnabled(true);
Object.assign(process.env, driverVariables(findSystem().vulkanNode));

// `... | head` closes the pipe early: that is no error.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

let exitCode = 1;
try {
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(join(root, 'src/lab/main.ts'), { root, configFile: false, logLevel: 'silent' });
  exitCode = await module.main(process.argv.slice(2));
} catch (error) {
  console.error(error);
}

// Dawn keeps the process alive, so it has to be ended; but only after everything written has gone out.
for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
process.exit(exitCode);
