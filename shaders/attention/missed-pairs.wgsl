// Sums up the full-attention weight of the pairs that no round held, by cause (src/algorithm/missed-pairs.ts), for the first 1 … R rounds
// from p.round + 1 on. A workgroup takes one query and shares its keys over the threads; y = head. The queries are spaced evenly.
//#include params, vectors(qk, 1), placement, pairs, score
const ROUNDS: u32 = 16u; // most rounds
const WINDOW: u32 = 4u;  // most chunks of a window
const CAUSES: u32 = 3u;
const KEYS: u32 = 256u;  // keys at a time
const THREADS: u32 = 64u; // of a workgroup, at least one a round
const CHUNK_EDGE = 0u; const LONG_BUCKET = 1u; const OTHER_BUCKET = 2u;

@group(0) @binding(3) var<storage, read> fullLse: array<f32>;    // [h, n]
@group(0) @binding(4) var<storage, read> buckets: array<u32>;    // [h, R, n]
@group(0) @binding(6) var<storage, read_write> lost: array<f32>; // [h, count, R, 3]

// The query's bucket in one round, and the range of its tokens that a window could reach if chunks were cut elsewhere. The tokens of a
// bucket are sorted by their position in the sequence.
struct Reach { bucket: u32, first: u32, end: u32 }

// One chunk of a window: its tokens are those with this key in this round.
struct WindowChunk { round: u32, key: u32 }

var<workgroup> reaches: array<Reach, ROUNDS>;
var<workgroup> keys: array<u32, ROUNDS>;              // of the query
var<workgroup> windowChunks: array<WindowChunk, ROUNDS * WINDOW>; // of a ring
var<workgroup> weights: array<f32, KEYS>; // of the keys of a tile; at the end: sums
var<workgroup> causes: array<u32, KEYS>;   // of each key, two bits a round: its cause, or 3 from the round that sees it

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let index = p.start + group.x;
  let i = index * p.n / p.count;
  if (t < p.rounds) { prepare(head, t, i); }
  workgroupBarrier();

  // For each tile a thread first scores some of the keys, then sums up one round over every lanes-th key.
  let lse = fullLse[head * p.n + i];
  let end = select(p.n, i + 1u, has(CAUSAL));
  let lanes = THREADS / p.rounds;
  let round = t % p.rounds;
  let lane = t / p.rounds;
  var sums = vec3f();
  for (var first = 0u; first < end; first += KEYS) {
    let filled = min(KEYS, end - first);
    for (var k = t; k < filled; k += THREADS) {
      weights[k] = exp(score(head, i, first + k) - lse);
      causes[k] = causesOf(head, first + k);
    }
    workgroupBarrier();
    for (var k = lane; k < filled && lane < lanes; k += lanes) {
      let cause = (causes[k] >> (2u * round)) & 3u;
      sums += select(vec3f(), vec3f(weights[k]), vec3<u32>(cause) == vec3<u32>(CHUNK_EDGE, LONG_BUCKET, OTHER_BUCKET));
    }
    workgroupBarrier();
  }
  for (var cause = 0u; cause < CAUSES; cause++) {
    weights[t] = sums[cause];
    workgroupBarrier();
    if (t >= p.round && t < p.rounds) {
      var sum = 0.0;
      for (var k = 0u; k < lanes; k++) { sum += weights[k * p.rounds + t]; }
      lost[((head * p.count + index) * p.roundStride + t) * CAUSES + cause] = sum;
    }
    workgroupBarrier();
  }
}

// The cause for which key j was missed up to each round, packed as in `causes`.
fn causesOf(head: u32, j: u32) -> u32 {
  var packed = 0xffffffffu;
  var cause = OTHER_BUCKET;
  for (var round = 0u; round < p.rounds; round++) {
    if (isSeen(head, round, j)) { break; }
    let reach = reaches[round];
    if (buckets[at(head, round, j)] == reach.bucket) {
      cause = min(cause, select(LONG_BUCKET, CHUNK_EDGE, j >= reach.first && j < reach.end));
    }
    packed ^= (3u ^ cause) << (2u * round);
  }
  return packed;
}

// Fills `reaches`, `keys` and `windowChunks` for one round of the query.
fn prepare(head: u32, round: u32, i: u32) {
  let rank = rankOf(head, round, i);
  let bucket = buckets[at(head, round, i)];
  var reach = Reach(bucket, 0u, p.n);
  let before = p.chunk * u32(1 + p.lookBack);
  if (rank >= before) {
    let token = orderAt(head, round, rank - before);
    if (buckets[at(head, round, token)] == bucket) { reach.first = token + 1u; }
  }
  let after = p.chunk * u32(1 + p.lookAhead);
  if (rank + after < p.n) {
    let token = orderAt(head, round, rank + after);
    if (buckets[at(head, round, token)] == bucket) { reach.end = token; }
  }
  reaches[round] = reach;
  keys[round] = keyAt(head, round, i);
  let queryPosition = queryPositionOf(head, round, i);
  for (var k = 0u; k < WINDOW; k++) {
    let chunk = chunkAt(round, i32(queryPosition.chunk) - p.lookBack + i32(k));
    let isMasked = has(BUCKET_MASK) && chunk.round != round;
    let isBeyond = i32(k) > p.lookBack + p.lookAhead;
    // No token has the key 0xffffffff.
    windowChunks[round * WINDOW + k] = WindowChunk(chunk.round, select(queryPosition.bucket + chunk.index, 0xffffffffu, isMasked || isBeyond));
  }
}

// Whether the query sees key j in a round.
fn isSeen(head: u32, round: u32, j: u32) -> bool {
  if (!inRing()) { return areNear(keys[round], vec4<u32>(keyAt(head, round, j))).x; }
  for (var k = 0u; k < WINDOW; k++) {
    let chunk = windowChunks[round * WINDOW + k];
    if (keyAt(head, chunk.round, j) == chunk.key) { return true; }
  }
  return false;
}
