// Fills tiles with the slots around a block of sorted positions of one round, and decides which of them each thread sees.
//#needs params, placement, tokens, tile|block
var<workgroup> chunkOf: array<i32, TILE>;   // chunk of each slot, counted from the start of this round
var<workgroup> bucketOf: array<u32, TILE>;  // sort key of its token less the chunk, which depends on the bucket alone
var<workgroup> tileKeys: array<u32, TILE * 16u>; // sort key of its token in every round, [round, slot]
var<workgroup> threadBuckets: array<u32, THREADS>; // the same of each thread's token
var<workgroup> tileBuckets: array<u32, 2>; // the least and the largest of `bucketOf`
var<workgroup> isUseless: bool; // no thread sees a slot of the tile

const OTHER_ROUND = 0xffffffffu; // `bucketOf` a slot of another round, with a bucket mask

// The token of this thread, its chunk and, as in `bucketOf`, its bucket; `exists` is false past the end of the round.
struct ThreadToken { i: u32, chunk: i32, bucket: u32, exists: bool }

fn threadTokenOf(head: u32, firstPosition: u32, t: u32) -> ThreadToken {
  let position = min(firstPosition + t, p.n - 1u);
  let i = orderAt(head, p.round, position);
  let chunk = position / p.chunk;
  let bucket = select(0u, keyAt(head, p.round, i) - chunk, has(BUCKET_MASK));
  threadBuckets[t] = bucket;
  return ThreadToken(i, i32(chunk), bucket, firstPosition + t < p.n);
}

// Slots from `before` chunks before the block's first chunk to `after` chunks after its last: the first, and the end (exclusive).
fn slotRange(firstPosition: u32, before: i32, after: i32) -> vec2<i32> {
  let chunk = i32(p.chunk);
  let last = min(firstPosition + THREADS - 1u, p.n - 1u);
  return vec2<i32>((i32(firstPosition) / chunk - before) * chunk, (i32(last) / chunk + after + 1) * chunk);
}

// Fills a tile with the slots from `first` on, all threads together. Returns false, and fetches no vectors, if no thread can see any of
// them.
fn fillTile(head: u32, first: i32, end: i32, t: u32) -> bool {
  workgroupBarrier();
  if (t < TILE) {
    let chunk = i32(p.chunk);
    let slot = first + i32(t);
    let index = (slot + 3 * chunk) / chunk - 3; // rounds down below zero too, as at most 2 chunks lie before the round
    let slotChunk = chunkAt(p.round, index);
    let sorted = slotChunk.index * p.chunk + u32(slot - index * chunk);
    var token = p.n;
    var bucket = 0u;
    if (slot < end && slotChunk.exists && sorted < p.n) {
      token = orderAt(head, slotChunk.round, sorted);
      if (has(BUCKET_MASK)) {
        bucket = select(OTHER_ROUND, keyAt(head, p.round, token) - slotChunk.index, slotChunk.round == p.round);
        // No thread has this bucket, so the vectors need not be fetched.
        if (bucket < threadBuckets[0] || bucket > threadBuckets[THREADS - 1u]) { token = p.n; }
      }
    }
    tokens[t] = token;
    chunkOf[t] = index;
    bucketOf[t] = bucket;
  }
  workgroupBarrier();
  // Buckets grow along the sorted order, so two bounds say which ones the tile holds.
  if (t == 0u) {
    var low = OTHER_ROUND;
    var high = 0u;
    for (var k = 0u; k < TILE; k++) {
      if (tokens[k] < p.n) { low = min(low, bucketOf[k]); high = max(high, bucketOf[k]); }
    }
    tileBuckets[0] = low;
    tileBuckets[1] = high;
    isUseless = isIdle(0u, THREADS);
  }
  if (workgroupUniformLoad(&isUseless)) { return false; }
  if (has(DIVIDE) && !inRing()) {
    for (var k = t; k < p.rounds * TILE; k += THREADS) {
      let token = tokens[k % TILE];
      if (token < p.n) { tileKeys[k] = keyAt(head, k / TILE, token); }
    }
  }
  loadTile(head, t);
  return true;
}

// True if the tile holds no bucket of the `count` threads from `first` on.
fn isIdle(first: u32, count: u32) -> bool {
  return tileBuckets[1] < threadBuckets[first] || tileBuckets[0] > threadBuckets[first + count - 1u];
}

// True for those of four slots whose chunk lies at most `before` chunks before and `after` chunks after the thread's own and, with a
// bucket mask, whose bucket is the thread's own.
fn inWindow(slot: u32, threadToken: ThreadToken, before: i32, after: i32) -> vec4<bool> {
  let chunks = vec4<i32>(chunkOf[slot], chunkOf[slot + 1u], chunkOf[slot + 2u], chunkOf[slot + 3u]);
  let buckets = vec4<u32>(bucketOf[slot], bucketOf[slot + 1u], bucketOf[slot + 2u], bucketOf[slot + 3u]);
  let away = vec4<u32>(chunks - threadToken.chunk + before);
  return (tokensFrom(slot) < vec4<u32>(p.n)) & (away <= vec4<u32>(u32(before + after))) & (buckets == vec4<u32>(threadToken.bucket))
    & vec4<bool>(threadToken.exists);
}

// Meetings of the thread's token with those of four slots, at least 1. The thread's token is the query or, with `forKey`, the key.
fn divisors(head: u32, slot: u32, threadToken: ThreadToken, forKey: bool) -> vec4f {
  var times = vec4<u32>();
  if (inRing()) {
    for (var k = 0u; k < 4u; k++) {
      let other = min(tokens[slot + k], p.n - 1u);
      if (forKey) { times[k] = meetings(head, other, threadToken.i); } else { times[k] = meetings(head, threadToken.i, other); }
    }
    return vec4f(max(times, vec4<u32>(1u)));
  }
  for (var round = 0u; round < p.rounds; round++) {
    let ownKeys = vec4<u32>(keyAt(head, round, threadToken.i));
    let k = round * TILE + slot;
    let others = vec4<u32>(tileKeys[k], tileKeys[k + 1u], tileKeys[k + 2u], tileKeys[k + 3u]);
    let reach = select(ownKeys - others + u32(p.lookAhead), others - ownKeys + u32(p.lookAhead), forKey);
    times += select(vec4<u32>(), vec4<u32>(1u), reach <= vec4<u32>(u32(p.lookBack + p.lookAhead)));
  }
  return vec4f(max(times, vec4<u32>(1u)));
}
