// Full attention's score of one key a thread for token p.start of head p.head.
//#include params, vectors(qk, 1), score
@group(0) @binding(3) var<storage, read_write> scores: array<f32>; // [n]; −3.4e38 for a masked key

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let j = id.x;
  if (j >= p.n) { return; }
  var value = -3.4e38;
  if (j <= p.start || !has(CAUSAL)) { value = score(p.head, p.start, j); }
  scores[j] = value;
}
