// Position of a vertex of the loom. kind 0 is a box around a chunk. kind 1 is a token: 4 vertices of its upper cell, 4 of its lower cell,
// and 2 at each end of a segment of the thread between them. kind 2 is a wall between chunks. `upper`, `lower` and `boxEnd` count tokens
// from the left edge. `emphasis` makes a token larger. A cell is `wide` tokens wide. `side` is the corner of the quad, as -1 or 1 to the
// right and up. All shapes are larger by `fade`, half a device pixel, so that their edges fade within one pixel. While the algorithm plays,
// `grown` is how far a box, a wall or an upper cell has grown, and `along` how far a token has come on its thread; at the end both are 1.
fn loomPlace(
  kind: u32, vertex: u32, upper: f32, lower: f32, boxEnd: f32, depth: f32, tokens: f32, segments: f32, emphasis: f32, pixel: f32, row: f32,
  wide: f32, fade: f32, side: vec2<f32>, grown: f32, along: f32,
) -> vec3<f32> {
  let width = 3.2;
  let step = width / tokens;
  let z = -0.3 * depth;
  let cell = clamp(0.8 * step, 0.02, 0.06); // half a cell's height

  if (kind == 0u) {
    let center = vec2<f32>(-0.5 * width + 0.5 * step * (lower + boxEnd), -row);
    let half = vec2<f32>(0.5 * step * (boxEnd - lower), (cell + 0.04) * grown);
    return vec3<f32>(center + side * select(vec2<f32>(0.0), half + fade, boxEnd > lower), z);
  }
  if (kind == 2u) {
    let fall = (1.0 - grown) * row;
    let center = vec2<f32>(-0.5 * width + step * lower, -row + 0.9 * fall);
    return vec3<f32>(center + side * (vec2<f32>(0.6 * pixel, cell + 0.06 + 0.3 * fall) + fade), z);
  }

  let upperX = -0.5 * width + step * (upper + 0.5);
  let lowerX = -0.5 * width + step * (lower + 0.5);
  if (vertex < 8u) {
    let half = max(min(0.4 * step * wide, 0.08) * (1.0 + 0.12 * emphasis), 0.5 * pixel);
    let x = mix(upperX, lowerX, along * along * (3.0 - 2.0 * along));
    let center = select(vec2<f32>(x, mix(row, -row, along)), vec2<f32>(upperX, row), vertex < 4u);
    let high = cell * (1.0 + 0.2 * emphasis) * select(1.0, grown, vertex < 4u);
    return vec3<f32>(center + side * (vec2<f32>(half, high) + fade), z);
  }

  // Segments are shorter toward the ends, where a thread bends.
  let s = f32((vertex - 8u) / 2u) / segments;
  let t = mix(s, s * s * (3.0 - 2.0 * s), 0.6) * along;
  let ease = t * t * (3.0 - 2.0 * t);
  let top = row - cell;
  let bottom = -row + cell;
  let slope = vec2<f32>((lowerX - upperX) * 6.0 * t * (1.0 - t), bottom - top);
  let across = normalize(vec2<f32>(-slope.y, slope.x));
  let half = pixel * (0.6 + 0.9 * emphasis) + fade;
  let center = vec2<f32>(mix(upperX, lowerX, ease), mix(top, bottom, t));
  return vec3<f32>(center + side.x * half * across, z);
}
