// Position of a corner of the bar that shows a round's share of the selected token's output. It grows at the token's place in the sorted
// order of its round, flies along the thread to the token's place in the text, and hangs there below the bars of the rounds before it.
// `share` is its length and `before` theirs, of 1 in all. At last all shrink into the cell. `join` goes from 0 to 1; `turn`, from 0 to 1,
// delays rounds one after another. `upper` and `lower` count tokens from the left edge.
fn loomBar(
  upper: f32, lower: f32, depth: f32, tokens: f32, row: f32, share: f32, before: f32, turn: f32, join: f32, pixel: f32, fade: f32,
  side: vec2<f32>,
) -> vec3<f32> {
  let width = 3.2;
  let step = width / tokens;
  let cell = clamp(0.8 * step, 0.02, 0.06);
  let grown = smoothstep(0.0, 0.24, join);
  let t = smoothstep(0.0, 1.0, saturate((join - 0.26 - 0.14 * turn) / 0.34));
  let left = 1.0 - smoothstep(0.8, 1.0, join);
  let whole = 0.62 * row;
  let length = whole * share * grown * left;
  let upperX = -0.5 * width + step * (upper + 0.5);
  let lowerX = -0.5 * width + step * (lower + 0.5);
  let ease = t * t * (3.0 - 2.0 * t);
  let below = -row + cell + 0.5 * length;
  let above = row - cell - whole * before * left - 0.5 * length;
  let center = vec2<f32>(mix(lowerX, upperX, ease), mix(below, above, t));
  let half = vec2<f32>(max(0.6 * step, 6.0 * pixel), max(0.5 * length - 0.7 * pixel, 0.0)) + fade;
  return vec3<f32>(center + side * half, -0.3 * depth * (1.0 - t));
}
