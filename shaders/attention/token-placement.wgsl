// Where a few tokens went: bucket and sorted position of each in every round. One thread a token; y = round. The head is p.head.
// Needs params, placement.
@group(0) @binding(1) var<storage, read> buckets: array<u32>;           // [h, R, n]
@group(0) @binding(2) var<storage, read> asked: array<u32>;             // [count]
@group(0) @binding(3) var<storage, read_write> found: array<vec2<u32>>; // [count, R]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.count) { return; }
  let token = asked[id.x];
  found[id.x * p.rounds + id.y] = vec2<u32>(buckets[at(p.head, id.y, token)], rankOf(p.head, id.y, token));
}
