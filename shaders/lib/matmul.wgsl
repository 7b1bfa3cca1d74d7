// Reads and maps the operands of a product y = x·wᵀ with a weight [outputs, inputs], four features at a time. Rows of tokens lie
// [tokens, pitch] or, by heads, [sequences·heads, n, pitch].
//#needs activation, operands-four|operands-any
const A_HEADS: bool = false; // true if an operand lies by heads
const B_HEADS: bool = false;
const C_HEADS: bool = false;
const A_MAP: u32 = 0u;       // 0 reads the operand, 1 applies its norm's weight and bias, 2 … 4 applies that activation
const B_MAP: u32 = 0u;

struct Matmul {
  rows: u32, columns: u32, inner: u32, // of the product
  firstRow: u32, // of this dispatch
  aFirst: u32, bFirst: u32, cFirst: u32, extraFirst: u32, // where the operands start, in numbers
  aPitch: u32, bPitch: u32, cPitch: u32, // numbers from one row to the next
  n: u32, heads: u32, headSize: u32,     // of tokens that lie by heads
  normWeight: u32, normBias: u32,
  sign: f32,
  aWidth: u32, bWidth: u32, // features of a row
}
@group(0) @binding(0) var<uniform> m: Matmul;

fn rowAddress(row: u32, feature: u32, pitch: u32, byHeads: bool) -> u32 {
  if (!byHeads) { return row * pitch + feature; }
  let head = (row / m.n) * m.heads + feature / m.headSize;
  return (head * m.n + row % m.n) * pitch + feature % m.headSize;
}

// Weight and bias of a norm, for four features.
struct Four { weight: vec4f, bias: vec4f }

fn normOf(kind: u32, feature: u32, width: u32) -> Four {
  if (kind != 1u) { return Four(); }
  return Four(norm4(m.normWeight + feature, width - feature), norm4(m.normBias + feature, width - feature));
}

fn mapped(kind: u32, x: vec4f, norm: Four) -> vec4f {
  if (kind == 0u) { return x; }
  if (kind == 1u) { return fma(x, norm.weight, norm.bias); }
  return vec4f(activate(kind, x.x), activate(kind, x.y), activate(kind, x.z), activate(kind, x.w));
}
