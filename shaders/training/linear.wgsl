// y = x·wᵀ for rows of tokens or, with BACKWARD, the gradient of x from that of y, gradY·w. A thread computes eight rows of four columns
// straight from memory, as the matrices of these models are small: 128 multiply-adds for 12 reads of four numbers.
//#include activation, matmul, operands-four
//#variant linear-any: //#include activation, matmul, operands-any
const BACKWARD: bool = false;
const ADD: bool = false;  // adds to the result; otherwise replaces it
const BIAS: bool = false; // adds extra[column]
const SLOPE: u32 = 0u;    // multiplies by the slope of activation 2 … 4 at extra, which lies like the result

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) t: vec3<u32>) {
  let row = m.firstRow + (group.y * 8u + t.y) * 8u;
  let column = (group.x * 8u + t.x) * 4u;
  if (row >= m.rows || column >= m.columns) { return; }
  let lastRow = m.rows - 1u;
  // The rows of the weight for four columns.
  let w = min(vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(m.columns - 1u));
  //#registers
  var sums = array<vec4f, 8>();
  for (var k = 0u; k < m.inner; k += 4u) {
    let norm = normOf(A_MAP, k, m.aWidth);
    // Past the last row of the weight, x is zero.
    let end = m.inner - 1u;
    var w0 = vec4f();
    var w1 = vec4f();
    var w2 = vec4f();
    var w3 = vec4f();
    if (BACKWARD) {
      w0 = b4(k, column);
      w1 = b4(min(k + 1u, end), column);
      w2 = b4(min(k + 2u, end), column);
      w3 = b4(min(k + 3u, end), column);
    } else {
      w0 = b4(w.x, k);
      w1 = b4(w.y, k);
      w2 = b4(w.z, k);
      w3 = b4(w.w, k);
    }
    //#unroll
    for (var r = 0u; r < 8u; r++) {
      let x = mapped(A_MAP, a4(min(row + r, lastRow), k), norm);
      if (BACKWARD) {
        sums[r] += x.x * w0 + x.y * w1 + x.z * w2 + x.w * w3;
      } else {
        sums[r] += vec4f(dot(x, w0), dot(x, w1), dot(x, w2), dot(x, w3));
      }
    }
  }
  //#unroll
  for (var r = 0u; r < 8u; r++) { finish(row + r, column, sums[r]); }
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
