// `npm test` runs types and lint, then the projects of vite.config.ts that a change should pass before a commit. `npm run test:all` runs all
// of them, and the audit. Two parts run at a time, each in its own process, so that a crash ends only that part.
// `npm test -- core types tests/gpu/engine` runs only the named parts, of either command, and the matching files.
// The last line counts all results; types, lint and audit count as one check each.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { ensurePackages, ensureSystem, npmCommand, root, runNpm, secondTests } from './environment.mjs';

/** With `inAll`, only `npm run test:all` runs the part, or a command that names it. */
const CHECKS = [{ name: 'types' }, { name: 'lint' }, { name: 'audit', inAll: true }];

/** The longest projects come first, so that no project runs alone at the end. The checks run beside the first one. */
const PROJECTS = [
  { name: 'page-chromium', folders: ['page'], needs: ['chromium'] },
  { name: 'page-firefox', folders: ['page'], needs: ['firefox', 'vulkanFirefox'], inAll: true },
  { name: 'gpu-node', folders: ['gpu'], needs: ['vulkanFirst'] },
  { name: 'gpu-chromium', folders: ['gpu'], needs: ['chromium'], inAll: true },
  {
    name: 'core',
    folders: ['algorithm', 'formats', 'shared', 'state', 'stage', 'ui', 'lecture', 'lab', 'project', 'hostile'],
    needs: [],
  },
  { name: 'gpu-second', folders: secondTests, needs: ['vulkanSecond'], inAll: true },
  { name: 'pictures-chromium', folders: ['pictures'], needs: ['chromium'], inAll: true },
  { name: 'pictures-firefox', folders: ['pictures'], needs: ['firefox', 'vulkanFirefox'], inAll: true },
  { name: 'smoke-firefox', folders: ['smoke'], needs: ['firefox', 'vulkanFirefox'] },
  // It measures time, so nothing else may run meanwhile.
  { name: 'budget', folders: ['budget'], needs: ['chromium'], inAll: true, alone: true },
];

/** Folders of tests that drive the built page. */
const PAGE_FOLDERS = ['page', 'pictures', 'smoke', 'budget'];

const REQUIREMENTS = {
  chromium: 'Chromium',
  firefox: 'Firefox',
  vulkanFirst: 'a Vulkan driver that Dawn accepts',
  vulkanFirefox: 'a Vulkan driver',
  vulkanSecond: 'a second Vulkan driver, with 16-bit floats',
};

const PASSED = { passed: 1, failed: 0, skipped: 0 };
const FAILED = { passed: 0, failed: 1, skipped: 0 };
const SKIPPED = { passed: 0, failed: 0, skipped: 1 };

/** Lines of each failure that the summary repeats. */
const LINES_OF_FAILURE = 12;

const LONGEST_RUN = 40 * 60_000;

/** Parts that run at the same time. Two keep two cores busy; more slow each other down. */
const AT_ONCE = 2;

ensurePackages();
const isAll = process.argv[2] === '--all';
const { checks, projects, vitestArguments } = selectParts(process.argv.slice(isAll ? 3 : 2));
const system = projects.some(({ needs }) => needs.length > 0) ? ensureSystem() : {};
const folder = mkdtempSync(join(tmpdir(), 'npm-test-'));

const startTime = performance.now();
const results = [];
// The page is built once, for all projects that test it.
const pageBuild = join(folder, 'page');
if (projects.some(({ folders }) => folders.some((name) => PAGE_FOLDERS.includes(name)))) buildPage();
const [longest, ...others] = projects.filter(({ alone }) => !alone);
const waiting = [...(longest ? [longest] : []), ...checks, ...others];
await Promise.all(Array.from({ length: AT_ONCE }, runWaiting));
waiting.push(...projects.filter(({ alone }) => alone));
await runWaiting();
rmSync(folder, { recursive: true, force: true });
summarize();

async function runWaiting() {
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    const { name } = part;
    await measure(name, () => (checks.includes(part) ? runCheck(name) : runProject(part)));
  }
}

/** Splits the arguments. Those before the first option are names of parts, or pieces of test files' paths. */
function selectParts(args) {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const names = firstOption < 0 ? args : args.slice(0, firstOption);
  const isPart = (name) => [...CHECKS, ...PROJECTS].some((part) => part.name === name);
  const parts = names.filter(isPart);
  const filters = names.filter((name) => !isPart(name));
  const isNamed = ({ name, inAll }) =>
    parts.length > 0 ? parts.includes(name) : isAll || !inAll || filters.length > 0;
  return {
    checks: CHECKS.filter((check) => (filters.length > 0 ? parts.includes(check.name) : isNamed(check))),
    projects: PROJECTS.filter((project) => isNamed(project) && hasMatchingFile(project, filters)),
    vitestArguments: args.filter((arg) => !parts.includes(arg)),
  };
}

function hasMatchingFile({ folders }, filters) {
  if (filters.length === 0) return true;
  const paths = readdirSync(join(root, 'tests'), { recursive: true })
    .filter((path) => path.endsWith('.test.ts') && folders.some((folder) => isUnder(folder, path)))
    .map((path) => join('tests', path));
  // Vitest matches a part of the path, or a path from the current folder, perhaps with a line number.
  const pieces = filters.map((filter) => filter.replace(/:\d+$/, ''));
  return pieces.some((piece) => paths.some((path) => path.includes(piece) || path === relative(root, resolve(piece))));
}

function isUnder(folder, path) {
  return path === `${join(folder)}.test.ts` || path.startsWith(join(folder) + sep);
}

async function measure(name, run) {
  console.log(`\n== ${name} ==`);
  const start = Date.now();
  const counts = await run();
  results.push({ name, ...counts, seconds: (Date.now() - start) / 1000 });
}

async function runCheck(name) {
  if (name === 'audit') return audit();
  const status = await runLogged(name, npmCommand(['run', '--silent', name]));
  return status === 0 ? PASSED : FAILED;
}

/** Runs a command, and begins each line of its output with the name of the part, because two parts write at once. */
function runLogged(name, { command, parameters, ...options }) {
  const child = spawn(command, parameters, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_RUN,
    ...options,
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => console.log(`${name.padEnd(17)} | ${line}`));
  }
  return new Promise((ended) => child.on('close', ended));
}

/** Checks the page's run-time dependencies for known vulnerabilities. If the registry does not answer, the check counts as skipped. */
function audit() {
  const options = ['--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=20000'];
  const { stdout } = runNpm(['audit', ...options], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const answer = readAnswer(stdout);
  if (!answer.metadata?.vulnerabilities) {
    const reason = answer.message ?? answer.error?.summary ?? 'no answer';
    console.log(`npm audit is skipped: the registry does not answer it (${reason}).`);
    return SKIPPED;
  }
  const names = Object.keys(answer.vulnerabilities ?? {});
  console.log(names.length ? `Vulnerable: ${names.join(', ')}.` : 'No known vulnerability in run-time dependencies.');
  return names.length ? FAILED : PASSED;
}

function readAnswer(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Builds the page. If this fails, the page's tests build it again and report the error. */
function buildPage() {
  const { NODE_ENV, VITEST, ...env } = process.env;
  runNpm(['run', '--silent', 'build', '--', '--outDir', pageBuild, '--emptyOutDir', '--logLevel', 'warn'], {
    stdio: 'inherit',
    env,
  });
}

async function runProject({ name, needs }) {
  const missing = needs.filter((need) => !system[need]).map((need) => REQUIREMENTS[need]);
  if (missing.length > 0) {
    const isCi = Boolean(process.env.CI) && process.env.CI !== 'false';
    console.log(`${name} ${isCi ? 'failed' : 'is skipped'}: this machine lacks ${missing.join(' and ')}.`);
    return isCi ? FAILED : SKIPPED;
  }
  const reportFile = join(folder, `${name}.json`);
  const status = await runLogged(name, {
    command: process.execPath,
    parameters: [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--project=${name}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...vitestArguments,
    ],
    env: { ...process.env, PAGE_BUILD: pageBuild },
  });
  return countReport(name, reportFile, status);
}

function countReport(name, reportFile, status) {
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const file of readReport(reportFile)) {
    const count = (...states) => file.assertionResults.filter((test) => states.includes(test.status)).length;
    counts.passed += count('passed');
    counts.skipped += count('skipped', 'todo');
    // 'pending': the process died before the end of the test. A file can also fail outside of its tests.
    const failed = file.assertionResults.filter((test) => ['failed', 'pending'].includes(test.status));
    counts.failed += failed.length || Number(file.status === 'failed');
    for (const { fullName, failureMessages } of failed) counts.failures.push({ name: fullName, why: failureMessages });
    if (!failed.length && file.status === 'failed') counts.failures.push({ name: file.name, why: [file.message] });
  }
  if (counts.failed === 0 && status !== 0) {
    console.log(`${name} failed: vitest ended ${status === null ? 'by a signal' : `with ${status}`}.`);
    counts.failed = 1;
  }
  return counts;
}

function readReport(reportFile) {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8')).testResults;
  } catch {
    return [];
  }
}

function printFailure(project, { name, why }) {
  console.log(`FAILED  ${project} > ${name}`);
  const isOurs = (line) => line.trim() !== '' && !line.includes('node_modules');
  const lines = why.join('\n').split('\n').filter(isOurs);
  for (const line of lines.slice(0, LINES_OF_FAILURE)) console.log(`        ${line.slice(0, 300)}`);
}

function summarize() {
  console.log();
  for (const { name, passed, failed, skipped, seconds } of results) {
    const state = failed > 0 ? 'FAILED ' : passed > 0 ? 'passed ' : 'skipped';
    console.log(`${state} ${name.padEnd(17)} ${passed}/${passed + failed + skipped}  ${seconds.toFixed(1)} s`);
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(sum);
  // Repeat the failures at the end of the output, where people look first.
  for (const { name, failures = [] } of results) for (const failure of failures) printFailure(name, failure);
  console.log(`${((performance.now() - startTime) / 60_000).toFixed(1)} minutes`);
  if (passed + failed === 0) console.log('No test ran.');
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
