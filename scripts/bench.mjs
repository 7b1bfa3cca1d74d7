// `npm run bench` times our attention (src/lab/bench.ts) and that of peers (bench/peers) on one adapter in one run, and writes
// bench/results/ADAPTER.json and ADAPTER.md. `--json` prints the JSON instead of tables; other options go to `npm run lab -- bench`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driverVariables, ensurePackages, findSystem, root, runNpm } from './environment.mjs';

/** Minutes after which a peer is stopped, compilation included. */
const PEER_MINUTES = 5;

const TORCH_ROUNDS = 4;

ensurePackages();
const options = process.argv.slice(2);
const printsJson = options.includes('--json');
const environment = { ...process.env, ...driverVariables(findSystem().vulkanNode) };
const folder = mkdtempSync(join(tmpdir(), 'bench-'));

const lab = run(process.execPath, [
  ...[join(root, 'scripts/lab.mjs'), 'bench', '--cases', folder],
  ...options.filter((option) => option !== '--json'),
]);
if (lab.status !== 0) process.exit(lab.status ?? 1);
const { cases, ...measurements } = JSON.parse(lab.stdout);
const peers = [...(installPeers() ? cases.flatMap(measureJax) : []), ...measureTorch(measurements.rows)];
rmSync(folder, { recursive: true });

const result = { ...measurements, date: new Date().toISOString().slice(0, 10), peers };
result.ratios = ratios(result);
const name = result.adapter.replace(/[^a-zA-Z0-9.]+/g, '-').replace(/^-|-$/g, '');
mkdirSync(join(root, 'bench/results'), { recursive: true });
writeFileSync(join(root, 'bench/results', `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
writeFileSync(join(root, 'bench/results', `${name}.md`), table(result));
console.log(printsJson ? JSON.stringify(result) : table(result));

function run(command, args, timeout) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  return spawnSync(command, args, {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    stdio,
    timeout,
    maxBuffer: 2 ** 26,
  });
}

/** Installs jax-js and the Node that it needs on first use, from their lock file. */
function installPeers() {
  const folder = join(root, 'bench/peers');
  if (existsSync(join(folder, 'node_modules/.bin/node'))) return true;
  process.stderr.write('Installing the peers (npm ci in bench/peers) ...\n');
  const { status } = runNpm(['ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
  });
  return status === 0;
}

/** Measurements of jax-js on one case. A failed one has `failed` with the reason. */
function measureJax(path) {
  const folder = join(root, 'bench/peers');
  return measurePeer(join(folder, 'node_modules/.bin/node'), [join(folder, 'jax.mjs'), path]).map((line) => ({
    peer: 'jax-js',
    ...line,
  }));
}

/** Measurements of PyTorch and transformers, if this machine's Python has them. They are not installed for this. */
function measureTorch(rows) {
  if (spawnSync('python3', ['-c', 'import torch, transformers'], { stdio: 'ignore' }).status !== 0) return [];
  const sizes = [...new Set(rows.map(({ n }) => String(n)))];
  const program = join(root, 'bench/peers/torch_peers.py');
  return sizes.flatMap((n) => measurePeer('python3', [program, String(TORCH_ROUNDS), n]));
}

/** Whether a measurement ran on our adapter. PyTorch chooses its device itself; jax-js (no `on`) uses ours. */
function isOnAdapter({ on }, adapter) {
  if (on === undefined) return true;
  return on === 'cuda' ? /nvidia/i.test(adapter) : /llvmpipe|swiftshader/i.test(adapter);
}

/** Runs a peer's program, which prints one JSON line for each measurement. */
function measurePeer(command, args) {
  const { stdout } = run(command, args, PEER_MINUTES * 60_000);
  return (stdout ?? '')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

/** Our row of an attention: `what` is lsh or full; full attention has no rounds and no preset. */
function findRow(rows, what, n, rounds, preset) {
  const isMatch = (row) => row.what === 'full' || (row.rounds === rounds && row.preset === preset);
  return rows.find((row) => row.what === what && row.n === n && isMatch(row));
}

/**
 * The preset of ours that a peer is compared with. transformers has no bucket mask either, but is compared with the page's default, paper.
 */
function presetOf(peer) {
  return peer === 'jax-js' ? 'trax' : 'paper';
}

/** Our milliseconds and counts to compare with a peer's measurement: forward, or forward and backward. */
function counterpart(rows, { name, n, rounds, peer }) {
  const row = findRow(rows, name.startsWith('lsh') ? 'lsh' : 'full', n, rounds, presetOf(peer));
  return name.endsWith('backward')
    ? { ms: row?.both, traffic: row?.trafficBoth }
    : { ms: row?.forward, traffic: row?.traffic };
}

/** A table of the dispatches and bytes of one run, jax-js and ours. These counts are the same on every adapter. */
function countTable(rows, peers) {
  const megabytes = ({ boundBytes }) => (boundBytes / 1e6).toPrecision(3);
  const lines = peers.flatMap((peer) => {
    const ours = counterpart(rows, peer).traffic;
    if (!ours || !peer.dispatches) return [];
    const [what, kind] = peer.name.split(' ');
    const name = `${what === 'lsh' ? `LSH with ${peer.rounds} rounds` : 'full attention'}, ${peer.n} tokens, ${kind}`;
    const counts = [megabytes(peer), megabytes(ours), (peer.boundBytes / ours.boundBytes).toFixed(1)];
    return [`| ${name} | ${[peer.dispatches, ours.dispatches, ...counts].join(' | ')} |`];
  });
  return [
    '',
    '| counted in one run | dispatches, jax-js | ours | MB bound, jax-js | ours | times |',
    '|---|---:|---:|---:|---:|---:|',
    ...lines,
  ];
}

/** Ratios of times measured in this run: how many times as long the first takes as the second. */
function ratios({ adapter, rows, peers }) {
  const entries = {};
  for (const { n, forward, both } of rows.filter((row) => row.what === 'full')) {
    const ours = findRow(rows, 'lsh', n, 4, 'paper');
    if (ours) entries[`full attention / LSH with 4 rounds, ${n} tokens, forward`] = forward / ours.forward;
    if (ours?.both && both)
      entries[`full attention / LSH with 4 rounds, ${n} tokens, forward+backward`] = both / ours.both;
  }
  for (const peer of peers) {
    const { name, n, rounds, ms } = peer;
    if (ms === undefined || !isOnAdapter(peer, adapter)) continue;
    const ours = counterpart(rows, peer).ms;
    const what = name.startsWith('lsh') ? `LSH with ${rounds} rounds` : 'full attention';
    if (ours) entries[`${peer.peer} / ours, ${what}, ${n} tokens, ${name.replace(/^\w+ /, '')}`] = ms / ours;
  }
  return entries;
}

function table({ adapter, node, date, ceilings, rows, peers, ratios: entries }) {
  const ms = (value) => (value === undefined ? '' : value < 100 ? value.toPrecision(3) : value.toFixed(0));
  const share = (value) => (value === undefined ? '' : `${(100 * value).toPrecision(2)} %`);
  const lines = [
    `### ${adapter}`,
    '',
    `${date}, Node ${node}. One head, d 64, chunk 64, causal, float32. The device's ceilings: ${Number((ceilings.flops / 1e9).toPrecision(3))} GFLOP/s`,
    `of float32 multiply-adds, ${Number((ceilings.bytes / 1e9).toPrecision(3))} GB/s of a copy. Shares are of these, by counted operations and bytes; those of attend are of all slots, seen or not.`,
    '',
    '| tokens | attention | forward ms | µs a token | with backward ms | steps: ms, share of multiply-adds, of copy |',
    '|---:|---|---:|---:|---:|---|',
  ];
  for (const { what, preset, n, rounds, forward, both, steps } of rows) {
    const name = what === 'full' ? 'full' : `LSH ${rounds} (${preset})`;
    const parts = steps.map(({ step, milliseconds, flops, bytes }) => {
      const seconds = milliseconds / 1000;
      return `${step} ${ms(milliseconds)}, ${share(flops / seconds / ceilings.flops)}, ${share(bytes / seconds / ceilings.bytes)}`;
    });
    lines.push(
      `| ${n} | ${name} | ${ms(forward)} | ${((1000 * forward) / n).toPrecision(3)} | ${ms(both)} | ${parts.join('; ')} |`,
    );
  }
  for (const { peer, name, n, rounds, ms: time, failed } of peers) {
    const [what, kind] = name.split(' ');
    const attention = `${peer}, ${what === 'lsh' ? `LSH ${rounds} (${peer === 'jax-js' ? 'trax' : 'its own'})` : what}`;
    const cells = failed
      ? [`failed: ${failed}`, '', '']
      : kind === 'forward'
        ? [ms(time), ((1000 * time) / n).toPrecision(3), '']
        : ['', '', ms(time)];
    lines.push(`| ${n} | ${attention} | ${cells.join(' | ')} | |`);
  }
  lines.push(...countTable(rows, peers));
  lines.push('', '| ratio in this run | times |', '|---|---:|');
  for (const [what, value] of Object.entries(entries)) lines.push(`| ${what} | ${value.toFixed(2)} |`);
  return `${lines.join('\n')}\n`;
}
