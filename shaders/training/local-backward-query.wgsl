// Backward pass of local attention for the queries: a thread adds up the gradient of one query, and writes its gradOut · out for the keys;
// y = head.
//#include local
@group(0) @binding(4) var<storage, read> gradOut: array<vec4f>;
@group(0) @binding(5) var<storage, read> out: array<vec4f>;
@group(0) @binding(6) var<storage, read> lse: array<f32>;
@group(0) @binding(7) var<storage, read_write> gradQ: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> rows: array<vec2f>; // [h, n]: log-sum-exp, and gradOut · out

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= p.n) { return; }
  let row = (id.y * p.n + i) * D4;
  var query = array<vec4f, D4>();
  var outward = array<vec4f, D4>();
  var sum = array<vec4f, D4>();
  var product = 0.0;
  for (var e = 0u; e < D4; e++) {
    query[e] = q[row + e] * p.scale;
    outward[e] = gradOut[row + e];
    product += dot(outward[e], out[row + e]);
  }
  let total = lse[id.y * p.n + i];
  rows[id.y * p.n + i] = vec2f(total, product);
  for (var step = 0u; step <= p.before + p.after; step++) {
    let first = chunkStart(i, p.before, step);
    var end = min(first + p.chunk, p.n);
    if (p.causal != 0u) { end = min(end, i + 1u); }
    for (var j = first; j < end; j++) {
      let key = (id.y * p.n + j) * D4;
      var score = 0.0;
      var along = 0.0;
      for (var e = 0u; e < D4; e++) { score += dot(query[e], k[key + e]); along += dot(outward[e], v[key + e]); }
      let weight = exp(score - total) * (along - product) * p.scale;
      for (var e = 0u; e < D4; e++) { sum[e] = fma(vec4f(weight), k[key + e], sum[e]); }
    }
  }
  for (var e = 0u; e < D4; e++) { gradQ[row + e] = sum[e]; }
}
