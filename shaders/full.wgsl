// Full attention of the tokens in `queries` over all keys, streaming: no n × n array. Shared query-keys, the same masks and score.
// 64 queries a workgroup, one a thread; y = head. Needs params, tile (right = v), softmax.
@group(0) @binding(3) var<storage, read> queries: array<u32>;        // [count]
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;    // [h, n, D4], written at the queries
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;      // [h, n], written at the queries

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let index = p.start + group.x * 64u + t;
  let i = queries[min(index, p.count - 1u)];
  loadOwn(head, i);
  for (var first = 0u; first < p.n; first += TILE) {
    tileInOrder(head, first, t);
    for (var slot = 0u; slot < TILE; slot += 4u) {
      let j = vec4<u32>(first + slot) + vec4<u32>(0u, 1u, 2u, 3u);
      let seen = (j < vec4<u32>(p.n)) & ((j <= vec4<u32>(i)) | vec4<bool>(!has(CAUSAL)));
      if (!any(seen)) { continue; }
      absorb(slot, select(products(slot) * factors(slot), vec4f(p.selfMask), j == vec4<u32>(i)), seen);
    }
  }
  if (index >= p.count) { return; }
  lse[head * p.n + i] = top + log(mass);
  for (var e = 0u; e < D4; e++) { out[(head * p.n + i) * D4 + e] = sum[e] / mass; }
}
