// Step 2 for short sequences: a thread finds the position of one token, which is the number of tokens of lower buckets and of earlier
// tokens of its bucket; y = head, z = round.
//#include params
@group(0) @binding(1) var<storage, read> buckets: array<u32>;      // [h, R, n]
@group(0) @binding(2) var<storage, read_write> placement: array<u32>; // [2, h, R, n], see lib/placement.wgsl

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= p.n) { return; }
  let first = at(id.y, id.z, 0u);
  let bucket = buckets[first + i];
  var position = 0u;
  for (var j = 0u; j < p.n; j++) {
    let other = buckets[first + j];
    position += select(0u, 1u, other < bucket || (other == bucket && j < i));
  }
  placement[first + i] = bucket * p.keyStep + position / p.chunk;
  placement[at(p.heads, 0u, 0u) + first + position] = i;
}
