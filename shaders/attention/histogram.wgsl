// Tokens in each bucket of one head. One thread a token; y = round. The head is p.head, buckets in a round p.count; sizes start at 0.
// Needs params.
@group(0) @binding(1) var<storage, read> buckets: array<u32>;              // [h, R, n]
@group(0) @binding(2) var<storage, read_write> sizes: array<atomic<u32>>;  // [R, B]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < p.n) { atomicAdd(&sizes[id.y * p.count + buckets[at(p.head, id.y, id.x)]], 1u); }
}
