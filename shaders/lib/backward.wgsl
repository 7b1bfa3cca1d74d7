// Gradients of a softmax over slots, tile by tile: what the backward kernels share. A slot weighs w = exp(score − lse); its score has
// the gradient w·(gradOut·value − gradOut·out). Needs params, qk, right, tile.
//
// A thread's own right vector comes in a segment of the positions of this dispatch, and its gradients go where that lay and behind it.
@group(0) @binding(6) var<storage, read_write> segment: array<vec4f>; // [h, count, 2, D4]: gradOut of a query, value of a key; then gradients
@group(0) @binding(7) var<storage, read> rows: array<vec2f>;     // [h, n]: log-sum-exp, and gradOut · out

var<private> partner: array<vec4f, D4>; // this thread's right vector

// Of position p.start + k.
fn loadPartner(head: u32, k: u32) {
  for (var e = 0u; e < D4; e++) { partner[e] = segment[(head * p.count + k) * 2u * D4 + e]; }
}

// Products of the own right vector with those of four slots.
fn rightProducts(slot: u32) -> vec4f {
  var dots = vec4f();
  for (var e = 0u; e < D4; e++) {
    let x = partner[e];
    let k = slot * D4 + e;
    dots += vec4f(dot(x, rightTile[k]), dot(x, rightTile[k + D4]), dot(x, rightTile[k + 2u * D4]), dot(x, rightTile[k + 3u * D4]));
  }
  return dots;
}

// Adds four left vectors of the tile to `sum`.
fn addLeft(slot: u32, weight: vec4f) {
  for (var e = 0u; e < D4; e++) {
    let k = slot * D4 + e;
    sum[e] += weight.x * leftTile[k] + weight.y * leftTile[k + D4] + weight.z * leftTile[k + 2u * D4] + weight.w * leftTile[k + 3u * D4];
  }
}

// A token that sees only itself gives itself weight 1, over all its slots; any other gives itself none. Its log-sum-exp would not
// tell: near the self mask, −1e5, float32 is too coarse.
fn alone(lse: f32) -> bool { return lse < 0.5 * p.selfMask; }
