// Steps 4 and 5. One round: a softmax over what each query sees, added to the running combination of the rounds before it.
// 64 sorted positions a workgroup, one query a thread; y = head. Needs params, visible, tile (right = v), softmax, slots.
@group(0) @binding(6) var<storage, read_write> out: array<vec4f>; // [h, n, D4], combined over the rounds so far
@group(0) @binding(7) var<storage, read_write> lse: array<f32>;   // [h, R + 1, n]: each round's, and last the combined one

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let firstPosition = p.start + group.x * 64u;
  let position = firstPosition + t;
  let chunk = i32(min(position, p.n - 1u) / p.chunk);
  let i = order[at(head, p.round, min(position, p.n - 1u))];
  let bucket = buckets[at(head, p.round, i)];
  loadOwn(head, i);

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
      for (var k = 0u; k < 4u; k++) {
        let j = tokens[slot + k];
        if (!seen[k]) { continue; }
        if (j == i) { score[k] = p.selfMask; }
        if (has(DIVIDE)) { score[k] -= log(f32(meetings(head, p.rounds, i, j))); }
      }
      absorb(slot, score, seen);
    }
  }
  if (position < p.n) { combine(head, i); }
}

// A causally masked slot weighs exp(mask − top) = 0 whatever the mask, because the token's own slot is always there: it is skipped.
fn sees(slot: u32, i: u32, chunk: i32, bucket: u32, head: u32) -> bool {
  let j = tokens[slot];
  if (!inWindow(head, slot, chunk, p.lookBack, p.lookAhead, bucket) || (has(CAUSAL) && j > i)) { return false; }
  return !has(FIRST) || isFirst(slot, i, j, chunk, head);
}

// No earlier round held the pair, nor an earlier slot of this one (which only a ring can do).
fn isFirst(slot: u32, i: u32, j: u32, chunk: i32, head: u32) -> bool {
  if (meetings(head, p.round, i, j) > 0u) { return false; }
  if (!has(WRAP)) { return true; }
  for (var index = chunk - p.lookBack; index < chunkOf[slot]; index++) {
    let there = chunkAt(p.round, index);
    if (has(BUCKET_MASK) && there.round != p.round) { continue; }
    if (rank[at(head, there.round, j)] / p.chunk == there.index) { return false; }
  }
  return true;
}

// out and lse of token i are touched by this thread alone.
fn combine(head: u32, i: u32) {
  let rowOfRound = (head * (p.roundStride + 1u) + p.round) * p.n + i;
  let rowOfAll = (head * (p.roundStride + 1u) + p.roundStride) * p.n + i;
  let roundLse = select(NONE, top + log(mass), mass > 0.0);
  lse[rowOfRound] = roundLse;
  var before = NONE;
  if (!has(RESTART)) { before = lse[rowOfAll]; }
  // Shares that add up to one by construction: near the self mask, −1e5, a float32 log-sum-exp is off by up to 0.004.
  let high = max(before, roundLse);
  let old = exp(before - high);
  let fresh = exp(roundLse - high);
  lse[rowOfAll] = high + log(old + fresh);
  let keep = old / (old + fresh);
  let add = select(0.0, fresh / ((old + fresh) * mass), mass > 0.0);
  let row = (head * p.n + i) * D4;
  for (var e = 0u; e < D4; e++) {
    var kept = vec4f();
    if (!has(RESTART)) { kept = keep * out[row + e]; }
    out[row + e] = kept + add * sum[e];
  }
}
