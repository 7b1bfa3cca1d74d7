// The slots of one token's window, one after the other, for what goes through them without a tile. Needs params, placement.

// What is the same for all slots of a token in one round: its chunk, and the part of its key that only its bucket decides.
struct QueryPosition { chunk: u32, bucket: u32 }

fn queryPositionOf(head: u32, round: u32, i: u32) -> QueryPosition {
  let chunk = chunkIn(head, round, i);
  return QueryPosition(chunk, select(0u, keyAt(head, round, i) - chunk, has(BUCKET_MASK)));
}

// The same part of the key of a token that lies `there`.
fn bucketAt(head: u32, there: Chunk, i: u32) -> u32 {
  return select(0u, keyAt(head, there.round, i) - there.index, has(BUCKET_MASK));
}

// The key in a slot of the window of query i; n if there is none or it does not count.
fn keyIn(head: u32, round: u32, slot: u32, i: u32, own: QueryPosition) -> u32 {
  let index = i32(own.chunk) - p.lookBack + i32(slot / p.chunk);
  let there = chunkAt(round, index);
  let position = there.index * p.chunk + slot % p.chunk;
  if (!there.exists || position >= p.n) { return p.n; }
  let j = orderAt(head, there.round, position);
  return select(p.n, j, counts(head, round, i, own.bucket, j, there, index));
}

// Whether key j, which lies `there`, at chunk `index` counted from the start of `round`, counts for query i of a bucket.
fn counts(head: u32, round: u32, i: u32, bucket: u32, j: u32, there: Chunk, index: i32) -> bool {
  if (has(CAUSAL) && j > i) { return false; }
  if (has(BUCKET_MASK) && (there.round != round || keyAt(head, round, j) - there.index != bucket)) { return false; }
  return !(has(FIRST) && metBefore(head, round, i, j, index));
}

// Whether an earlier round held the pair, or an earlier chunk of this one, which only a ring can do.
fn metBefore(head: u32, round: u32, i: u32, j: u32, index: i32) -> bool {
  for (var before = 0u; before < round; before++) {
    if (meetingsIn(head, before, i, j) > 0u) { return true; }
  }
  return inRing() && ringMeetings(head, round, i, j, index) > 0u;
}
