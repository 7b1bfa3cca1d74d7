// Backward pass of short sequences for the keys: a thread collects the gradient of one value, and the keys' part of the gradient of its
// query-key, from the queries that see it; y = head.
// `right` holds gradOut.
//#include params, vectors(qk, 1, whole), vectors(right, 3, whole), placement, pairs, short
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
    ownLeft[e] = qkAt(first + j, e);
    ownRight[e] = values[(first + j) * D4 + e];
    square += dot(ownLeft[e], ownLeft[e]);
    sum[e] = vec4f();
    valueSum[e] = vec4f();
  }
  ownLength = keyLength(square);
  for (var round = 0u; round < p.rounds; round++) {
    let keyChunk = Chunk(true, round, chunkIn(head, round, j));
    // A query that sees this chunk `step` chunks back lies `step` chunks after it.
    for (var step = -p.lookAhead; step <= p.lookBack; step++) {
      let queryChunk = chunkAt(round, i32(keyChunk.index) + step);
      if (!queryChunk.exists) { continue; }
      let begin = queryChunk.index * p.chunk;
      for (var position = begin; position < min(begin + p.chunk, p.n); position++) {
        let i = orderAt(head, queryChunk.round, position);
        let bucket = bucketAt(head, queryChunk, i);
        if (isCounted(head, queryChunk.round, i, bucket, j, keyChunk, i32(queryChunk.index) - step)) { collect(head, i, j); }
      }
    }
  }
  // k̂ = k/ρ has unit length, so the part of its gradient along the key is dropped.
  var along = 0.0;
  for (var e = 0u; e < D4; e++) { along += dot(ownLeft[e], sum[e]); }
  along /= ownLength * ownLength;
  for (var e = 0u; e < D4; e++) {
    let at = (first + j) * D4 + e;
    gradQk[at] += (sum[e] - along * ownLeft[e]) / ownLength;
    gradV[at] = valueSum[e];
  }
}

fn collect(head: u32, i: u32, j: u32) {
  let row = head * p.n + i;
  let queryRow = rows[row];
  var weight = 0.0;
  if (i == j) {
    if (!isAlone(queryRow.x)) { return; }
    // If every meeting counts, the meetings share the weight 1.
    weight = select(1.0 / f32(meetings(head, j, j)), 1.0, has(FIRST));
  } else {
    weight = exp(min(leftProduct(row).x * p.scale / ownLength - queryRow.x, 5.0));
    let slope = weight * (rightProduct(row) - queryRow.y) * p.scale;
    for (var e = 0u; e < D4; e++) { sum[e] = fma(vec4f(slope), qkAt(row, e), sum[e]); }
  }
  for (var e = 0u; e < D4; e++) { valueSum[e] = fma(vec4f(weight), rightAt(row, e), valueSum[e]); }
}
