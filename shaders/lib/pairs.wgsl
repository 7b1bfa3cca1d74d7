// Goes through the slots of one token's window in order, without a tile.
//#needs params, placement

// A token in one round: its chunk, and its sort key less the chunk, which depends on the bucket alone (0 without a bucket mask).
struct QueryPosition { chunk: u32, bucket: u32 }

fn queryPositionOf(head: u32, round: u32, i: u32) -> QueryPosition {
  let chunk = chunkIn(head, round, i);
  return QueryPosition(chunk, select(0u, keyAt(head, round, i) - chunk, has(BUCKET_MASK)));
}

// The sort key less the chunk of token i, which lies in `chunk`.
fn bucketAt(head: u32, chunk: Chunk, i: u32) -> u32 {
  return select(0u, keyAt(head, chunk.round, i) - chunk.index, has(BUCKET_MASK));
}

// The key in a slot of the window of query i; n if the slot is empty or does not count.
fn keyIn(head: u32, round: u32, slot: u32, i: u32, query: QueryPosition) -> u32 {
  let index = i32(query.chunk) - p.lookBack + i32(slot / p.chunk);
  let keyChunk = chunkAt(round, index);
  let position = keyChunk.index * p.chunk + slot % p.chunk;
  if (!keyChunk.exists || position >= p.n) { return p.n; }
  let j = orderAt(head, keyChunk.round, position);
  return select(p.n, j, isCounted(head, round, i, query.bucket, j, keyChunk, index));
}

// True if key j counts for query i of `bucket`. The key lies in `keyChunk`, which is chunk `index` counted from the start of `round`.
fn isCounted(head: u32, round: u32, i: u32, bucket: u32, j: u32, keyChunk: Chunk, index: i32) -> bool {
  if (has(CAUSAL) && j > i) { return false; }
  if (has(BUCKET_MASK) && (keyChunk.round != round || keyAt(head, round, j) - keyChunk.index != bucket)) { return false; }
  return !(has(FIRST) && hasMetBefore(head, round, i, j, index));
}

// True if the pair met in an earlier round or, which only a ring allows, in an earlier chunk of this round.
fn hasMetBefore(head: u32, round: u32, i: u32, j: u32, index: i32) -> bool {
  for (var before = 0u; before < round; before++) {
    if (meetingsIn(head, before, i, j) > 0u) { return true; }
  }
  return inRing() && ringMeetings(head, round, i, j, index) > 0u;
}
