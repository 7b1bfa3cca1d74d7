// LSH attention and full attention as a browser user would write them with jax-js, timed on the device that `webgpu` finds.
// `node jax.mjs CASE.json` reads a case that src/lab/bench.ts wrote, with float32 files. Prints one JSON line for each measurement:
// { name, n, rounds, ms, error, dispatches, boundBytes }; error is relative to `out`; dispatches and boundBytes are those of one run.
import { readFileSync } from 'node:fs';
import { create, globals } from 'webgpu';
import { watchTraffic } from '../traffic.mjs';

Object.assign(globalThis, globals, { dawn: create([]) });
Object.defineProperty(globalThis, 'navigator', {
  value: { gpu: globalThis.dawn, userAgent: 'node' },
  configurable: true,
});
const traffic = watchTraffic(globals);
const { blockUntilReady, defaultDevice, grad, init, jit, numpy: np, nn } = await import('@jax-js/jax');

const task = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { n, d, rounds, chunk, factors, selfMask, causalMask, files } = task;
const columns = factors.reduce((sum, factor) => sum + factor / 2, 0);
const floats = (path) => {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

await init('webgpu');
defaultDevice('webgpu');
const array = (name, shape) => np.array(floats(files[name])).reshape(shape);
const qk = array('qk', [n, d]);
const v = array('v', [n, d]);
const gradOut = array('gradOut', [n, d]);
const rotations = array('rotations', [d, rounds, columns]); // one head
const expected = floats(files.out);

const unit = (keys) => {
  const length = np.sqrt(
    keys.ref
      .mul(keys.ref)
      .sum(-1, { keepdims: true })
      .add(1e-6 * d),
  );
  return keys.div(length);
};

/** Causal LSH attention with the conventions of trax: no bucket mask, duplicates counted, the chunks of all rounds in one ring. */
function lsh(qk, v, rotations) {
  const chunks = n / chunk;
  const rotated = np.einsum('nd,drc->rnc', qk.ref, rotations);
  let bucket;
  let first = 0;
  let place = 1;
  for (const factor of factors) {
    const y = rotated.ref.slice([], [], [first, first + factor / 2]);
    const digit = np
      .argmax(np.concatenate([y.ref, y.mul(-1)], 2), 2)
      .astype(np.int32)
      .mul(place);
    bucket = bucket ? bucket.add(digit) : digit;
    first += factor / 2;
    place *= factor;
  }
  rotated.dispose();
  const order = np.argsort(bucket.mul(n).add(np.arange(n).astype(np.int32)), 1); // [R, n]
  const rank = np.argsort(order.ref, 1);
  const tokens = order.reshape([rounds * chunks, chunk]);
  const take = (rows) => np.take(rows, tokens.ref.reshape([rounds * n]), 0).reshape([rounds * chunks, chunk, d]);
  const withBefore = (x) => {
    const last = rounds * chunks - 1;
    const before = np.concatenate([x.ref.slice([last, last + 1]), x.ref.slice([0, last])], 0);
    return np.concatenate([before, x], 1);
  };
  const queries = take(qk);
  const keys = withBefore(unit(queries.ref));
  const values = withBefore(take(v));
  const queryTokens = tokens.ref.reshape([rounds * chunks, chunk, 1]);
  const keyTokens = withBefore(tokens.ref).reshape([rounds * chunks, 1, 2 * chunk]);
  tokens.dispose();
  let scores = np.einsum('cid,cjd->cij', queries, keys);
  scores = np.where(np.greater(keyTokens.ref, queryTokens.ref), causalMask, scores);
  scores = np.where(np.equal(keyTokens, queryTokens), selfMask, scores);
  const lse = nn.logsumexp(scores.ref, 2, { keepdims: true }); // [R·C, m, 1]
  const weights = np.exp(scores.sub(lse.ref));
  const outs = np.einsum('cij,cjd->cid', weights, values).reshape([rounds * n, d]);
  const offsets = np.arange(rounds).astype(np.int32).mul(n).reshape([rounds, 1]);
  const places = rank.add(offsets).reshape([rounds * n]);
  const unsorted = np.take(outs, places.ref, 0).reshape([rounds, n, d]);
  const share = nn.softmax(np.take(lse.reshape([rounds * n]), places, 0).reshape([rounds, n, 1]), 0);
  return unsorted.mul(share).sum(0);
}

function full(qk, v) {
  const scores = np.einsum('id,jd->ij', qk.ref, unit(qk));
  const at = np.arange(n).astype(np.int32);
  const rows = at.ref.reshape([n, 1]);
  const columnsAt = at.reshape([1, n]);
  let masked = np.where(np.greater(columnsAt.ref, rows.ref), causalMask, scores);
  masked = np.where(np.equal(columnsAt, rows), selfMask, masked);
  return np.einsum('ij,jd->id', nn.softmax(masked, 1), v);
}

const loss =
  (f) =>
  (qk, v, ...rest) => {
    const g = rest.pop();
    return f(qk, v, ...rest)
      .mul(g)
      .sum();
  };

/** Runs once to compile, then gives the median milliseconds of several runs, the first result, and the traffic of one more run. */
async function timeRuns(run) {
  const first = await blockUntilReady(run());
  const times = [];
  while (times.length < 3 || (times.length < 7 && times.reduce((a, b) => a + b, 0) < 1000)) {
    const started = performance.now();
    const result = await blockUntilReady(run());
    times.push(performance.now() - started);
    for (const one of [result].flat()) one.dispose();
  }
  const counts = await traffic(async () => {
    for (const one of [await blockUntilReady(run())].flat()) one.dispose();
  });
  return { ms: times.sort((a, b) => a - b)[times.length >> 1], first, counts };
}

async function measure(name, run, compare) {
  try {
    const { ms, first, counts } = await timeRuns(run);
    let error;
    if (compare) {
      const out = await first.data();
      let difference = 0;
      let size = 0;
      for (let i = 0; i < compare.length; i++) {
        difference += (out[i] - compare[i]) ** 2;
        size += compare[i] ** 2;
      }
      error = Math.sqrt(difference / size);
    } else for (const one of [first].flat()) one.dispose();
    console.log(JSON.stringify({ name, n, rounds, ms, error, ...counts }));
  } catch (error) {
    console.log(
      JSON.stringify({
        name,
        n,
        rounds,
        failed: String(error.message ?? error)
          .split('\n')[0]
          .slice(0, 160),
      }),
    );
  }
}

if (task.lsh) {
  const forward = jit(lsh);
  await measure('lsh forward', () => forward(qk.ref, v.ref, rotations.ref), expected);
  if (task.backward) {
    // jax-js 0.1.25 cannot compile the gradient of take inside jit.
    const both = grad(loss(lsh), { argnums: [0, 1] });
    await measure('lsh forward+backward', () => both(qk.ref, v.ref, rotations.ref, gradOut.ref));
  }
}
if (task.full) {
  const forward = jit(full);
  await measure('full forward', () => forward(qk.ref, v.ref));
  if (task.backward) {
    const both = jit(grad(loss(full), { argnums: [0, 1] }));
    await measure('full forward+backward', () => both(qk.ref, v.ref, gradOut.ref));
  }
}
process.exit(0);
