// Writes [log-sum-exp over all rounds, gradOut · out] of one query a thread, for the backward kernels; y = head.
// The log-sum-exp of token i of a head stands at head·p.count + p.start + i.
//#include params, vectors(gradOut, 1), vectors(out, 3, computed)
const D4: u32 = 16u;

@group(0) @binding(5) var<storage, read> lse: array<f32>;
@group(0) @binding(6) var<storage, read_write> rows: array<vec2f>; // [h, n]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.n) { return; }
  let row = id.y * p.n + id.x;
  var product = 0.0;
  for (var e = 0u; e < D4; e++) { product += dot(gradOutAt(row, e), outAt(row, e)); }
  rows[row] = vec2f(lse[id.y * p.count + p.start + id.x], product);
}
