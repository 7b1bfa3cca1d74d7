// Backward of one round, seen from the queries: adds each query's gradient. 64 sorted positions a workgroup, one query a thread;
// y = head. Needs params, visible, tile (right = v), slots, backward (ownRight = gradOut).
@group(0) @binding(8) var<storage, read_write> grads: array<vec4f>; // [2, h, n, D4]: of qk, of v

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let firstPosition = p.start + group.x * 64u;
  let position = firstPosition + t;
  let chunk = i32(min(position, p.n - 1u) / p.chunk);
  let i = order[at(head, p.round, min(position, p.n - 1u))];
  let bucket = buckets[at(head, p.round, i)];
  let row = rows[head * p.n + i];
  loadOwn(head, i);
  loadPartner(head, i);

  let range = slotRange(firstPosition, p.lookBack, p.lookAhead);
  for (var first = range.x; first < range.y; first += i32(TILE)) {
    fillTile(head, first, range.y, t);
    for (var slot = 0u; slot < TILE; slot += 4u) {
      var seen = vec4<bool>();
      if (position < p.n) {
        for (var k = 0u; k < 4u; k++) { seen[k] = sees(slot + k, i, chunk, bucket, head); }
      }
      if (!any(seen)) { continue; }
      var score = products(slot) * factors(slot);
      if (has(DIVIDE)) {
        for (var k = 0u; k < 4u; k++) {
          if (seen[k]) { score[k] -= log(f32(meetings(head, p.rounds, i, tokens[slot + k]))); }
        }
      }
      let weight = select(vec4f(), exp(min(score - row.x, vec4f(1.0))), seen);
      addLeft(slot, weight * (rightProducts(slot) - row.y) * factors(slot));
    }
  }
  if (position >= p.n) { return; }
  for (var e = 0u; e < D4; e++) { grads[(head * p.n + i) * D4 + e] += sum[e]; }
}

// The own slot has a fixed score, and so no gradient.
fn sees(slot: u32, i: u32, chunk: i32, bucket: u32, head: u32) -> bool {
  let j = tokens[slot];
  return j != i && (j < i || !has(CAUSAL)) && inWindow(head, slot, chunk, p.lookBack, p.lookAhead, bucket);
}
