// Backward pass of short sequences for the queries: a thread adds up the gradient of one query, and writes its gradOut · out for the keys;
// y = head.
// `right` holds the values.
//#include params, vectors(qk, 1, whole), vectors(right, 3, whole), placement, pairs, short
@group(0) @binding(6) var<storage, read> gradOut: array<vec4f>;
@group(0) @binding(7) var<storage, read> out: array<vec4f>;
@group(0) @binding(8) var<storage, read> lse: array<f32>; // [h, p.count, n], of which the last row is read
@group(0) @binding(9) var<storage, read_write> gradQk: array<vec4f>;
@group(0) @binding(10) var<storage, read_write> rows: array<vec2f>; // [h, n]: log-sum-exp, and gradOut · out

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  let head = id.y;
  if (i >= p.n) { return; }
  let first = head * p.n;
  var outward = 0.0;
  for (var e = 0u; e < D4; e++) {
    ownLeft[e] = qkAt(first + i, e);
    ownRight[e] = gradOut[(first + i) * D4 + e];
    outward += dot(ownRight[e], out[(first + i) * D4 + e]);
    sum[e] = vec4f();
  }
  let total = lse[(head * p.count + p.count - 1u) * p.n + i];
  rows[first + i] = vec2f(total, outward);
  let window = p.chunk * u32(1 + p.lookBack + p.lookAhead);
  for (var round = 0u; round < p.rounds; round++) {
    let queryPosition = queryPositionOf(head, round, i);
    for (var slot = 0u; slot < window; slot++) {
      let j = keyIn(head, round, slot, i, queryPosition);
      if (j == p.n || j == i) { continue; }
      let product = leftProduct(first + j);
      let factor = p.scale / keyLength(product.y);
      let weight = exp(min(product.x * factor - total, 1.0)) * (rightProduct(first + j) - outward) * factor;
      for (var e = 0u; e < D4; e++) { sum[e] = fma(vec4f(weight), qkAt(first + j, e), sum[e]); }
    }
  }
  for (var e = 0u; e < D4; e++) { gradQk[(first + i) * D4 + e] = sum[e]; }
}
