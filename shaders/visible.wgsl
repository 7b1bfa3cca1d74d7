// Which pairs meet: step 3, the chunks. Needs params.wgsl.
@group(0) @binding(3) var<storage, read> buckets: array<u32>; // [h, R, n]
@group(0) @binding(4) var<storage, read> order: array<u32>;   // token at each sorted position, [h, R, n]
@group(0) @binding(5) var<storage, read> rank: array<u32>;    // sorted position of each token, [h, R, n]

struct Chunk { exists: bool, round: u32, index: u32 }

// Chunk `index` counted from the start of `round`: outside the round there is none, or the ring of all rounds goes on.
fn chunkAt(round: u32, index: i32) -> Chunk {
  let chunks = i32(p.chunks);
  if (!has(WRAP)) { return Chunk(index >= 0 && index < chunks, round, u32(index)); }
  let ring = i32(p.rounds) * chunks;
  let there = (((i32(round) * chunks + index) % ring) + ring) % ring;
  return Chunk(true, u32(there / chunks), u32(there % chunks));
}

// Slots of `round` in which query i holds key j. Causality is not asked here.
fn meetingsIn(head: u32, round: u32, i: u32, j: u32) -> u32 {
  if (has(BUCKET_MASK) && buckets[at(head, round, i)] != buckets[at(head, round, j)]) { return 0u; }
  let own = i32(rank[at(head, round, i)] / p.chunk);
  if (!has(WRAP)) {
    let away = i32(rank[at(head, round, j)] / p.chunk) - own;
    return select(0u, 1u, away >= -p.lookBack && away <= p.lookAhead);
  }
  var meetings = 0u;
  for (var index = own - p.lookBack; index <= own + p.lookAhead; index++) {
    let seen = chunkAt(round, index);
    if (has(BUCKET_MASK) && seen.round != round) { continue; }
    if (rank[at(head, seen.round, j)] / p.chunk == seen.index) { meetings++; }
  }
  return meetings;
}

// N_ij: slots of the first `rounds` rounds in which query i holds key j.
fn meetings(head: u32, rounds: u32, i: u32, j: u32) -> u32 {
  var sum = 0u;
  for (var round = 0u; round < rounds; round++) { sum += meetingsIn(head, round, i, j); }
  return sum;
}
