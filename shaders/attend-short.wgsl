// Steps 4 and 5 for short sequences: a softmax over the slots of all rounds, which is what combining rounds by their log-sum-exp comes to.
// One query a thread; y = head. Needs params, qk, right (values), places, pairs, short, out.
@group(0) @binding(8) var<storage, read_write> lse: array<f32>; // [h, p.count, n], written in its last row

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  let head = id.y;
  if (i >= p.n) { return; }
  let first = head * p.n;
  for (var e = 0u; e < D4; e++) { own[e] = qkAt(first + i, e); sum[e] = vec4f(); }
  let window = p.chunk * u32(1 + p.lookBack + p.lookAhead);
  var top = -3.4e38;
  var mass = 0.0;
  for (var round = 0u; round < p.rounds; round++) {
    let seat = seatOf(head, round, i);
    for (var slot = 0u; slot < window; slot++) {
      let j = keyIn(head, round, slot, i, seat);
      if (j == p.n) { continue; }
      var score = p.selfMask;
      if (i != j) {
        let product = productWith(first + j);
        score = product.x * p.scale / keyLength(product.y);
      }
      let high = max(top, score);
      let keep = exp(top - high);
      let weight = exp(score - high);
      top = high;
      mass = fma(mass, keep, weight);
      for (var e = 0u; e < D4; e++) { sum[e] = fma(sum[e], vec4f(keep), weight * rightAt(first + j, e)); }
    }
  }
  for (var e = 0u; e < D4; e++) { setOut(first + i, e, sum[e] / mass); }
  lse[(head * p.count + p.count - 1u) * p.n + i] = top + log(mass);
}
