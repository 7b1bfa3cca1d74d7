// What one more round brings to a few queries: its slots are added to the running softmax of each query, which is then compared with full
// attention. With FIRST a pair counts only in the first slot that holds it, so that the softmax is that over the union of pairs.
// One query a workgroup, one slot a thread; y = head. The queries are spaced evenly. Needs params, qk, right (values), places, pairs, score.
const SLOTS: u32 = 8u; // most slots of a thread: a window has at most 512

@group(0) @binding(6) var<storage, read> fullOut: array<vec4f>;     // [h, count, D4]
@group(0) @binding(7) var<storage, read_write> state: array<vec4f>; // [h, count, D4 + 1]: output, and its log-sum-exp
@group(0) @binding(8) var<storage, read_write> sums: array<vec4f>;  // [R, h, count]: Σ(out − full)², Σ full², log-sum-exp

// Of this thread's slots.
var<private> keys: array<u32, SLOTS>;   // n where nothing is seen
var<private> scores: array<f32, SLOTS>; // later: weights

var<workgroup> parts: array<vec4f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let index = p.start + group.x;
  let i = index * p.n / p.count;
  let row = head * p.count + index;
  let window = p.chunk * u32(1 + p.lookBack + p.lookAhead);
  let own = seatOf(head, p.round, i);

  // Scores of this round's slots, and their largest.
  var top = -3.4e38;
  for (var s = 0u; s * 64u + t < window; s++) {
    let j = keyIn(head, p.round, s * 64u + t, i, own);
    keys[s] = j;
    if (j < p.n) { scores[s] = score(head, i, j); top = max(top, scores[s]); }
  }
  top = reduced(t, vec4f(top), true).x;
  var mass = 0.0;
  for (var s = 0u; s * 64u + t < window; s++) {
    var weight = 0.0;
    if (keys[s] < p.n) { weight = exp(scores[s] - top); }
    scores[s] = weight;
    mass += weight;
  }
  mass = reduced(t, vec4f(mass), false).x;

  // Combined with the rounds before; a round of no slots has no part.
  var before = -3.4e38;
  if (!has(RESTART)) { before = state[row * (D4 + 1u) + D4].x; }
  let fresh = select(-3.4e38, top + log(mass), mass > 0.0);
  let high = max(before, fresh);
  let share = exp(before - high) + exp(fresh - high);
  let keep = exp(before - high) / share;
  let add = select(0.0, exp(fresh - high) / (share * mass), mass > 0.0);
  var distance = vec4f();
  for (var e = 0u; e < D4; e++) {
    var sum = vec4f();
    for (var s = 0u; s * 64u + t < window; s++) {
      if (keys[s] < p.n) { sum += scores[s] * rightAt(head * p.n + keys[s], e); }
    }
    sum = reduced(t, sum, false);
    if (t == 0u) {
      var out = add * sum;
      if (!has(RESTART)) { out += keep * state[row * (D4 + 1u) + e]; }
      state[row * (D4 + 1u) + e] = out;
      let full = fullOut[row * D4 + e];
      distance += vec4f(dot(out - full, out - full), dot(full, full), 0.0, 0.0);
    }
  }
  if (t == 0u) {
    let lse = high + log(share);
    state[row * (D4 + 1u) + D4] = vec4f(lse);
    sums[((p.rounds - 1u) * p.heads + head) * p.count + index] = vec4f(distance.xy, lse, 0.0);
  }
}

// The sum or the largest over all threads, for all of them.
fn reduced(t: u32, mine: vec4f, largest: bool) -> vec4f {
  workgroupBarrier();
  parts[t] = mine;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (t < half) { parts[t] = select(parts[t] + parts[t + half], max(parts[t], parts[t + half]), largest); }
    workgroupBarrier();
  }
  return parts[0];
}
