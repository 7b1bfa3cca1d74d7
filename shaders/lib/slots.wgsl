// The slots around a block of sorted positions of one round, a tile at a time. Needs params, placement, and tile or block.
var<workgroup> chunkOf: array<i32, TILE>;   // chunk of each slot, counted from the start of this round
var<workgroup> bucketOf: array<u32, TILE>;  // the part of its token's key that only its bucket decides
var<workgroup> tileKeys: array<u32, TILE * 16u>; // key of its token in every round, [round, slot]
var<workgroup> ownBuckets: array<u32, THREADS>;  // the same part of the key of each thread's token
var<workgroup> tileBuckets: array<u32, 2>;       // the least and the largest in `bucketOf`
var<workgroup> useless: bool;

const OTHER_ROUND = 0xffffffffu; // bucket of a slot that lies in another round, where that matters

// What is the same for every slot that this thread looks at: its token, where it lies, and its keys.
struct Place { i: u32, chunk: i32, bucket: u32, exists: bool }

fn placeOf(head: u32, firstPosition: u32, t: u32) -> Place {
  let position = min(firstPosition + t, p.n - 1u);
  let i = orderAt(head, p.round, position);
  let chunk = position / p.chunk;
  let bucket = select(0u, keyAt(head, p.round, i) - chunk, has(BUCKET_MASK));
  ownBuckets[t] = bucket;
  return Place(i, i32(chunk), bucket, firstPosition + t < p.n);
}

// First slot of the chunks from `before` chunks before the block's first position on, and the end of those `after` its last.
fn slotRange(firstPosition: u32, before: i32, after: i32) -> vec2<i32> {
  let chunk = i32(p.chunk);
  let last = min(firstPosition + THREADS - 1u, p.n - 1u);
  return vec2<i32>((i32(firstPosition) / chunk - before) * chunk, (i32(last) / chunk + after + 1) * chunk);
}

// Fills a tile with the slots from `first` on, all threads together. False if none of them can be of use to anyone: nothing is
// fetched then.
fn fillTile(head: u32, first: i32, end: i32, t: u32) -> bool {
  workgroupBarrier();
  if (t < TILE) {
    let chunk = i32(p.chunk);
    let slot = first + i32(t);
    let index = (slot + 3 * chunk) / chunk - 3; // rounds down below zero too: at most 2 chunks lie before the round
    let there = chunkAt(p.round, index);
    let sorted = there.index * p.chunk + u32(slot - index * chunk);
    var token = p.n;
    var bucket = 0u;
    if (slot < end && there.exists && sorted < p.n) {
      token = orderAt(head, there.round, sorted);
      if (has(BUCKET_MASK)) {
        bucket = select(OTHER_ROUND, keyAt(head, p.round, token) - there.index, there.round == p.round);
        // Nobody asks for it: its vectors need not be fetched.
        if (bucket < ownBuckets[0] || bucket > ownBuckets[THREADS - 1u]) { token = p.n; }
      }
    }
    tokens[t] = token;
    chunkOf[t] = index;
    bucketOf[t] = bucket;
  }
  workgroupBarrier();
  // Buckets grow along the sorted order.
  if (t == 0u) {
    var low = OTHER_ROUND;
    var high = 0u;
    for (var k = 0u; k < TILE; k++) {
      if (tokens[k] < p.n) { low = min(low, bucketOf[k]); high = max(high, bucketOf[k]); }
    }
    tileBuckets[0] = low;
    tileBuckets[1] = high;
    useless = idle(0u, THREADS);
  }
  if (workgroupUniformLoad(&useless)) { return false; }
  if (has(DIVIDE) && !inRing()) {
    for (var k = t; k < p.rounds * TILE; k += THREADS) {
      let token = tokens[k % TILE];
      if (token < p.n) { tileKeys[k] = keyAt(head, k / TILE, token); }
    }
  }
  loadTile(head, t);
  return true;
}

// Whether the tile holds no slot of a bucket that `count` threads from `first` on have.
fn idle(first: u32, count: u32) -> bool {
  return tileBuckets[1] < ownBuckets[first] || tileBuckets[0] > ownBuckets[first + count - 1u];
}

// Which of four slots hold a token of the chunks from `before` before to `after` after the own one, and of the own bucket where that is
// asked.
fn inWindow(slot: u32, place: Place, before: i32, after: i32) -> vec4<bool> {
  let chunks = vec4<i32>(chunkOf[slot], chunkOf[slot + 1u], chunkOf[slot + 2u], chunkOf[slot + 3u]);
  let buckets = vec4<u32>(bucketOf[slot], bucketOf[slot + 1u], bucketOf[slot + 2u], bucketOf[slot + 3u]);
  let away = vec4<u32>(chunks - place.chunk + before);
  return (tokensFrom(slot) < vec4<u32>(p.n)) & (away <= vec4<u32>(u32(before + after))) & (buckets == vec4<u32>(place.bucket))
    & vec4<bool>(place.exists);
}

// By how many meetings the weights of four slots are shared, seen from the query (`forKey` false) or from the key.
fn divisors(head: u32, slot: u32, place: Place, forKey: bool) -> vec4f {
  var times = vec4<u32>();
  if (inRing()) {
    for (var k = 0u; k < 4u; k++) {
      let other = min(tokens[slot + k], p.n - 1u);
      if (forKey) { times[k] = meetings(head, other, place.i); } else { times[k] = meetings(head, place.i, other); }
    }
    return vec4f(max(times, vec4<u32>(1u)));
  }
  for (var round = 0u; round < p.rounds; round++) {
    let mine = vec4<u32>(keyAt(head, round, place.i));
    let k = round * TILE + slot;
    let others = vec4<u32>(tileKeys[k], tileKeys[k + 1u], tileKeys[k + 2u], tileKeys[k + 3u]);
    let reach = select(mine - others + u32(p.lookAhead), others - mine + u32(p.lookAhead), forKey);
    times += select(vec4<u32>(), vec4<u32>(1u), reach <= vec4<u32>(u32(p.lookBack + p.lookAhead)));
  }
  return vec4f(max(times, vec4<u32>(1u)));
}
