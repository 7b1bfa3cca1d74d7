// Adds gradYᵀ·x over all tokens to the gradient of a weight. Sixteen threads share the tokens of four rows of four columns and add up at
// the end, so that a small weight with many tokens still fills a device.
//#include activation, matmul, operands-four
//#variant linear-weight-any: //#include activation, matmul, operands-any
var<workgroup> partial: array<array<vec4f, 4>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let quad = t / 16u;
  let lane = t % 16u;
  let row = m.firstRow + group.y * 8u + 4u * (quad / 2u);
  let column = group.x * 8u + 4u * (quad % 2u);
  let isInside = row < m.rows && column < m.columns;
  let norm = normOf(B_MAP, column, m.bWidth);
  var sums = array<vec4f, 4>();
  for (var token = lane; token < m.inner && isInside; token += 16u) {
    let g = a4(token, row);
    let x = mapped(B_MAP, b4(token, column), norm);
    sums[0] = fma(vec4f(g.x), x, sums[0]);
    sums[1] = fma(vec4f(g.y), x, sums[1]);
    sums[2] = fma(vec4f(g.z), x, sums[2]);
    sums[3] = fma(vec4f(g.w), x, sums[3]);
  }
  partial[t] = sums;
  workgroupBarrier();
  if (!isInside || lane >= 4u || row + lane >= m.rows) { return; }
  var total = vec4f();
  for (var k = 0u; k < 16u; k++) { total += partial[16u * quad + k][lane]; }
  write4(row + lane, column, total, true);
}
