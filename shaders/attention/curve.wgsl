// Adds one more round to one query a workgroup, and compares the query's output with full attention; y = head. The queries are spaced
// evenly. With FIRST a pair counts only in the first slot that holds it, so that the softmax is the one over the union of pairs.
// The threads share the slots, then the parts of the output. Each thread sums up the others' results itself, because a barrier costs more.
// `right` holds the values.
//#include params, vectors(qk, 1), vectors(right, 3), placement, pairs, score
const SLOTS: u32 = 512u;    // most in a window
const THREADS: u32 = 32u;   // at least as many as a vector has vec4s
const LANES = THREADS / D4; // threads that share the slots of one vec4 of the output

@group(0) @binding(6) var<storage, read> fullOut: array<vec4f>;     // [h, count, D4]
@group(0) @binding(7) var<storage, read_write> state: array<vec4f>; // [h, count, D4 + 1]: output, and its log-sum-exp
@group(0) @binding(8) var<storage, read_write> sums: array<vec4f>;  // [R, h, count]: Σ(out − full)², Σ full², log-sum-exp

var<workgroup> keys: array<u32, SLOTS>;    // n in a slot that does not count
var<workgroup> weights: array<f32, SLOTS>; // first the scores
var<workgroup> tops: array<f32, THREADS>;
var<workgroup> masses: array<f32, THREADS>;
var<workgroup> parts: array<vec4f, THREADS>;
var<workgroup> distances: array<vec2f, D4>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let index = p.start + group.x;
  let i = index * p.n / p.count;
  let row = head * p.count + index;
  let window = p.chunk * u32(1 + p.lookBack + p.lookAhead);
  let slotThreads = min(window, THREADS); // threads that have slots
  let queryPosition = queryPositionOf(head, p.round, i);

  // Scores of this round's slots, their largest, and their weights.
  var top = -3.4e38;
  for (var s = t; s < window; s += THREADS) {
    let j = keyIn(head, p.round, s, i, queryPosition);
    keys[s] = j;
    if (j < p.n) {
      weights[s] = score(head, i, j);
      top = max(top, weights[s]);
    }
  }
  tops[t] = top;
  workgroupBarrier();
  for (var k = 0u; k < slotThreads; k++) { top = max(top, tops[k]); }
  var mass = 0.0;
  for (var s = t; s < window; s += THREADS) {
    var weight = 0.0;
    if (keys[s] < p.n) { weight = exp(weights[s] - top); }
    weights[s] = weight;
    mass += weight;
  }
  masses[t] = mass;
  workgroupBarrier();
  mass = 0.0;
  for (var k = 0u; k < slotThreads; k++) { mass += masses[k]; }

  // Combines the round with the earlier ones. A round without slots has no share.
  var before = -3.4e38;
  if (!has(RESTART)) { before = state[row * (D4 + 1u) + D4].x; }
  let roundLse = select(-3.4e38, top + log(mass), mass > 0.0);
  let high = max(before, roundLse);
  let share = exp(before - high) + exp(roundLse - high);
  let oldFactor = exp(before - high) / share;
  let newFactor = select(0.0, exp(roundLse - high) / (share * mass), mass > 0.0);
  let e = t % D4;
  let lane = t / D4;
  var sum = vec4f();
  for (var s = lane; s < window && lane < LANES; s += LANES) {
    if (keys[s] < p.n) { sum += weights[s] * rightAt(head * p.n + keys[s], e); }
  }
  parts[t] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    for (var k = 1u; k < LANES; k++) { sum += parts[k * D4 + e]; }
    var out = newFactor * sum;
    if (!has(RESTART)) { out += oldFactor * state[row * (D4 + 1u) + e]; }
    state[row * (D4 + 1u) + e] = out;
    let full = fullOut[row * D4 + e];
    distances[e] = vec2f(dot(out - full, out - full), dot(full, full));
  }
  workgroupBarrier();
  if (t == 0u) {
    var distance = vec2f();
    for (var k = 0u; k < D4; k++) { distance += distances[k]; }
    let lse = high + log(share);
    state[row * (D4 + 1u) + D4] = vec4f(lse);
    sums[((p.rounds - 1u) * p.heads + head) * p.count + index] = vec4f(distance, lse, 0.0);
  }
}
