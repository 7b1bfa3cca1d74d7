/** `lab bench`: times attention and the device's ceilings. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { globals } from 'webgpu';
import { watchTraffic } from '../../bench/traffic.mjs';
import { rotations } from '../algorithm/hash';
import { twins, type Vectors } from '../algorithm/inputs';
import { presets } from '../algorithm/settings';
import { LshAttention } from '../gpu/attention/lsh-attention';
import {
  type BenchRow,
  benchSettings,
  benchVectors,
  type Ceilings,
  measureCeilings,
  measureFull,
  measureLsh,
} from '../gpu/bench';
import type { Context } from '../gpu/runtime/context';
import { InputError } from '../shared/errors';
import { random } from '../shared/random';
import { dawnContext } from './dawn';
import { number, parseCommandLine } from './options';

export const benchUsage = `bench [--largest 1048576] [--seconds 4] [--cases FOLDER]
  Times LSH attention with 1, 2, 4 and 8 rounds and full attention, forward and forward+backward, of one head (d 64, chunk 64, causal)
  at n = 1024, 4096, … up to --largest. A series ends before a run that would take longer than --seconds. Also measures the device's
  ceilings of arithmetic and memory. --cases writes inputs and outputs for other programs to FOLDER.
  Prints one JSON object, from which npm run bench makes tables.`;

const roundCounts = [1, 2, 4, 8];

/** Sizes and rounds at which peers do the same work. They use the conventions of trax, which need no count of duplicates. */
const peerCases = [
  { n: 4096, rounds: 4, lsh: true, full: true, backward: true },
  { n: 16384, rounds: 1, lsh: true, full: false, backward: false },
  { n: 16384, rounds: 4, lsh: true, full: false, backward: false },
];

/** Runs the command. @throws InputError for invalid options. */
export async function bench(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['largest', 'seconds', 'cases']);
  if (files.length) throw new InputError(`bench takes no files, but got ${files[0]}.`);
  const largest = number('largest', flags.get('largest') ?? 2 ** 20);
  const longest = 1000 * number('seconds', flags.get('seconds') ?? 4);
  const count = watchTraffic(globals);
  const context = await dawnContext();
  report(`on ${context.name}`);
  const ceilings: Ceilings = await measureCeilings(context);
  context.free();
  const rows: BenchRow[] = [];
  const add = (row: BenchRow) => {
    rows.push(row);
    const name = row.what === 'full' ? 'full attention' : `LSH, ${row.preset}, ${row.rounds} rounds`;
    const both = row.both === undefined ? '' : `, with backward ${row.both.toFixed(1)} ms`;
    report(`${row.n} tokens, ${name}: ${row.forward.toFixed(1)} ms${both}`);
    return row.forward;
  };
  // All rows of a size share their vectors; only those of the last size stay in memory.
  let lastVectors: Vectors | undefined;
  const vectors = (n: number) => {
    if (lastVectors?.shape.n !== n) lastVectors = twins({ heads: 1, n, d: 64 }, benchVectors);
    return lastVectors;
  };
  const options = { longest, backward: true, vectors, count };
  // Expected milliseconds at the next size, four times as many tokens: a little more than linear for LSH, quadratic for full attention.
  const expected = new Map<string, number>();
  const fits = (series: string) => (expected.get(series) ?? 0) < longest;
  for (let n = 1024; n <= largest; n *= 4) {
    for (const rounds of roundCounts) {
      const series = `lsh ${rounds}`;
      if (fits(series)) expected.set(series, 5 * add(await measureLsh(context, n, rounds, 'paper', options)));
    }
    if (fits('full')) expected.set('full', 16 * add(await measureFull(context, n, options)));
    if (![...roundCounts.map((rounds) => `lsh ${rounds}`), 'full'].some(fits)) break;
  }
  for (const { n, rounds, backward } of peerCases) {
    if (n <= largest) add(await measureLsh(context, n, rounds, 'trax', { ...options, backward }));
  }
  const folder = flags.get('cases');
  const cases = folder ? await writeCases(context, folder, largest) : undefined;
  const { name } = context;
  context.destroy();
  console.log(JSON.stringify({ adapter: name, node: process.version, ceilings, rows, ...(cases && { cases }) }));
}

/**
 * Writes the inputs and our output of each peer case as float32 files, and a JSON file with the sizes and paths. Returns the JSON files'
 * paths.
 */
async function writeCases(context: Context, folder: string, largest: number): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, peer] of peerCases.entries()) {
    if (peer.n > largest) continue;
    const settings = benchSettings(peer.n, peer.rounds, 'trax');
    const shape = { heads: 1, n: peer.n, d: 64 };
    const input = { ...twins(shape, benchVectors), rotations: rotations(shape, settings, benchVectors.seed) };
    const lsh = new LshAttention(context, input.shape, settings, { keepRounds: false });
    lsh.upload(input);
    await lsh.run();
    const draw = random(1, 10);
    const gradOut = Float32Array.from(input.v, () => draw.normal());
    const out = (await context.read(lsh.out)) as Float32Array;
    context.releaseRetired();
    const caseFolder = join(folder, String(index));
    await mkdir(caseFolder, { recursive: true });
    const files: Record<string, string> = {};
    for (const [name, numbers] of Object.entries({
      qk: input.qk,
      v: input.v,
      rotations: input.rotations,
      gradOut,
      out,
    })) {
      files[name] = join(caseFolder, `${name}.f32`);
      await writeFile(files[name], new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    }
    const { factors, chunk, selfMask } = settings;
    const path = join(caseFolder, 'case.json');
    const { causalMask } = presets.trax;
    await writeFile(path, JSON.stringify({ ...peer, d: input.shape.d, factors, chunk, selfMask, causalMask, files }));
    paths.push(path);
  }
  return paths;
}

/** Prints progress to stderr: stdout is for the result. */
function report(line: string): void {
  process.stderr.write(`${line}\n`);
}
