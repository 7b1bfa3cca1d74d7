// What the backward pass needs of each query: [log-sum-exp over all rounds, gradOut · out]. One thread a token; y = head.
// The log-sum-exp of token i of a head stands at head·p.count + p.start + i. Needs params.
const D4: u32 = 16u;

@group(0) @binding(1) var<storage, read> gradOut: array<vec4f>;     // [h, n, D4]
@group(0) @binding(2) var<storage, read> out: array<vec4f>;         // [h, n, D4]
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read_write> rows: array<vec2f>;  // [h, n]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.n) { return; }
  let row = id.y * p.n + id.x;
  var product = 0.0;
  for (var e = 0u; e < D4; e++) { product += dot(gradOut[row * D4 + e], out[row * D4 + e]); }
  rows[row] = vec2f(lse[id.y * p.count + p.start + id.x], product);
}
