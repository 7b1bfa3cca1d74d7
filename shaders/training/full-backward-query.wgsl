// Backward pass of full attention for the queries: a thread adds up the gradient of one query. A workgroup takes 64 tokens; y = head.
// `right` holds the values, `segment` gradOut and then, in its second half, the gradient of qk.
//#include params, vectors(qk, 1), vectors(right, 3), tokens, tile, backward

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let k = group.x * 64u + t;
  let index = p.start + k;
  let i = min(index, p.n - 1u);
  let row = rows[head * p.n + i];
  loadLeft(head, i);
  loadRight(head, k);
  for (var first = 0u; first < p.n; first += TILE) {
    tileInOrder(head, first, t);
    for (var slot = 0u; slot < TILE; slot += 4u) {
      let j = vec4<u32>(first + slot) + vec4<u32>(0u, 1u, 2u, 3u);
      let isSeen = (j < vec4<u32>(p.n)) & (j != vec4<u32>(i)) & ((j < vec4<u32>(i)) | vec4<bool>(!has(CAUSAL)));
      if (!any(isSeen)) { continue; }
      let weight = select(vec4f(), exp(min(leftProducts(slot) * factors(slot) - row.x, vec4f(1.0))), isSeen);
      addLeft(slot, weight * (rightProducts(slot) - row.y) * factors(slot));
    }
  }
  if (index >= p.n) { return; }
  for (var e = 0u; e < D4; e++) { segment[((head * p.count + k) * 2u + 1u) * D4 + e] = sum[e]; }
}
