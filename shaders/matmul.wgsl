// The three products of a linear layer y = x·wᵀ, weights [outputs, inputs], in one text: PASS 0 computes y from x and w; 1 the gradient of
// x from that of y and w; 2 that of w from those of y and x. 64 threads compute a tile of 32 × 32, each 4 × 4 of it. The first operand
// and, but for PASS 2, the result are token rows.
const PASS: u32 = 0u;
const A_HEADS: bool = false;   // the first operand lies [sequences·heads, n, pitch]; otherwise [tokens, pitch]
const B_HEADS: bool = false;   // so does the second, in PASS 2
const C_HEADS: bool = false;   // so does the result
const A_MAP: u32 = 0u;         // what is read of the first operand: 0 itself; 1 times norm weight plus norm bias; 2 … 4 its activation
const B_MAP: u32 = 0u;         // the same of the second, in PASS 2
const ADD: bool = false;       // to what is there; otherwise in its place
const BIAS: bool = false;      // with extra[column]
const SLOPE: u32 = 0u;         // times the slope of activation 2 … 4 at extra, which lies like the result
const DEPTH = 16u;

struct Matmul {
  rows: u32, columns: u32, inner: u32, // of the product
  firstRow: u32,   // of this dispatch
  aFirst: u32, bFirst: u32, cFirst: u32, extraFirst: u32, // where the operands start, in numbers
  aPitch: u32, bPitch: u32, cPitch: u32, // numbers from one row to the next
  n: u32, heads: u32, headSize: u32,   // of tokens that lie by heads
  normWeight: u32, normBias: u32,
  sign: f32,
  spare: u32,
}
@group(0) @binding(0) var<uniform> m: Matmul;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;
@group(0) @binding(4) var<storage, read> extra: array<f32>; // bias, or numbers before an activation
@group(0) @binding(5) var<storage, read> norms: array<f32>; // weight and bias of a layer norm

var<workgroup> aTile: array<array<vec4f, 8>, 16>; // [inner, rows/4]
var<workgroup> bTile: array<array<vec4f, 8>, 16>; // [inner, columns/4]

fn tokenAddress(row: u32, feature: u32, pitch: u32, byHeads: bool) -> u32 {
  if (!byHeads) { return row * pitch + feature; }
  let head = (row / m.n) * m.heads + feature / m.headSize;
  return (head * m.n + row % m.n) * pitch + feature % m.headSize;
}

fn mapped(kind: u32, x: f32, feature: u32) -> f32 {
  if (kind == 0u) { return x; }
  if (kind == 1u) { return fma(x, norms[m.normWeight + feature], norms[m.normBias + feature]); }
  return activate(kind, x);
}

fn aAt(row: u32, k: u32) -> f32 {
  if (row >= m.rows || k >= m.inner) { return 0.0; }
  if (PASS == 2u) { return mapped(A_MAP, a[m.aFirst + tokenAddress(k, row, m.aPitch, A_HEADS)], row); }
  return mapped(A_MAP, a[m.aFirst + tokenAddress(row, k, m.aPitch, A_HEADS)], k);
}

fn bAt(k: u32, column: u32) -> f32 {
  if (column >= m.columns || k >= m.inner) { return 0.0; }
  if (PASS == 0u) { return b[m.bFirst + column * m.bPitch + k]; }
  if (PASS == 1u) { return b[m.bFirst + k * m.bPitch + column]; }
  return mapped(B_MAP, b[m.bFirst + tokenAddress(k, column, m.bPitch, B_HEADS)], column);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let firstRow = m.firstRow + group.y * 32u;
  let firstColumn = group.x * 32u;
  let own = vec2<u32>(t / 8u, t % 8u); // quad of rows, quad of columns
  var sums = array<vec4f, 4>();
  for (var start = 0u; start < m.inner; start += DEPTH) {
    workgroupBarrier();
    for (var load = t; load < 128u; load += 64u) {
      // Threads side by side read numbers side by side.
      let alongInner = vec2<u32>(load / DEPTH, load % DEPTH);
      let alongRow = vec2<u32>(load % 8u, load / 8u);
      let inA = select(alongInner, alongRow, PASS == 2u);
      let row = firstRow + 4u * inA.x;
      let kA = start + inA.y;
      aTile[inA.y][inA.x] = vec4f(aAt(row, kA), aAt(row + 1u, kA), aAt(row + 2u, kA), aAt(row + 3u, kA));
      let inB = select(alongRow, alongInner, PASS == 0u);
      let column = firstColumn + 4u * inB.x;
      let kB = start + inB.y;
      bTile[inB.y][inB.x] = vec4f(bAt(kB, column), bAt(kB, column + 1u), bAt(kB, column + 2u), bAt(kB, column + 3u));
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let x = aTile[k][own.x];
      let y = bTile[k][own.y];
      sums[0] = fma(vec4f(x.x), y, sums[0]);
      sums[1] = fma(vec4f(x.y), y, sums[1]);
      sums[2] = fma(vec4f(x.z), y, sums[2]);
      sums[3] = fma(vec4f(x.w), y, sums[3]);
    }
  }
  for (var r = 0u; r < 4u; r++) {
    let row = firstRow + 4u * own.x + r;
    if (row >= m.rows) { break; }
    for (var s = 0u; s < 4u; s++) {
      let column = firstColumn + 4u * own.y + s;
      if (column >= m.columns) { break; }
      let address = m.cFirst + tokenAddress(row, column, m.cPitch, C_HEADS);
      var value = sums[r][s];
      if (BIAS) { value += extra[m.extraFirst + column]; }
      if (SLOPE != 0u) { value *= slope(SLOPE, extra[m.extraFirst + row * m.cPitch + column]); }
      value *= m.sign;
      if (ADD) { value += c[address]; }
      c[address] = value;
    }
  }
}
