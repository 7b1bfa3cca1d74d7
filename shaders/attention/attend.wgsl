// Steps 4 and 5 of one round: a softmax over the keys that each query sees, added to the running combination of the earlier rounds.
// A workgroup takes a block of sorted positions, a thread one of them; y = head.
// `right` holds the values.
//#include params, vectors(qk, 1), vectors(right, 3), placement, tokens, block, softmax, slots, vectors(out, 6, written)
@group(0) @binding(8) var<storage, read_write> lse: array<f32>; // [h, R + 1, n]: each round, then all combined; or [h, 1, n]: all combined

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let firstPosition = p.start + group.x * THREADS;
  let threadToken = threadTokenOf(head, firstPosition, t);
  let i = threadToken.i;
  loadQueries(head, i, t);

  let skipsLater = has(CAUSAL) && has(BUCKET_MASK) && !inRing();
  let range = slotRange(firstPosition, p.lookBack, p.lookAhead);
  for (var first = range.x; first < range.y; first += i32(TILE)) {
    // The sort is stable: the slots behind the block hold other buckets, or later tokens of the same buckets.
    if (skipsLater && first > i32(firstPosition + THREADS - 1u)) { break; }
    if (!fillTile(head, first, range.y, t)) { continue; }
    let four = 4u * (t / 4u);
    let isBusy = !isIdle(four, 4u) && !(skipsLater && first > i32(firstPosition + four + 3u));
    if (isBusy) { multiply(t); }
    workgroupBarrier();
    loadValues(head, t);
    for (var slot = 0u; slot < TILE; slot += 4u) {
      // A causally masked slot is skipped: it weighs exp(mask − top) = 0 for any mask, because the window holds the token's own slot.
      let j = tokensFrom(slot);
      let isSeen = inWindow(slot, threadToken, p.lookBack, p.lookAhead) & ((j <= vec4<u32>(i)) | vec4<bool>(!has(CAUSAL)));
      var score = select(productsFrom(slot, t) * factors(slot), vec4f(p.selfMask), j == vec4<u32>(i));
      if (has(DIVIDE) && any(isSeen)) { score -= log(divisors(head, slot, threadToken, false)); }
      storeScore(slot, t, score, isSeen);
    }
    updateMax(t);
    workgroupBarrier();
    if (isBusy) { accumulate(t); }
  }

  // The two shares add up to one by construction. Near the self mask, −1e5, a float32 log-sum-exp is off by up to 0.004.
  var row = head * p.n + i;
  let roundLse = select(NONE, top + log(mass), mass > 0.0);
  if (has(KEEP_ROUNDS)) {
    row = (head * (p.roundStride + 1u) + p.roundStride) * p.n + i;
    if (threadToken.exists) { lse[(head * (p.roundStride + 1u) + p.round) * p.n + i] = roundLse; }
  }
  var before = NONE;
  if (!has(RESTART)) { before = lse[row]; }
  let high = max(before, roundLse);
  let old = exp(before - high);
  let share = exp(roundLse - high);
  if (threadToken.exists) { lse[row] = high + log(old + share); }
  // The other threads of the query read its factors where its weights lay: the share of the earlier rounds, and this round's share over its mass.
  workgroupBarrier();
  rescales[t] = old / (old + share);
  weights[t] = select(0.0, share / ((old + share) * mass), mass > 0.0);
  workgroupBarrier();
  //#unroll
  for (var q = 0u; q < 4u; q++) {
    let query = 4u * (t / 4u) + q;
    if (firstPosition + query < p.n) { combine(head * p.n + queryTokens[query], query, q, t % 4u); }
  }
}

// Writes this thread's parts of a query's output.
fn combine(row: u32, query: u32, q: u32, lane: u32) {
  //#unroll
  for (var part = 0u; part < PARTS; part++) {
    let e = 4u * part + lane;
    var earlier = vec4f();
    if (e < D4 && !has(RESTART)) { earlier = rescales[query] * outAt(row, e); }
    if (e < D4) { setOut(row, e, earlier + weights[query] * sums[q * PARTS + part]); }
  }
}
