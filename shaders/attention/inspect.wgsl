// Writes one slot a thread of the window of token p.start of head p.head, with its score after masks and duplicate correction; y = round.
//#include params, vectors(qk, 1), placement, score
struct Slot { key: u32, score: f32 } // key n: the slot does not count

@group(0) @binding(6) var<storage, read_write> slots: array<Slot>; // [rounds, window]
@group(0) @binding(7) var<storage, read_write> ranks: array<u32>;  // [rounds]: sorted position of the token

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let window = p.chunk * u32(1 + p.lookBack + p.lookAhead);
  if (id.x >= window) { return; }
  let head = p.head;
  let i = p.start;
  let round = id.y;
  let rank = rankOf(head, round, i);
  let queryChunk = rank / p.chunk;
  if (id.x == 0u) { ranks[round] = rank; }
  let keyChunk = chunkAt(round, i32(queryChunk) - p.lookBack + i32(id.x / p.chunk));
  let sorted = keyChunk.index * p.chunk + id.x % p.chunk;
  var slot = Slot(p.n, 0.0);
  if (keyChunk.exists && sorted < p.n) {
    let j = orderAt(head, keyChunk.round, sorted);
    if (sameBucket(head, round, i, queryChunk, j, keyChunk) && (j <= i || !has(CAUSAL))) {
      slot = Slot(j, score(head, i, j));
      if (has(DIVIDE)) { slot.score -= log(f32(meetings(head, i, j))); }
    }
  }
  slots[round * window + id.x] = slot;
}
