// `node run-all.mjs OUT` runs commands of the lab one after another: a JSON list of lists of arguments from stdin. It writes to OUT a JSON
// list with the exit code and the lines on stderr of each. One process for all takes a fraction of the time.
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { importBundled } from '../../scripts/bundle.mjs';
import { driverVariables, findSystem } from '../../scripts/environment.mjs';

Object.assign(process.env, driverVariables(findSystem().vulkanNode));
const commands = JSON.parse(await text(process.stdin));
const { main } = await importBundled('src/lab/main.ts');
const outcomes = [];
for (const argv of commands) {
  const errors = [];
  console.error = (...words) => errors.push(words.join(' '));
  outcomes.push({ code: await main(argv), errors });
}
writeFileSync(process.argv[2], JSON.stringify(outcomes));
// Dawn keeps the process alive.
process.exit(0);
