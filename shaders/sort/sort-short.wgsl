// Step 2 for short sequences: a token's place is the number of tokens of lower buckets, and of earlier ones of its own. One thread a token;
// y = head, z = round. Needs params.
@group(0) @binding(1) var<storage, read> buckets: array<u32>;      // [h, R, n]
@group(0) @binding(2) var<storage, read_write> placement: array<u32>; // [2, h, R, n], as in placement.wgsl

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= p.n) { return; }
  let first = at(id.y, id.z, 0u);
  let bucket = buckets[first + i];
  var place = 0u;
  for (var j = 0u; j < p.n; j++) {
    let other = buckets[first + j];
    place += select(0u, 1u, other < bucket || (other == bucket && j < i));
  }
  placement[first + i] = bucket * p.keyStep + place / p.chunk;
  placement[at(p.heads, 0u, 0u) + first + place] = i;
}
