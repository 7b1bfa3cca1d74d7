// Score of one pair straight from memory, for what looks at few pairs. Needs params.
const D4: u32 = 16u;

@group(0) @binding(1) var<storage, read> qk: array<vec4f>; // [h, n, D4]

fn score(head: u32, i: u32, j: u32) -> f32 {
  if (i == j) { return p.selfMask; }
  var product = 0.0;
  var square = p.keyEpsilon;
  for (var e = 0u; e < D4; e++) {
    let key = qk[(head * p.n + j) * D4 + e];
    product += dot(qk[(head * p.n + i) * D4 + e], key);
    square += dot(key, key);
  }
  return product * p.scale / max(sqrt(square), 1e-12);
}
