// Where each token stands after the sort, and so which pairs meet (step 3, the chunks). The sort key of a token in a round is
// bucket·keyStep + chunk or, without a bucket mask, its chunk alone. Both terms grow along the sorted order. With a keyStep wider than the
// window, two tokens share a bucket and have chunks within the window exactly if their keys are that close.
//#needs params
const RING: bool = true; // false leaves out the code for a ring of rounds
@group(0) @binding(5) var<storage, read> placement: array<u32>; // [2, h, R, n]: sort key of each token, then token at each sorted position

fn inRing() -> bool { return RING && has(WRAP); }
fn keyAt(head: u32, round: u32, i: u32) -> u32 { return placement[at(head, round, i)]; }
fn orderAt(head: u32, round: u32, position: u32) -> u32 { return placement[at(p.heads, 0u, 0u) + at(head, round, position)]; }

// True for the tokens of a round that a query sees, by the sort keys of all.
fn areNear(query: u32, keys: vec4<u32>) -> vec4<bool> {
  return vec4<u32>(query + u32(p.lookAhead)) - keys <= vec4<u32>(u32(p.lookBack + p.lookAhead));
}

struct Chunk { exists: bool, round: u32, index: u32 }

// Chunk `index` counted from the start of `round`. Outside the round no chunk exists, or the ring of all rounds continues.
fn chunkAt(round: u32, index: i32) -> Chunk {
  let chunks = i32(p.chunks);
  if (!inRing()) { return Chunk(index >= 0 && index < chunks, round, u32(index)); }
  let ring = i32(p.rounds) * chunks;
  let ringIndex = (((i32(round) * chunks + index) % ring) + ring) % ring;
  return Chunk(true, u32(ringIndex / chunks), u32(ringIndex % chunks));
}

// Sorted position of a token. Keys never fall along the order, and tokens of equal keys rise, so a binary search finds it. Without a
// bucket mask the key is the chunk, whose tokens are searched in order.
fn rankOf(head: u32, round: u32, i: u32) -> u32 {
  let key = keyAt(head, round, i);
  if (!has(BUCKET_MASK)) {
    var position = key * p.chunk;
    while (position < p.n - 1u && orderAt(head, round, position) != i) { position++; }
    return position;
  }
  var low = 0u;
  var high = p.n - 1u;
  while (low < high) {
    let middle = (low + high) / 2u;
    let token = orderAt(head, round, middle);
    let tokenKey = keyAt(head, round, token);
    if (tokenKey < key || (tokenKey == key && token < i)) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

// Chunk of a token.
fn chunkIn(head: u32, round: u32, i: u32) -> u32 {
  if (!has(BUCKET_MASK)) { return keyAt(head, round, i); }
  return rankOf(head, round, i) / p.chunk;
}

// True if query i of chunk `queryChunk` and key j of chunk `keyChunk` share a bucket, or if buckets do not matter. Tokens share a bucket
// if their sort keys differ as their chunks do; in a ring keyStep is as wide as all chunks.
fn sameBucket(head: u32, round: u32, i: u32, queryChunk: u32, j: u32, keyChunk: Chunk) -> bool {
  if (!has(BUCKET_MASK)) { return true; }
  return keyChunk.round == round && keyAt(head, round, j) - keyChunk.index == keyAt(head, round, i) - queryChunk;
}

// Slots of `round` in which query i holds key j, up to chunk `end` (exclusive, counted from the start of the round), causal or not.
fn ringMeetings(head: u32, round: u32, i: u32, j: u32, end: i32) -> u32 {
  let queryChunk = chunkIn(head, round, i);
  let base = select(0u, keyAt(head, round, i) - queryChunk, has(BUCKET_MASK));
  var sum = 0u;
  for (var index = i32(queryChunk) - p.lookBack; index < end && index <= i32(queryChunk) + p.lookAhead; index++) {
    let chunk = chunkAt(round, index);
    if (has(BUCKET_MASK) && chunk.round != round) { continue; }
    if (keyAt(head, chunk.round, j) == base + chunk.index) { sum++; }
  }
  return sum;
}

// Slots of `round` in which query i holds key j.
fn meetingsIn(head: u32, round: u32, i: u32, j: u32) -> u32 {
  if (inRing()) { return ringMeetings(head, round, i, j, 0x7fffffff); }
  return select(0u, 1u, areNear(keyAt(head, round, i), vec4<u32>(keyAt(head, round, j))).x);
}

// N_ij: slots of all rounds in which query i holds key j.
fn meetings(head: u32, i: u32, j: u32) -> u32 {
  var sum = 0u;
  for (var round = 0u; round < p.rounds; round++) { sum += meetingsIn(head, round, i, j); }
  return sum;
}
