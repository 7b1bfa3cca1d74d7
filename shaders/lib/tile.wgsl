// One token a thread against tiles of tokens in workgroup memory. A token has a left vector, its query-key, and a right one: its value
// or, in the backward pass of the keys, its gradient.
//#needs params, qk, right, tokens
const THREADS = 64u;

var<workgroup> leftTile: array<vec4f, TILE * D4>;
var<workgroup> rightTile: array<vec4f, TILE * D4>;

var<private> ownLeft: array<vec4f, D4>; // this thread's left vector
var<private> sum: array<vec4f, D4>;

fn loadLeft(head: u32, i: u32) {
  for (var e = 0u; e < D4; e++) { ownLeft[e] = qkAt(head * p.n + i, e); sum[e] = vec4f(); }
}

// Fetches the vectors of `tokens` and the lengths of their keys, all 64 threads together.
fn loadTile(head: u32, t: u32) {
  for (var k = t; k < TILE * D4; k += 64u) {
    let token = tokens[k / D4];
    leftTile[k] = vec4f();
    rightTile[k] = vec4f();
    if (token < p.n) {
      leftTile[k] = qkAt(head * p.n + token, k % D4);
      rightTile[k] = rightAt(head * p.n + token, k % D4);
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

// Fills a tile with the tokens from `first` on, in the original order.
fn tileInOrder(head: u32, first: u32, t: u32) {
  workgroupBarrier();
  if (t < TILE) { tokens[t] = min(first + t, p.n); }
  workgroupBarrier();
  loadTile(head, t);
}

// Products of this thread's left vector with those of four slots.
fn leftProducts(slot: u32) -> vec4f {
  let k = slot * D4;
  var a = vec4f();
  var b = vec4f();
  var c = vec4f();
  var d = vec4f();
  for (var e = 0u; e < D4; e++) {
    let x = ownLeft[e];
    a = fma(x, leftTile[k + e], a);
    b = fma(x, leftTile[k + D4 + e], b);
    c = fma(x, leftTile[k + 2u * D4 + e], c);
    d = fma(x, leftTile[k + 3u * D4 + e], d);
  }
  return vec4f((a.x + a.y) + (a.z + a.w), (b.x + b.y) + (b.z + b.w), (c.x + c.y) + (c.z + c.w), (d.x + d.y) + (d.z + d.w));
}
