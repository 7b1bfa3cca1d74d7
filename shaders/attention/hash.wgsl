// Step 1. One thread finds the bucket of one token in one round of one head: argmax [xR; −xR] per factor, factors as digits (paper §2).
// All threads read the same direction at the same time: a uniform comes from the constant cache. A dispatch takes one head and round or,
// with ALL, all of them (y = head, z = round); every p.each heads then share directions.
//#include params, vectors(qk, 1)
const D4: u32 = 16u;     // vec4s in a vector
const SIZE: u32 = 1024u; // vec4s of the directions of a head and round, with padding
const ALL = false;
//#variant hash-all: const ALL = true;

// The directions of this head and round, [ΣB/2, D4], or of all. hash-many reads more than a uniform buffer holds.
@group(0) @binding(3) var<uniform> directions: array<vec4f, SIZE>;
//#variant hash-many: @group(0) @binding(3) var<storage, read> directions: array<vec4f, SIZE>;
//#variant hash-all: @group(0) @binding(3) var<storage, read> directions: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> buckets: array<u32>; // of this head and round, from p.bucketStart on: [n]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = p.start + id.x;
  if (i >= p.n) { return; }
  var x = array<vec4f, D4>();
  var head = p.head;
  var row = 0u;
  var bucketAt = p.bucketStart + i;
  if (ALL) {
    head = id.y;
    row = ((head % p.each) * p.roundStride + id.z) * SIZE;
    bucketAt = at(head, id.z, i);
  }
  for (var e = 0u; e < D4; e++) { x[e] = qkAt(head * p.n + i, e); }

  var bucket = 0u;
  var placeValue = 1u;
  for (var f = 0u; f < 4u; f++) {
    let half = p.factors[f] / 2u;
    if (half == 0u) { break; }
    // The largest y and the largest −y, each at its lowest index. A tie goes to y, which comes first.
    var high = -3.4e38;
    var low = -3.4e38;
    var highAt = 0u;
    var lowAt = 0u;
    for (var c = 0u; c < half; c++) {
      var sum = vec4f();
      for (var e = 0u; e < D4; e++) { sum = fma(x[e], directions[row + e], sum); }
      let y = (sum.x + sum.y) + (sum.z + sum.w);
      if (y > high) { high = y; highAt = c; }
      if (-y > low) { low = -y; lowAt = c; }
      row += D4;
    }
    bucket += placeValue * select(lowAt + half, highAt, high >= low);
    placeValue *= p.factors[f];
  }
  buckets[bucketAt] = bucket;
}
