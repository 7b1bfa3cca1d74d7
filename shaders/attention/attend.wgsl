// Steps 4 and 5. One round: a softmax over what each query sees, added to the running combination of the rounds before it.
// A block of sorted positions a workgroup, one a thread; y = head. Needs params, qk, right (values), placement, tokens, block, softmax, slots, out.
@group(0) @binding(8) var<storage, read_write> lse: array<f32>; // [h, R + 1, n]: each round's, and last the combined one; or that one alone

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let firstPosition = p.start + group.x * THREADS;
  let place = placeOf(head, firstPosition, t);
  let i = place.i;
  loadQueries(head, i, t);

  let later = has(CAUSAL) && has(BUCKET_MASK) && !inRing();
  let range = slotRange(firstPosition, p.lookBack, p.lookAhead);
  for (var first = range.x; first < range.y; first += i32(TILE)) {
    // In the order of the sort, later tokens of a bucket come later.
    if (later && first > i32(firstPosition + THREADS - 1u)) { break; }
    if (!fillTile(head, first, range.y, t)) { continue; }
    let four = 4u * (t / 4u);
    let busy = !idle(four, 4u) && !(later && first > i32(firstPosition + four + 3u));
    if (busy) { multiply(t); }
    workgroupBarrier();
    loadValues(head, t);
    for (var slot = 0u; slot < TILE; slot += 4u) {
      // A causally masked slot weighs exp(mask − top) = 0 whatever the mask, because the token's own slot is always there: it is skipped.
      let j = tokensFrom(slot);
      let seen = inWindow(slot, place, p.lookBack, p.lookAhead) & ((j <= vec4<u32>(i)) | vec4<bool>(!has(CAUSAL)));
      var score = select(productsFrom(slot, t) * factors(slot), vec4f(p.selfMask), j == vec4<u32>(i));
      if (has(DIVIDE) && any(seen)) { score -= log(divisors(head, slot, place, false)); }
      storeScore(slot, t, score, seen);
    }
    updateMax(t);
    workgroupBarrier();
    if (busy) { accumulate(t); }
  }

  // Shares that add up to one by construction: near the self mask, −1e5, a float32 log-sum-exp is off by up to 0.004.
  var row = head * p.n + i;
  let roundLse = select(NONE, top + log(mass), mass > 0.0);
  if (has(KEEP)) {
    row = (head * (p.roundStride + 1u) + p.roundStride) * p.n + i;
    if (place.exists) { lse[(head * (p.roundStride + 1u) + p.round) * p.n + i] = roundLse; }
  }
  var before = NONE;
  if (!has(RESTART)) { before = lse[row]; }
  let high = max(before, roundLse);
  let old = exp(before - high);
  let fresh = exp(roundLse - high);
  if (place.exists) { lse[row] = high + log(old + fresh); }
  // For the other threads of the query, where they looked for its weights: the earlier rounds' share, and this one's over its mass.
  workgroupBarrier();
  rescales[t] = old / (old + fresh);
  weights[t] = select(0.0, fresh / ((old + fresh) * mass), mass > 0.0);
  workgroupBarrier();
  for (var q = 0u; q < 4u; q++) {
    let query = 4u * (t / 4u) + q;
    if (firstPosition + query < p.n) { combine(head * p.n + queryTokens[query], query, q, t % 4u); }
  }
}

// A part of a query's output, which this thread alone touches.
fn combine(row: u32, query: u32, q: u32, lane: u32) {
  for (var part = 0u; part < PARTS; part++) {
    let e = 4u * part + lane;
    var kept = vec4f();
    if (e < D4 && !has(RESTART)) { kept = rescales[query] * outAt(row, e); }
    if (e < D4) { setOut(row, e, kept + weights[query] * sums[q * PARTS + part]); }
  }
}
