// Online softmax of one query a thread over tiles of keys. Needs tile.wgsl.
var<private> top: f32 = NONE;
var<private> mass: f32 = 0.0; // Σ exp(score − top); `sum` is Σ exp(score − top)·value

// Adds four slots; those that are not `seen` weigh nothing.
fn absorb(slot: u32, score: vec4f, seen: vec4<bool>) {
  if (!any(seen)) { return; }
  let masked = select(vec4f(NONE), score, seen);
  let newTop = max(top, max(max(masked.x, masked.y), max(masked.z, masked.w)));
  let weight = select(vec4f(), exp(masked - newTop), seen);
  let shrink = exp(top - newTop);
  mass = mass * shrink + (weight.x + weight.y) + (weight.z + weight.w);
  top = newTop;
  for (var e = 0u; e < D4; e++) {
    let k = slot * D4 + e;
    sum[e] = sum[e] * shrink + weight.x * rightTile[k] + weight.y * rightTile[k + D4]
      + weight.z * rightTile[k + 2u * D4] + weight.w * rightTile[k + 3u * D4];
  }
}
