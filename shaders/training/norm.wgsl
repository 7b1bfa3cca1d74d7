// Layer norm of one row a thread, without weight and bias: x̂ = (x − mean)/√(variance + ε), and 1/√(variance + ε).
//#include norm-rows
@group(0) @binding(1) var<storage, read> x1: array<f32>;  // [tokens, width]
@group(0) @binding(2) var<storage, read> x2: array<f32>;  // the second stream, if STREAMS is 2
@group(0) @binding(3) var<storage, read_write> normal: array<f32>;  // [rows, STREAMS·width]
@group(0) @binding(4) var<storage, read_write> inverse: array<f32>; // [rows]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  if (row >= m.rows) { return; }
  let first = (m.firstRow + row) * m.width;
  let into = row * STREAMS * m.width;
  let size = f32(STREAMS * m.width);
  var sum = 0.0;
  for (var k = 0u; k < m.width; k++) {
    sum += x1[first + k];
    if (STREAMS == 2u) { sum += x2[first + k]; }
  }
  let mean = sum / size;
  var squares = 0.0;
  for (var k = 0u; k < m.width; k++) {
    let deviation = x1[first + k] - mean;
    squares = fma(deviation, deviation, squares);
    if (STREAMS == 2u) { let otherDeviation = x2[first + k] - mean; squares = fma(otherDeviation, otherDeviation, squares); }
  }
  let scale = inverseSqrt(squares / size + m.epsilon);
  for (var k = 0u; k < m.width; k++) {
    normal[into + k] = (x1[first + k] - mean) * scale;
    if (STREAMS == 2u) { normal[into + m.width + k] = (x2[first + k] - mean) * scale; }
  }
  inverse[row] = scale;
}
