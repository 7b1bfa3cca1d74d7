// Backward of full attention, seen from the queries. 64 tokens a workgroup, one query a thread; y = head.
// Needs params, qk, right (values), tokens, tile, backward (segment: gradOut; then nothing, and the gradient of qk).

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let k = group.x * 64u + t;
  let index = p.start + k;
  let i = min(index, p.n - 1u);
  let row = rows[head * p.n + i];
  loadOwn(head, i);
  loadPartner(head, k);
  for (var first = 0u; first < p.n; first += TILE) {
    tileInOrder(head, first, t);
    for (var slot = 0u; slot < TILE; slot += 4u) {
      let j = vec4<u32>(first + slot) + vec4<u32>(0u, 1u, 2u, 3u);
      let seen = (j < vec4<u32>(p.n)) & (j != vec4<u32>(i)) & ((j < vec4<u32>(i)) | vec4<bool>(!has(CAUSAL)));
      if (!any(seen)) { continue; }
      let weight = select(vec4f(), exp(min(products(slot) * factors(slot) - row.x, vec4f(1.0))), seen);
      addLeft(slot, weight * (rightProducts(slot) - row.y) * factors(slot));
    }
  }
  if (index >= p.n) { return; }
  for (var e = 0u; e < D4; e++) { segment[((head * p.count + k) * 2u + 1u) * D4 + e] = sum[e]; }
}
