// `npm run --silent lab -- ARGUMENTS` runs src/lab/main.ts in Node on Dawn. Only that program writes to stdout.
import { importBundled } from './bundle.mjs';
import { driverVariables, ensurePackages, findSystem } from './environment.mjs';

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
