// One key a thread, collecting from tiles of queries: shared by attend-backward-key.wgsl and full-backward-key.wgsl.
// Needs params, qk, right (gradOut), tokens, tile, backward (segment: v; then gradients of v and of qk).

var<private> gradValue: array<vec4f, D4>;
var<private> ownLength: f32;

fn beginKey(head: u32, j: u32, k: u32) {
  loadOwn(head, j);
  loadPartner(head, k);
  var square = 0.0;
  for (var e = 0u; e < D4; e++) { square += dot(own[e], own[e]); gradValue[e] = vec4f(); }
  ownLength = keyLength(square);
}

// From four queries. A pair's `divisor` is how often it meets, where that counts.
fn collect(head: u32, slot: u32, j: u32, seen: vec4<bool>, divisor: vec4f) {
  var lse = vec4f();
  var outward = vec4f();
  var itself = vec4<bool>();
  for (var k = 0u; k < 4u; k++) {
    let i = min(tokens[slot + k], p.n - 1u);
    let row = rows[head * p.n + i];
    lse[k] = row.x;
    outward[k] = row.y;
    itself[k] = i == j;
  }
  let score = products(slot) * (p.scale / ownLength);
  var weight = exp(min(score - lse, vec4f(5.0)));
  for (var k = 0u; k < 4u; k++) {
    if (itself[k]) { weight[k] = select(0.0, 1.0, alone(lse[k])); }
  }
  weight = select(vec4f(), weight / divisor, seen);
  for (var e = 0u; e < D4; e++) {
    let k = slot * D4 + e;
    gradValue[e] += weight.x * rightTile[k] + weight.y * rightTile[k + D4] + weight.z * rightTile[k + 2u * D4] + weight.w * rightTile[k + 3u * D4];
  }
  addLeft(slot, select(weight * (rightProducts(slot) - outward) * p.scale, vec4f(), itself));
}

// k̂ = k/ρ: the part of its gradient along the key changes nothing.
fn finishKey(head: u32, k: u32) {
  var along = 0.0;
  for (var e = 0u; e < D4; e++) { along += dot(own[e], sum[e]); }
  along /= ownLength * ownLength;
  let row = (head * p.count + k) * 2u * D4;
  for (var e = 0u; e < D4; e++) {
    segment[row + e] = gradValue[e];
    segment[row + D4 + e] = (sum[e] - along * own[e]) / ownLength;
  }
}
