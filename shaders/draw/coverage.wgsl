// The share of a device pixel that a shape covers. `place` goes from -1 to 1 between opposite edges of a quad that is larger than the
// shape by half a pixel on each side. A direction in which `place` is constant does not count.
fn coverage(place: vec2<f32>) -> f32 {
  let right = dpdx(place);
  let down = dpdy(place);
  let perPixel = sqrt(right * right + down * down);
  let inside = saturate((1.0 - abs(place)) / max(perPixel, vec2<f32>(1e-6)));
  return inside.x * inside.y;
}
