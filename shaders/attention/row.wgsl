// Full attention's scores of one token for every key. One thread a key. The token is p.start, its head p.head. Needs params, qk, score.
@group(0) @binding(3) var<storage, read_write> scores: array<f32>; // [n]; masked keys −3.4e38

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let j = id.x;
  if (j >= p.n) { return; }
  var value = -3.4e38;
  if (j <= p.start || !has(CAUSAL)) { value = score(p.head, p.start, j); }
  scores[j] = value;
}
