// How much of one of the screen's pixels a shape covers. `place` goes from -1 to 1 between opposite edges, which lie half a pixel outside
// of the shape's own; a direction in which it does not change does not count.
fn coverage(place: vec2<f32>) -> f32 {
  let right = dpdx(place);
  let down = dpdy(place);
  let perPixel = sqrt(right * right + down * down);
  let inside = saturate((1.0 - abs(place)) / max(perPixel, vec2<f32>(1e-6)));
  return inside.x * inside.y;
}
