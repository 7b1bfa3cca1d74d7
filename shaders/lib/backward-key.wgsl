// Collects the gradients of one key a thread from tiles of queries, for attend-backward-key.wgsl and full-backward-key.wgsl. `right` holds
// gradOut, `segment` v and then the gradients of v and of qk.
//#needs params, tokens, tile, backward

var<private> gradValue: array<vec4f, D4>;
var<private> ownLength: f32;

fn beginKey(head: u32, j: u32, k: u32) {
  loadLeft(head, j);
  loadRight(head, k);
  var square = 0.0;
  for (var e = 0u; e < D4; e++) { square += dot(ownLeft[e], ownLeft[e]); gradValue[e] = vec4f(); }
  ownLength = keyLength(square);
}

// Adds what four queries contribute. `divisor`: how often each pair meets, or 1 where repeated meetings all count.
fn collect(head: u32, slot: u32, j: u32, isSeen: vec4<bool>, divisor: vec4f) {
  var lse = vec4f();
  var outward = vec4f();
  var isSelf = vec4<bool>();
  for (var k = 0u; k < 4u; k++) {
    let i = min(tokens[slot + k], p.n - 1u);
    let row = rows[head * p.n + i];
    lse[k] = row.x;
    outward[k] = row.y;
    isSelf[k] = i == j;
  }
  let score = leftProducts(slot) * (p.scale / ownLength);
  var weight = exp(min(score - lse, vec4f(5.0)));
  for (var k = 0u; k < 4u; k++) {
    if (isSelf[k]) { weight[k] = select(0.0, 1.0, isAlone(lse[k])); }
  }
  weight = select(vec4f(), weight / divisor, isSeen);
  for (var e = 0u; e < D4; e++) {
    let k = slot * D4 + e;
    gradValue[e] += weight.x * rightTile[k] + weight.y * rightTile[k + D4] + weight.z * rightTile[k + 2u * D4] + weight.w * rightTile[k + 3u * D4];
  }
  addLeft(slot, select(weight * (rightProducts(slot) - outward) * p.scale, vec4f(), isSelf));
}

// Writes the gradients. k̂ = k/ρ has unit length, so the part of its gradient along the key is dropped.
fn finishKey(head: u32, k: u32) {
  var along = 0.0;
  for (var e = 0u; e < D4; e++) { along += dot(ownLeft[e], sum[e]); }
  along /= ownLength * ownLength;
  let row = (head * p.count + k) * 2u * D4;
  for (var e = 0u; e < D4; e++) {
    segment[row + e] = gradValue[e];
    segment[row + D4 + e] = (sum[e] - along * ownLeft[e]) / ownLength;
  }
}
