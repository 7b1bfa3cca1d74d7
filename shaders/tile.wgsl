// Online softmax of one query a thread over tiles of keys in workgroup memory. Shared by attend.wgsl and full.wgsl.
const D4: u32 = 16u;   // vec4s in a vector
const TILE: u32 = 16u; // keys in a tile: two tiles of vectors fit 16 KiB of workgroup memory
const NONE = -3.4e38;

@group(0) @binding(1) var<storage, read> qk: array<vec4f>; // [h, n, D4]
@group(0) @binding(2) var<storage, read> v: array<vec4f>;  // [h, n, D4]

var<workgroup> keys: array<vec4f, TILE * D4>;
var<workgroup> values: array<vec4f, TILE * D4>;
var<workgroup> tokens: array<u32, TILE>;   // the token in each slot; n where there is none
var<workgroup> factor: array<f32, TILE>;   // score scale / key length

var<private> query: array<vec4f, D4>;
var<private> sum: array<vec4f, D4>; // Σ exp(score − top)·value
var<private> top: f32 = NONE;
var<private> mass: f32 = 0.0;       // Σ exp(score − top)

fn beginQuery(head: u32, i: u32) {
  for (var e = 0u; e < D4; e++) { query[e] = qk[(head * p.n + i) * D4 + e]; sum[e] = vec4f(); }
}

// Fetches the vectors of `tokens`, all 64 threads together.
fn loadTile(head: u32, t: u32) {
  for (var k = t; k < TILE * D4; k += 64u) {
    let token = tokens[k / D4];
    keys[k] = vec4f();
    values[k] = vec4f();
    if (token < p.n) {
      keys[k] = qk[(head * p.n + token) * D4 + k % D4];
      values[k] = v[(head * p.n + token) * D4 + k % D4];
    }
  }
  workgroupBarrier();
  if (t < TILE) {
    var square = p.keyEpsilon;
    for (var e = 0u; e < D4; e++) { square += dot(keys[t * D4 + e], keys[t * D4 + e]); }
    factor[t] = p.scale / max(sqrt(square), 1e-12);
  }
  workgroupBarrier();
}

// Scores of the four slots from `slot` on.
fn scores(slot: u32) -> vec4f {
  var dots = vec4f();
  for (var e = 0u; e < D4; e++) {
    let q = query[e];
    let k = slot * D4 + e;
    dots += vec4f(dot(q, keys[k]), dot(q, keys[k + D4]), dot(q, keys[k + 2u * D4]), dot(q, keys[k + 3u * D4]));
  }
  return dots * vec4f(factor[slot], factor[slot + 1u], factor[slot + 2u], factor[slot + 3u]);
}

// Adds four slots; those that are not `seen` weigh nothing.
fn absorb(slot: u32, score: vec4f, seen: vec4<bool>) {
  if (!any(seen)) { return; }
  let masked = select(vec4f(NONE), score, seen);
  let newTop = max(top, max(max(masked.x, masked.y), max(masked.z, masked.w)));
  let weight = select(vec4f(), exp(masked - newTop), seen);
  let shrink = exp(top - newTop);
  mass = mass * shrink + (weight.x + weight.y) + (weight.z + weight.w);
  top = newTop;
  for (var e = 0u; e < D4; e++) {
    let k = slot * D4 + e;
    sum[e] = sum[e] * shrink + weight.x * values[k] + weight.y * values[k + D4]
      + weight.z * values[k + 2u * D4] + weight.w * values[k + 3u * D4];
  }
}
