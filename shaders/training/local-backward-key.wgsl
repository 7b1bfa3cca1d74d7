// Backward pass of local attention for the keys: a thread collects the gradients of one key and value from the queries that see them;
// y = head.
//#include local
@group(0) @binding(4) var<storage, read> gradOut: array<vec4f>;
@group(0) @binding(5) var<storage, read> rows: array<vec2f>; // [h, n]: log-sum-exp, and gradOut · out
@group(0) @binding(6) var<storage, read_write> gradK: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> gradV: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let j = id.x;
  if (j >= p.n) { return; }
  let row = (id.y * p.n + j) * D4;
  var key = array<vec4f, D4>();
  var value = array<vec4f, D4>();
  var keySum = array<vec4f, D4>();
  var valueSum = array<vec4f, D4>();
  for (var e = 0u; e < D4; e++) { key[e] = k[row + e] * p.scale; value[e] = v[row + e]; }
  for (var step = 0u; step <= p.before + p.after; step++) {
    let first = chunkStart(j, p.after, step);
    let end = min(first + p.chunk, p.n);
    var begin = first;
    if (p.causal != 0u) { begin = max(begin, j); }
    for (var i = begin; i < end; i++) {
      let query = (id.y * p.n + i) * D4;
      var score = 0.0;
      var along = 0.0;
      for (var e = 0u; e < D4; e++) { score += dot(key[e], q[query + e]); along += dot(value[e], gradOut[query + e]); }
      let queryRow = rows[id.y * p.n + i];
      let weight = exp(score - queryRow.x);
      let slope = weight * (along - queryRow.y) * p.scale;
      for (var e = 0u; e < D4; e++) {
        valueSum[e] = fma(vec4f(weight), gradOut[query + e], valueSum[e]);
        keySum[e] = fma(vec4f(slope), q[query + e], keySum[e]);
      }
    }
  }
  for (var e = 0u; e < D4; e++) { gradK[row + e] = keySum[e]; gradV[row + e] = valueSum[e]; }
}
