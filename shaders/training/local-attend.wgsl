// Local attention of one query a thread: the softmax of q·k/√d over the keys that the query sees; y = head.
//#include local
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>; // [h, n, D4]
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;   // [h, n]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= p.n) { return; }
  let row = (id.y * p.n + i) * D4;
  var query = array<vec4f, D4>();
  var sum = array<vec4f, D4>();
  for (var e = 0u; e < D4; e++) { query[e] = q[row + e] * p.scale; }
  var top = -3.0e38;
  var total = 0.0;
  for (var step = 0u; step <= p.before + p.after; step++) {
    let first = chunkStart(i, p.before, step);
    var end = min(first + p.chunk, p.n);
    if (p.causal != 0u) { end = min(end, i + 1u); }
    for (var j = first; j < end; j++) {
      let key = (id.y * p.n + j) * D4;
      var score = 0.0;
      for (var e = 0u; e < D4; e++) { score += dot(query[e], k[key + e]); }
      let higher = max(top, score);
      let rescale = exp(top - higher);
      let weight = exp(score - higher);
      total = fma(total, rescale, weight);
      for (var e = 0u; e < D4; e++) { sum[e] = fma(sum[e], vec4f(rescale), weight * v[key + e]); }
      top = higher;
    }
  }
  for (var e = 0u; e < D4; e++) { out[row + e] = sum[e] / total; }
  lse[id.y * p.n + i] = top + log(total);
}
