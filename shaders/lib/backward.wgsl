// The gradient of a softmax over slots, tile by tile, for the backward kernels. A slot weighs w = exp(score − lse); its score has
// the gradient w·(gradOut·value − gradOut·out).
//
// A segment holds the right vectors of the positions of this dispatch. Each thread replaces its own vector there by its gradients.
//#needs params, tokens, tile
@group(0) @binding(6) var<storage, read_write> segment: array<vec4f>; // [h, count, 2, D4]: gradOut of a query or value of a key, then gradients
@group(0) @binding(7) var<storage, read> rows: array<vec2f>;     // [h, n]: log-sum-exp, and gradOut · out

var<private> ownRight: array<vec4f, D4>; // this thread's right vector

// Fetches the right vector of position p.start + k.
fn loadRight(head: u32, k: u32) {
  for (var e = 0u; e < D4; e++) { ownRight[e] = segment[(head * p.count + k) * 2u * D4 + e]; }
}

// Products of this thread's right vector with those of four slots.
fn rightProducts(slot: u32) -> vec4f {
  var dots = vec4f();
  for (var e = 0u; e < D4; e++) {
    let x = ownRight[e];
    let k = slot * D4 + e;
    dots += vec4f(dot(x, rightTile[k]), dot(x, rightTile[k + D4]), dot(x, rightTile[k + 2u * D4]), dot(x, rightTile[k + 3u * D4]));
  }
  return dots;
}

// Adds four weighted left vectors of the tile to `sum`.
fn addLeft(slot: u32, weight: vec4f) {
  for (var e = 0u; e < D4; e++) {
    let k = slot * D4 + e;
    sum[e] += weight.x * leftTile[k] + weight.y * leftTile[k + D4] + weight.z * leftTile[k + 2u * D4] + weight.w * leftTile[k + 3u * D4];
  }
}

// True for a query that sees only itself: it gives itself weight 1 in all, any other query gives itself none. Computed weights would not
// do, because float32 is too coarse near the self mask, −1e5.
fn isAlone(lse: f32) -> bool { return lse < 0.5 * p.selfMask; }
