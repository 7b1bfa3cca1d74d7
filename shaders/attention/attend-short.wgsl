// Steps 4 and 5 for one query a thread; y = head. The softmax over the slots of all rounds equals the combination of the rounds by their
// log-sum-exp.
// `right` holds the values.
//#include params, vectors(qk, 1, whole), vectors(right, 3, whole), placement, pairs, short, vectors(out, 6, written, whole)
const ROUNDS: bool = false; // true writes the log-sum-exp of every round too; a pair met N times then loses log N in each
@group(0) @binding(8) var<storage, read_write> lse: array<f32>; // [h, p.count, n]: each round, and all rounds in the last row

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = p.start + id.x;
  let head = id.y;
  if (i >= p.n) { return; }
  let first = head * p.n;
  for (var e = 0u; e < D4; e++) { ownLeft[e] = qkAt(first + i, e); sum[e] = vec4f(); }
  let window = p.chunk * u32(1 + p.lookBack + p.lookAhead);
  for (var round = 0u; round < p.rounds; round++) {
    let queryPosition = queryPositionOf(head, round, i);
    var roundTop = NONE;
    var roundMass = 0.0;
    for (var slot = 0u; slot < window; slot++) {
      let j = keyIn(head, round, slot, i, queryPosition);
      if (j == p.n) { continue; }
      var value = score(first, i, j);
      if (ROUNDS) {
        if (has(DIVIDE)) { value -= log(f32(meetings(head, i, j))); }
        let high = max(roundTop, value);
        roundMass = fma(roundMass, exp(roundTop - high), exp(value - high));
        roundTop = high;
      }
      accumulate(value, first + j);
    }
    if (ROUNDS) { lse[(head * p.count + round) * p.n + i] = roundTop + log(roundMass); }
  }
  for (var e = 0u; e < D4; e++) { setOut(first + i, e, sum[e] / mass); }
  lse[(head * p.count + p.count - 1u) * p.n + i] = top + log(mass);
}
