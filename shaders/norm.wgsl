// Layer norm without its weight and bias: (x − mean)/√(variance + ε), and 1/√… of each row. Needs norm-rows.
@group(0) @binding(1) var<storage, read> x1: array<f32>;  // [rows, width]
@group(0) @binding(2) var<storage, read> x2: array<f32>;  // the second stream, where PARTS is 2
@group(0) @binding(3) var<storage, read_write> normal: array<f32>;  // [rows, PARTS·width]
@group(0) @binding(4) var<storage, read_write> inverse: array<f32>; // [rows]

fn at(row: u32, k: u32) -> f32 {
  if (PARTS == 2u && k >= m.width) { return x2[row * m.width + k - m.width]; }
  return x1[row * m.width + k];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = group.x * 8u + t / 8u;
  let here = row < m.rows;
  let size = width();
  var sum = 0.0;
  for (var k = t % 8u; k < size && here; k += 8u) { sum += at(row, k); }
  let mean = rowSum(t, vec2f(sum, 0.0)).x / f32(size);
  var squares = 0.0;
  for (var k = t % 8u; k < size && here; k += 8u) { let away = at(row, k) - mean; squares = fma(away, away, squares); }
  let scale = inverseSqrt(rowSum(t, vec2f(squares, 0.0)).x / f32(size) + m.epsilon);
  for (var k = t % 8u; k < size && here; k += 8u) { normal[row * size + k] = (at(row, k) - mean) * scale; }
  if (here && t % 8u == 0u) { inverse[row] = scale; }
}
