// The slots around 64 sorted positions of one round, a tile at a time. Needs params, visible, tile.
var<workgroup> chunkOf: array<i32, TILE>;  // chunk of each slot, counted from the start of this round
var<workgroup> sameRound: array<bool, TILE>;

// First slot of the chunks from `before` chunks before the first of 64 positions on, and the end of those `after` the last.
fn slotRange(firstPosition: u32, before: i32, after: i32) -> vec2<i32> {
  let chunk = i32(p.chunk);
  let last = min(firstPosition + 63u, p.n - 1u);
  return vec2<i32>((i32(firstPosition) / chunk - before) * chunk, (i32(last) / chunk + after + 1) * chunk);
}

// Fills a tile with the slots from `first` on, all 64 threads together.
fn fillTile(head: u32, first: i32, end: i32, t: u32) {
  workgroupBarrier();
  if (t < TILE) {
    let chunk = i32(p.chunk);
    let slot = first + i32(t);
    let index = (slot + 3 * chunk) / chunk - 3; // rounds down below zero too: at most 2 chunks lie before the round
    let there = chunkAt(p.round, index);
    let sorted = there.index * p.chunk + u32(slot - index * chunk);
    tokens[t] = p.n;
    if (slot < end && there.exists && sorted < p.n) { tokens[t] = order[at(head, there.round, sorted)]; }
    chunkOf[t] = index;
    sameRound[t] = there.round == p.round;
  }
  workgroupBarrier();
  loadTile(head, t);
}

// Whether a slot holds a token, of the chunks from `before` before to `after` after `chunk`, and of the own bucket where that is asked.
fn inWindow(head: u32, slot: u32, chunk: i32, before: i32, after: i32, bucket: u32) -> bool {
  let other = tokens[slot];
  if (other >= p.n || chunkOf[slot] < chunk - before || chunkOf[slot] > chunk + after) { return false; }
  return !has(BUCKET_MASK) || (sameRound[slot] && buckets[at(head, p.round, other)] == bucket);
}
