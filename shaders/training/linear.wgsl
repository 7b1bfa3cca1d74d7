// y = x·wᵀ for rows of tokens or, with BACKWARD, the gradient of x from that of y, gradY·w. A thread computes four rows of four columns
// straight from memory, as the matrices of these models are small.
//#include activation, matmul, operands-four
//#variant linear-any: //#include activation, matmul, operands-any
const BACKWARD: bool = false;
const ADD: bool = false;  // adds to the result; otherwise replaces it
const BIAS: bool = false; // adds extra[column]
const SLOPE: u32 = 0u;    // multiplies by the slope of activation 2 … 4 at extra, which lies like the result

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) t: vec3<u32>) {
  let row = m.firstRow + (group.y * 8u + t.y) * 4u;
  let column = (group.x * 8u + t.x) * 4u;
  if (row >= m.rows || column >= m.columns) { return; }
  let last = vec4<u32>(m.rows - 1u);
  let rows = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), last);
  // The rows of the weight for four columns.
  let w = min(vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(m.columns - 1u));
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  for (var k = 0u; k < m.inner; k += 4u) {
    let norm = normOf(A_MAP, k, m.aWidth);
    let x0 = mapped(A_MAP, a4(rows.x, k), norm);
    let x1 = mapped(A_MAP, a4(rows.y, k), norm);
    let x2 = mapped(A_MAP, a4(rows.z, k), norm);
    let x3 = mapped(A_MAP, a4(rows.w, k), norm);
    if (BACKWARD) {
      // Past the last row of the weight, x is zero.
      let end = m.inner - 1u;
      let w0 = b4(k, column);
      let w1 = b4(min(k + 1u, end), column);
      let w2 = b4(min(k + 2u, end), column);
      let w3 = b4(min(k + 3u, end), column);
      s0 += x0.x * w0 + x0.y * w1 + x0.z * w2 + x0.w * w3;
      s1 += x1.x * w0 + x1.y * w1 + x1.z * w2 + x1.w * w3;
      s2 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
      s3 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
    } else {
      let w0 = b4(w.x, k);
      let w1 = b4(w.y, k);
      let w2 = b4(w.z, k);
      let w3 = b4(w.w, k);
      s0 += vec4f(dot(x0, w0), dot(x0, w1), dot(x0, w2), dot(x0, w3));
      s1 += vec4f(dot(x1, w0), dot(x1, w1), dot(x1, w2), dot(x1, w3));
      s2 += vec4f(dot(x2, w0), dot(x2, w1), dot(x2, w2), dot(x2, w3));
      s3 += vec4f(dot(x3, w0), dot(x3, w1), dot(x3, w2), dot(x3, w3));
    }
  }
  finish(row, column, s0);
  finish(row + 1u, column, s1);
  finish(row + 2u, column, s2);
  finish(row + 3u, column, s3);
}

fn finish(row: u32, column: u32, sum: vec4f) {
  if (row >= m.rows) { return; }
  var value = sum;
  let count = m.columns - column;
  if (BIAS) { value += extra4(column, count); }
  if (SLOPE != 0u) {
    let x = extra4(row * m.cPitch + column, count);
    value *= vec4f(slope(SLOPE, x.x), slope(SLOPE, x.y), slope(SLOPE, x.z), slope(SLOPE, x.w));
  }
  write4(row, column, value * m.sign, ADD);
}
