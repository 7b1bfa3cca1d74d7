// Colour of a vertex of the loom. `kind` and `vertex` are as in loom-place.wgsl; kind 3 is a bar of a round. `emphasis` is 2 for the
// selected token, 1 for a token that it sees in this round, else 0. `quiet` is 1 while a token is selected: tokens without emphasis are then
// paler. While the algorithm plays, `hashed` is how far a token has taken the colour of its bucket, and `shown` how far it is to be seen.
fn loomPaint(
  kind: u32, vertex: u32, bucket: vec3<f32>, ink: vec3<f32>, accent: vec3<f32>, depth: f32, emphasis: f32, quiet: f32, thread: f32,
  unhashed: vec3<f32>, hashed: f32, shown: f32,
) -> vec4<f32> {
  let near = shown / (1.0 + 1.6 * depth);
  if (kind == 0u) { return vec4<f32>(accent, 0.22 * (1.0 - 0.45 * emphasis) * shown); }
  if (kind == 2u) { return vec4<f32>(ink, 0.45 * shown); }
  if (kind == 3u) { return vec4<f32>(mix(bucket, ink, 0.25), shown); }
  let isThread = vertex >= 8u;
  var alpha = select(1.0, thread, isThread);
  alpha *= mix(1.0, select(0.85, 0.42, isThread), quiet * f32(emphasis == 0.0));
  if (emphasis > 0.0) { alpha = 1.0; }
  let colour = mix(mix(unhashed, bucket, hashed), ink, f32(emphasis == 2.0 && !isThread) * 0.75);
  return vec4<f32>(colour, alpha * near);
}
