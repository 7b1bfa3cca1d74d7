// Counts the meetings of queries and keys in each cell of a coarse matrix, for sequences too long to draw single pairs. A cell is p.each
// tokens wide. One thread per sorted position; y = round (with ONE_ROUND only p.round). Counts only queries whose token is a multiple of
// p.start. With SORTED, rows and columns are sorted positions of the round. The head is p.head. The caller sets `cells` to 0.
//#include params, placement
@group(0) @binding(1) var<storage, read_write> cells: array<atomic<u32>>; // [p.count, p.count]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.n) { return; }
  let head = p.head;
  let round = select(id.y, p.round, has(ONE_ROUND));
  let i = orderAt(head, round, id.x);
  if (i % p.start != 0u) { return; }
  let own = id.x / p.chunk;
  let row = select(i, id.x, has(SORTED)) / p.each;
  for (var index = i32(own) - p.lookBack; index <= i32(own) + p.lookAhead; index++) {
    let there = chunkAt(round, index);
    if (!there.exists) { continue; }
    for (var k = 0u; k < p.chunk; k++) {
      let position = there.index * p.chunk + k;
      if (position >= p.n) { break; }
      let j = orderAt(head, there.round, position);
      if ((has(CAUSAL) && j > i) || !sameBucket(head, round, i, own, j, there)) { continue; }
      atomicAdd(&cells[row * p.count + select(j, position, has(SORTED)) / p.each], 1u);
    }
  }
}
