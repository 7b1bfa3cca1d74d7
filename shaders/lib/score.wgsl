// Score of one pair, read straight from memory, for kernels that look at few pairs.
//#needs params, qk
const D4: u32 = 16u;

fn score(head: u32, i: u32, j: u32) -> f32 {
  if (i == j) { return p.selfMask; }
  var product = 0.0;
  var square = p.keyEpsilon;
  for (var e = 0u; e < D4; e++) {
    let key = qkAt(head * p.n + j, e);
    product += dot(qkAt(head * p.n + i, e), key);
    square += dot(key, key);
  }
  return product * p.scale / max(sqrt(square), 1e-12);
}
