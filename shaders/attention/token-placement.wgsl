// Bucket and sorted position of one token a thread; y = round. The head is p.head.
//#include params, placement
@group(0) @binding(1) var<storage, read> buckets: array<u32>;                   // [h, R, n]
@group(0) @binding(2) var<storage, read> tokens: array<u32>;                    // [count]
@group(0) @binding(3) var<storage, read_write> placements: array<vec2<u32>>;    // [count, R]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.count) { return; }
  let token = tokens[id.x];
  placements[id.x * p.rounds + id.y] = vec2<u32>(buckets[at(p.head, id.y, token)], rankOf(p.head, id.y, token));
}
