// Backward pass of one round for the queries: a thread adds up the gradient of one query. A workgroup takes 64 sorted positions; y = head.
// `right` holds the values, `segment` gradOut and then, in its second half, the gradient of qk.
//#include params, vectors(qk, 1), vectors(right, 3), placement, tokens, tile, slots, backward

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let k = group.x * 64u + t;
  let firstPosition = p.start + group.x * 64u;
  let threadToken = threadTokenOf(head, firstPosition, t);
  let i = threadToken.i;
  let row = rows[head * p.n + i];
  loadLeft(head, i);
  loadRight(head, k);

  let range = slotRange(firstPosition, p.lookBack, p.lookAhead);
  for (var first = range.x; first < range.y; first += i32(TILE)) {
    if (!fillTile(head, first, range.y, t)) { continue; }
    for (var slot = 0u; slot < TILE; slot += 4u) {
      // The token's own slot has a fixed score, and so no gradient.
      let j = tokensFrom(slot);
      let isSeen = inWindow(slot, threadToken, p.lookBack, p.lookAhead) & (j != vec4<u32>(i)) & ((j < vec4<u32>(i)) | vec4<bool>(!has(CAUSAL)));
      if (!any(isSeen)) { continue; }
      var divisor = vec4f(1.0);
      if (has(DIVIDE)) { divisor = divisors(head, slot, threadToken, false); }
      let weight = select(vec4f(), exp(min(leftProducts(slot) * factors(slot) - row.x, vec4f(5.0))) / divisor, isSeen);
      addLeft(slot, weight * (rightProducts(slot) - row.y) * factors(slot));
    }
  }
  if (!threadToken.exists) { return; }
  for (var e = 0u; e < D4; e++) { segment[((head * p.count + k) * 2u + 1u) * D4 + e] = sum[e]; }
}
