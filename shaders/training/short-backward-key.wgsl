// Backward of short sequences, seen from the keys: gradients of values, and the other part of those of query-keys, from the queries that
// see them. One key a thread; y = head. Needs params, qk, right (gradOut), placement, pairs, short.
@group(0) @binding(6) var<storage, read> values: array<vec4f>;
@group(0) @binding(7) var<storage, read> rows: array<vec2f>; // [h, n]: log-sum-exp, and gradOut · out
@group(0) @binding(8) var<storage, read_write> gradQk: array<vec4f>;
@group(0) @binding(9) var<storage, read_write> gradV: array<vec4f>;

var<private> valueSum: array<vec4f, D4>;
var<private> ownLength: f32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let j = id.x;
  let head = id.y;
  if (j >= p.n) { return; }
  let first = head * p.n;
  var square = 0.0;
  for (var e = 0u; e < D4; e++) {
    own[e] = qkAt(first + j, e);
    partner[e] = values[(first + j) * D4 + e];
    square += dot(own[e], own[e]);
    sum[e] = vec4f();
    valueSum[e] = vec4f();
  }
  ownLength = keyLength(square);
  for (var round = 0u; round < p.rounds; round++) {
    let seat = queryPositionOf(head, round, j);
    let there = Chunk(true, round, seat.chunk);
    // Queries that see the chunk `there` lie as far after it as it lies before them.
    for (var step = -p.lookAhead; step <= p.lookBack; step++) {
      let seeing = chunkAt(round, i32(there.index) + step);
      if (!seeing.exists) { continue; }
      let begin = seeing.index * p.chunk;
      for (var position = begin; position < min(begin + p.chunk, p.n); position++) {
        let i = orderAt(head, seeing.round, position);
        let bucket = bucketAt(head, seeing, i);
        if (counts(head, seeing.round, i, bucket, j, there, i32(seeing.index) - step)) { collect(head, i, j); }
      }
    }
  }
  // k̂ = k/ρ: the part of its gradient along the key changes nothing.
  var along = 0.0;
  for (var e = 0u; e < D4; e++) { along += dot(own[e], sum[e]); }
  along /= ownLength * ownLength;
  for (var e = 0u; e < D4; e++) {
    let at = (first + j) * D4 + e;
    gradQk[at] += (sum[e] - along * own[e]) / ownLength;
    gradV[at] = valueSum[e];
  }
}

fn collect(head: u32, i: u32, j: u32) {
  let row = head * p.n + i;
  let known = rows[row];
  var weight = 0.0;
  if (i == j) {
    if (!alone(known.x)) { return; }
    // Where every meeting counts, they share its weight, one.
    weight = select(1.0 / f32(meetings(head, j, j)), 1.0, has(FIRST));
  } else {
    weight = exp(min(productWith(row).x * p.scale / ownLength - known.x, 5.0));
    let slope = weight * (partnerWith(row) - known.y) * p.scale;
    for (var e = 0u; e < D4; e++) { sum[e] = fma(vec4f(slope), qkAt(row, e), sum[e]); }
  }
  for (var e = 0u; e < D4; e++) { valueSum[e] = fma(vec4f(weight), rightAt(row, e), valueSum[e]); }
}
