// Backward of one round, seen from the keys: each key's slot collects from the queries that see it, which lie `lookAhead` chunks before
// to `lookBack` after. 64 sorted positions a workgroup, one key a thread; y = head.
// Needs params, visible, tile (right = gradOut), slots, backward (ownRight = v), backward-key.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let firstPosition = p.start + group.x * 64u;
  let position = firstPosition + t;
  let chunk = i32(min(position, p.n - 1u) / p.chunk);
  let j = order[at(head, p.round, min(position, p.n - 1u))];
  let bucket = buckets[at(head, p.round, j)];
  beginKey(head, j);

  let range = slotRange(firstPosition, p.lookAhead, p.lookBack);
  for (var first = range.x; first < range.y; first += i32(TILE)) {
    fillTile(head, first, range.y, t);
    for (var slot = 0u; slot < TILE; slot += 4u) {
      var seen = vec4<bool>();
      if (position < p.n) {
        for (var k = 0u; k < 4u; k++) { seen[k] = isSeen(slot + k, j, chunk, bucket, head); }
      }
      if (!any(seen)) { continue; }
      var divisor = vec4f(1.0);
      for (var k = 0u; k < 4u; k++) {
        let i = tokens[slot + k];
        if (seen[k] && (has(DIVIDE) || i == j)) { divisor[k] = f32(meetings(head, p.rounds, i, j)); }
      }
      collect(head, slot, j, seen, divisor);
    }
  }
  if (position < p.n) { finishKey(head, j); }
}

fn isSeen(slot: u32, j: u32, chunk: i32, bucket: u32, head: u32) -> bool {
  return (tokens[slot] >= j || !has(CAUSAL)) && inWindow(head, slot, chunk, p.lookAhead, p.lookBack, bucket);
}
