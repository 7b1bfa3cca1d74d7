// Adds the sums of a matrix's columns to the gradient of a bias and, with NORM, the sums of their products with x̂ to the gradient of a
// layer norm's weight. A workgroup takes 16 columns, and 16 threads share the rows of each.
const NORM: bool = false;

struct ColumnSums { rows: u32, columns: u32, first: u32, bias: u32, normWeight: u32 }
@group(0) @binding(0) var<uniform> m: ColumnSums;
@group(0) @binding(1) var<storage, read> rows: array<f32>;          // [rows, columns], from m.first on
@group(0) @binding(2) var<storage, read> normal: array<f32>;        // x̂, [rows, columns]
@group(0) @binding(3) var<storage, read_write> gradients: array<f32>; // bias from m.bias on, weight from m.normWeight on

var<workgroup> partial: array<vec2f, 256>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) t: vec3<u32>) {
  let column = group.x * 16u + t.x;
  var sum = vec2f();
  for (var row = t.y; row < m.rows && column < m.columns; row += 16u) {
    let at = row * m.columns + column;
    let value = rows[m.first + at];
    sum.x += value;
    if (NORM) { sum.y = fma(value, normal[at], sum.y); }
  }
  partial[t.y * 16u + t.x] = sum;
  workgroupBarrier();
  if (t.y > 0u || column >= m.columns) { return; }
  var total = vec2f();
  for (var k = 0u; k < 16u; k++) { total += partial[k * 16u + t.x]; }
  gradients[m.bias + column] += total.x;
  if (NORM) { gradients[m.normWeight + column] += total.y; }
}
