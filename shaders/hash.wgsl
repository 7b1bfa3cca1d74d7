// Step 1. Bucket of each token in each round: argmax [xR; −xR] per factor, factors as digits (paper §2).
// One thread a token; y = round, z = head.
const D4: u32 = 16u; // vec4s in a vector

@group(0) @binding(1) var<storage, read> qk: array<vec4f>;        // [h, n, D4]
@group(0) @binding(2) var<storage, read> rotations: array<vec4f>; // [h, R, ΣB/2, D4]: a row is one direction
@group(0) @binding(3) var<storage, read_write> buckets: array<u32>; // [h, R, n]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = p.start + id.x;
  let round = id.y;
  let head = id.z;
  if (i >= p.n) { return; }
  var x = array<vec4f, D4>();
  for (var e = 0u; e < D4; e++) { x[e] = qk[(head * p.n + i) * D4 + e]; }

  let columns = (p.factors.x + p.factors.y + p.factors.z + p.factors.w) / 2u;
  var row = (head * p.roundStride + round) * columns * D4;
  var bucket = 0u;
  var place = 1u;
  for (var f = 0u; f < 4u; f++) {
    let half = p.factors[f] / 2u;
    if (half == 0u) { break; }
    // The largest y and the largest −y, each with its lowest index; a tie goes to y, which comes first.
    var high = -3.4e38;
    var low = -3.4e38;
    var highAt = 0u;
    var lowAt = 0u;
    for (var c = 0u; c < half; c++) {
      var sum = vec4f();
      for (var e = 0u; e < D4; e++) { sum = fma(x[e], rotations[row + e], sum); }
      let y = (sum.x + sum.y) + (sum.z + sum.w);
      if (y > high) { high = y; highAt = c; }
      if (-y > low) { low = -y; lowAt = c; }
      row += D4;
    }
    bucket += place * select(lowAt + half, highAt, high >= low);
    place *= p.factors[f];
  }
  buckets[at(head, round, i)] = bucket;
}
