// Adds gradYᵀ·x over all tokens to the gradient of a weight. Sixteen threads share the tokens of eight rows of four columns and add up at
// the end, so that a small weight with many tokens still fills a device.
//#include activation, matmul, operands-four
//#variant linear-weight-any: //#include activation, matmul, operands-any
var<workgroup> partial: array<array<vec4f, 8>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let quarter = t / 16u;
  let lane = t % 16u;
  let row = m.firstRow + group.y * 8u;
  let column = group.x * 16u + 4u * quarter;
  let isInside = column < m.columns;
  let hasMore = row + 4u < m.rows; // rows come in fours
  let norm = normOf(B_MAP, column, m.bWidth);
  //#registers
  var sums = array<vec4f, 8>();
  for (var token = lane; token < m.inner && isInside; token += 16u) {
    let x = mapped(B_MAP, b4(token, column), norm);
    let g0 = a4(token, row);
    var g1 = vec4f();
    if (hasMore) { g1 = a4(token, row + 4u); }
    sums[0] = fma(vec4f(g0.x), x, sums[0]);
    sums[1] = fma(vec4f(g0.y), x, sums[1]);
    sums[2] = fma(vec4f(g0.z), x, sums[2]);
    sums[3] = fma(vec4f(g0.w), x, sums[3]);
    sums[4] = fma(vec4f(g1.x), x, sums[4]);
    sums[5] = fma(vec4f(g1.y), x, sums[5]);
    sums[6] = fma(vec4f(g1.z), x, sums[6]);
    sums[7] = fma(vec4f(g1.w), x, sums[7]);
  }
  partial[t] = sums;
  workgroupBarrier();
  if (!isInside || lane >= 8u || row + lane >= m.rows) { return; }
  var total = vec4f();
  for (var k = 0u; k < 16u; k++) { total += partial[16u * quarter + k][lane]; }
  write4(row + lane, column, total, true);
}
