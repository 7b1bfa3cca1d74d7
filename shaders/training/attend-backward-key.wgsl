// Backward of one round, seen from the keys: each key's slot collects from the queries that see it, which lie `lookAhead` chunks before
// to `lookBack` after. 64 sorted positions a workgroup, one key a thread; y = head.
// Needs params, qk, right (gradOut), placement, tokens, tile, slots, backward, backward-key.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let k = group.x * 64u + t;
  let firstPosition = p.start + group.x * 64u;
  let place = placeOf(head, firstPosition, t);
  let j = place.i;
  beginKey(head, j, k);

  let range = slotRange(firstPosition, p.lookAhead, p.lookBack);
  for (var first = range.x; first < range.y; first += i32(TILE)) {
    if (!fillTile(head, first, range.y, t)) { continue; }
    for (var slot = 0u; slot < TILE; slot += 4u) {
      let i = tokensFrom(slot);
      let seen = inWindow(slot, place, p.lookAhead, p.lookBack) & ((i >= vec4<u32>(j)) | vec4<bool>(!has(CAUSAL)));
      if (!any(seen)) { continue; }
      // A token alone shares its weight, one, over all its meetings with itself, whether or not meetings count.
      var divisor = vec4f(1.0);
      if (has(DIVIDE)) {
        divisor = divisors(head, slot, place, true);
      } else if (any(seen & (i == vec4<u32>(j)))) {
        divisor = select(divisor, vec4f(f32(meetings(head, j, j))), i == vec4<u32>(j));
      }
      collect(head, slot, j, seen, divisor);
    }
  }
  if (place.exists) { finishKey(head, k); }
}
