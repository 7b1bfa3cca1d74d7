// Backward pass of one round for the keys: a thread collects the gradients of one key from the queries that see it, which lie from
// `lookAhead` chunks before to `lookBack` chunks after it. A workgroup takes 64 sorted positions; y = head.
// `right` holds gradOut.
//#include params, vectors(qk, 1), vectors(right, 3), placement, tokens, tile, slots, backward, backward-key
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let k = group.x * 64u + t;
  let firstPosition = p.start + group.x * 64u;
  let threadToken = threadTokenOf(head, firstPosition, t);
  let j = threadToken.i;
  beginKey(head, j, k);

  let range = slotRange(firstPosition, p.lookAhead, p.lookBack);
  for (var first = range.x; first < range.y; first += i32(TILE)) {
    if (!fillTile(head, first, range.y, t)) { continue; }
    for (var slot = 0u; slot < TILE; slot += 4u) {
      let i = tokensFrom(slot);
      let isSeen = inWindow(slot, threadToken, p.lookAhead, p.lookBack) & ((i >= vec4<u32>(j)) | vec4<bool>(!has(CAUSAL)));
      if (!any(isSeen)) { continue; }
      // A token that sees only itself spreads its weight 1 over its meetings with itself, however duplicates are treated.
      var divisor = vec4f(1.0);
      if (has(DIVIDE)) {
        divisor = divisors(head, slot, threadToken, true);
      } else if (any(isSeen & (i == vec4<u32>(j)))) {
        divisor = select(divisor, vec4f(f32(meetings(head, j, j))), i == vec4<u32>(j));
      }
      collect(head, slot, j, isSeen, divisor);
    }
  }
  if (threadToken.exists) { finishKey(head, k); }
}
