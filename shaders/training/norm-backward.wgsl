// Gradient of a layer norm's input, one row a thread: (g·w − mean(g·w) − x̂·mean(g·w·x̂))/√(variance + ε) from the gradient g of its output.
//#include norm-rows
const ADD: bool = true;   // adds to the gradients; otherwise replaces them
const FOLD: bool = false; // both streams are the same one, whose gradient is the sum of theirs

@group(0) @binding(1) var<storage, read> gradOut: array<f32>; // [rows, STREAMS·width]
@group(0) @binding(2) var<storage, read> normal: array<f32>;  // [rows, STREAMS·width]
@group(0) @binding(3) var<storage, read> inverse: array<f32>; // [rows]
@group(0) @binding(4) var<storage, read> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> g1: array<f32>; // [tokens, width]
@group(0) @binding(6) var<storage, read_write> g2: array<f32>; // if STREAMS is 2

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  if (row >= m.rows) { return; }
  let size = STREAMS * m.width;
  let first = row * size;
  var sums = vec2f();
  for (var k = 0u; k < size; k++) {
    let g = gradOut[first + k] * weights[m.weight + k];
    sums += vec2f(g, g * normal[first + k]);
  }
  let mean = sums / f32(size);
  let scale = inverse[row];
  for (var k = 0u; k < m.width; k++) {
    let at = (m.firstRow + row) * m.width + k;
    var low = gradient(first, k, mean) * scale;
    if (STREAMS == 2u) {
      var high = gradient(first, m.width + k, mean) * scale;
      if (FOLD) { low += high; } else {
        if (ADD) { high += g2[at]; }
        g2[at] = high;
      }
    }
    if (ADD) { low += g1[at]; }
    g1[at] = low;
  }
}

fn gradient(first: u32, k: u32, mean: vec2f) -> f32 {
  return gradOut[first + k] * weights[m.weight + k] - mean.x - normal[first + k] * mean.y;
}
