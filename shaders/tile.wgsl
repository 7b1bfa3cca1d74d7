// Vectors of one token a thread against tiles of others in workgroup memory. A token has a left vector, always its query-key, and a
// right one: its value, or in the backward pass of the keys its gradient. Needs params.wgsl.
const D4: u32 = 16u;   // vec4s in a vector
const TILE: u32 = 16u; // tokens in a tile: two tiles of vectors fit 16 KiB of workgroup memory
const NONE = -3.4e38;

@group(0) @binding(1) var<storage, read> qk: array<vec4f>;    // [h, n, D4]
@group(0) @binding(2) var<storage, read> right: array<vec4f>; // [h, n, D4]

var<workgroup> leftTile: array<vec4f, TILE * D4>;
var<workgroup> rightTile: array<vec4f, TILE * D4>;
var<workgroup> tokens: array<u32, TILE>;   // the token in each slot; n where there is none
var<workgroup> factor: array<f32, TILE>;   // score scale / key length

var<private> own: array<vec4f, D4>; // this thread's left vector
var<private> sum: array<vec4f, D4>;

fn loadOwn(head: u32, i: u32) {
  for (var e = 0u; e < D4; e++) { own[e] = qk[(head * p.n + i) * D4 + e]; sum[e] = vec4f(); }
}

fn keyLength(square: f32) -> f32 { return max(sqrt(square + p.keyEpsilon), 1e-12); }

// Fetches the vectors of `tokens`, all 64 threads together.
fn loadTile(head: u32, t: u32) {
  for (var k = t; k < TILE * D4; k += 64u) {
    let token = tokens[k / D4];
    leftTile[k] = vec4f();
    rightTile[k] = vec4f();
    if (token < p.n) {
      leftTile[k] = qk[(head * p.n + token) * D4 + k % D4];
      rightTile[k] = right[(head * p.n + token) * D4 + k % D4];
    }
  }
  workgroupBarrier();
  if (t < TILE) {
    var square = 0.0;
    for (var e = 0u; e < D4; e++) { square += dot(leftTile[t * D4 + e], leftTile[t * D4 + e]); }
    factor[t] = p.scale / keyLength(square);
  }
  workgroupBarrier();
}

// The tokens from `first` on as a tile, in their own order.
fn tileInOrder(head: u32, first: u32, t: u32) {
  workgroupBarrier();
  if (t < TILE) { tokens[t] = min(first + t, p.n); }
  workgroupBarrier();
  loadTile(head, t);
}

// Products of the own left vector with those of four slots.
fn products(slot: u32) -> vec4f {
  var dots = vec4f();
  for (var e = 0u; e < D4; e++) {
    let x = own[e];
    let k = slot * D4 + e;
    dots += vec4f(dot(x, leftTile[k]), dot(x, leftTile[k + D4]), dot(x, leftTile[k + 2u * D4]), dot(x, leftTile[k + 3u * D4]));
  }
  return dots;
}

fn factors(slot: u32) -> vec4f { return vec4f(factor[slot], factor[slot + 1u], factor[slot + 2u], factor[slot + 3u]); }
