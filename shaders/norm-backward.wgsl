// Gradient of a layer norm's input from that of its output: (g·w − mean(g·w) − x̂·mean(g·w·x̂))/√…. Needs norm-rows.
const ADD: bool = true;   // to what is there
const FOLD: bool = false; // both parts are one stream, which takes the sum of their gradients

@group(0) @binding(1) var<storage, read> gradOut: array<f32>; // [rows, PARTS·width]
@group(0) @binding(2) var<storage, read> normal: array<f32>;  // [rows, PARTS·width]
@group(0) @binding(3) var<storage, read> inverse: array<f32>; // [rows]
@group(0) @binding(4) var<storage, read> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> g1: array<f32>; // [rows, width]
@group(0) @binding(6) var<storage, read_write> g2: array<f32>; // where PARTS is 2

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = group.x * 8u + t / 8u;
  let here = row < m.rows;
  let size = width();
  var sums = vec2f();
  for (var k = t % 8u; k < size && here; k += 8u) {
    let g = gradOut[row * size + k] * weights[m.weight + k];
    sums += vec2f(g, g * normal[row * size + k]);
  }
  let mean = rowSum(t, sums) / f32(size);
  for (var k = t % 8u; k < select(size, m.width, FOLD) && here; k += 8u) {
    let at = row * size + k;
    var value = (gradOut[at] * weights[m.weight + k] - mean.x - normal[at] * mean.y) * inverse[row];
    if (FOLD) {
      let twin = at + m.width;
      value += (gradOut[twin] * weights[m.weight + k + m.width] - mean.x - normal[twin] * mean.y) * inverse[row];
    }
    let low = row * m.width + k;
    if (PARTS == 2u && k >= m.width) {
      if (ADD) { value += g2[low - m.width]; }
      g2[low - m.width] = value;
    } else {
      if (ADD) { value += g1[low]; }
      g1[low] = value;
    }
  }
}
