// Where every token went, and so which pairs meet: step 3, the chunks. A token's key in a round is bucket·step + chunk, or without a
// bucket mask its chunk alone. Both grow along the sorted order, so that with a step wider than the window two tokens of one bucket and of
// chunks near enough are exactly those whose keys are as near. Needs params.
const RING: bool = true; // false leaves out what only a ring of rounds needs
@group(0) @binding(5) var<storage, read> placement: array<u32>; // [2, h, R, n]: key of each token, then token at each sorted position

fn inRing() -> bool { return RING && has(WRAP); }
fn keyAt(head: u32, round: u32, i: u32) -> u32 { return placement[at(head, round, i)]; }
fn orderAt(head: u32, round: u32, position: u32) -> u32 { return placement[at(p.heads, 0u, 0u) + at(head, round, position)]; }

// Whether a query sees keys of its round, given the key of each.
fn near(query: u32, keys: vec4<u32>) -> vec4<bool> {
  return vec4<u32>(query + u32(p.lookAhead)) - keys <= vec4<u32>(u32(p.lookBack + p.lookAhead));
}

struct Chunk { exists: bool, round: u32, index: u32 }

// Chunk `index` counted from the start of `round`: outside the round there is none, or the ring of all rounds goes on.
fn chunkAt(round: u32, index: i32) -> Chunk {
  let chunks = i32(p.chunks);
  if (!inRing()) { return Chunk(index >= 0 && index < chunks, round, u32(index)); }
  let ring = i32(p.rounds) * chunks;
  let there = (((i32(round) * chunks + index) % ring) + ring) % ring;
  return Chunk(true, u32(there / chunks), u32(there % chunks));
}

// Sorted position of a token. Along the order keys never fall, and where they are equal tokens rise; but a chunk alone as a key says no more
// than that.
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
    let there = keyAt(head, round, token);
    if (there < key || (there == key && token < i)) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

// Chunk of a token.
fn chunkIn(head: u32, round: u32, i: u32) -> u32 {
  if (!has(BUCKET_MASK)) { return keyAt(head, round, i); }
  return rankOf(head, round, i) / p.chunk;
}

// Whether query i, whose chunk in `round` is `own`, and key j, which lies `there`, are of one bucket where that is asked. Keys that are as
// far apart as their chunks are of one bucket: in a ring the step is as wide as all chunks.
fn sameBucket(head: u32, round: u32, i: u32, own: u32, j: u32, there: Chunk) -> bool {
  if (!has(BUCKET_MASK)) { return true; }
  return there.round == round && keyAt(head, round, j) - there.index == keyAt(head, round, i) - own;
}

// Slots of `round` in which query i holds key j, before chunk `end` counted from the start of the round. Causality is not asked here.
fn ringMeetings(head: u32, round: u32, i: u32, j: u32, end: i32) -> u32 {
  let own = chunkIn(head, round, i);
  let base = select(0u, keyAt(head, round, i) - own, has(BUCKET_MASK));
  var sum = 0u;
  for (var index = i32(own) - p.lookBack; index < end && index <= i32(own) + p.lookAhead; index++) {
    let there = chunkAt(round, index);
    if (has(BUCKET_MASK) && there.round != round) { continue; }
    if (keyAt(head, there.round, j) == base + there.index) { sum++; }
  }
  return sum;
}

// Slots of `round` in which query i holds key j.
fn meetingsIn(head: u32, round: u32, i: u32, j: u32) -> u32 {
  if (inRing()) { return ringMeetings(head, round, i, j, 0x7fffffff); }
  return select(0u, 1u, near(keyAt(head, round, i), vec4<u32>(keyAt(head, round, j))).x);
}

// N_ij: slots of all rounds in which query i holds key j.
fn meetings(head: u32, i: u32, j: u32) -> u32 {
  var sum = 0u;
  for (var round = 0u; round < p.rounds; round++) { sum += meetingsIn(head, round, i, j); }
  return sum;
}
