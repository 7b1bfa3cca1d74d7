// Adds one token a thread to the sizes of the buckets of head p.head; y = round. A round has p.count buckets; sizes start at 0.
//#include params
@group(0) @binding(1) var<storage, read> buckets: array<u32>;              // [h, R, n]
@group(0) @binding(2) var<storage, read_write> sizes: array<atomic<u32>>;  // [R, B]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < p.n) { atomicAdd(&sizes[id.y * p.count + buckets[at(p.head, id.y, id.x)]], 1u); }
}
