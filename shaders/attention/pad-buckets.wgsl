// Puts the tokens from the length of their sequence on into a bucket of their own, one more than the hash makes, so that they sort last.
// One token a thread; y = head, z = round.
//#include params
@group(0) @binding(1) var<storage, read> lengths: array<u32>;          // [sequences]; p.each heads belong to one
@group(0) @binding(2) var<storage, read_write> buckets: array<u32>;    // [h, R, n]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.n || id.x < lengths[id.y / p.each]) { return; }
  var bucket = 1u;
  for (var f = 0u; f < 4u; f++) { bucket *= max(p.factors[f], 1u); }
  buckets[at(id.y, id.z, id.x)] = bucket;
}
