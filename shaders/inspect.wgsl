// Every slot that one token sees, with its score after masks and duplicate correction. One thread a slot; y = round.
// The token is p.start, its head p.spare. Needs params, visible, score.
struct Slot { key: u32, score: f32 } // key n: nothing is seen in this slot

@group(0) @binding(6) var<storage, read_write> slots: array<Slot>; // [rounds, window]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let window = p.chunk * u32(1 + p.lookBack + p.lookAhead);
  if (id.x >= window) { return; }
  let head = p.spare;
  let i = p.start;
  let round = id.y;
  let own = i32(rank[at(head, round, i)] / p.chunk);
  let there = chunkAt(round, own - p.lookBack + i32(id.x / p.chunk));
  let sorted = there.index * p.chunk + id.x % p.chunk;
  var slot = Slot(p.n, 0.0);
  if (there.exists && sorted < p.n) {
    let j = order[at(head, there.round, sorted)];
    let sameBucket = there.round == round && buckets[at(head, round, i)] == buckets[at(head, round, j)];
    if ((sameBucket || !has(BUCKET_MASK)) && (j <= i || !has(CAUSAL))) {
      slot = Slot(j, score(head, i, j));
      if (has(DIVIDE)) { slot.score -= log(f32(meetings(head, p.rounds, i, j))); }
    }
  }
  slots[round * window + id.x] = slot;
}
