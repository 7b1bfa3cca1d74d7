// Gradients of one table of embeddings: a thread adds up one feature (x) of one row (y) over the row's tokens, in their order.
const IDS: bool = true; // rows by symbol, otherwise by position
const TWO: bool = true; // two streams

struct Embed { tokens: u32, width: u32, rows: u32, columns: u32, first: u32, every: u32, n: u32, table: u32 }
@group(0) @binding(0) var<uniform> m: Embed;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read> g1: array<f32>;                // [tokens, width]
@group(0) @binding(3) var<storage, read> g2: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradients: array<f32>;   // [rows, columns] from m.table on

// Bit b of word t: token 32·t + b, counted from the first of 2048 tokens, is the row's symbol.
var<workgroup> isSymbol: array<u32, 64>;

fn gradientAt(token: u32, k: u32) -> f32 {
  let at = token * m.width + m.first + k;
  if (TWO) { return g1[at] + g2[at]; }
  return g1[at];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let k = id.x;
  let row = id.y + id.z * 32768u;
  let isInside = k < m.columns && row < m.rows;
  var sum = 0.0;
  if (IDS) {
    for (var first = 0u; first < m.tokens; first += 2048u) {
      var word = 0u;
      for (var b = 0u; b < 32u; b++) {
        let token = first + 32u * t + b;
        if (token < m.tokens && ids[min(token, m.tokens - 1u)] == row) { word |= 1u << b; }
      }
      isSymbol[t] = word;
      workgroupBarrier();
      for (var w = 0u; w < 64u; w++) {
        for (var bits = isSymbol[w]; bits != 0u && isInside; bits &= bits - 1u) {
          sum += gradientAt(first + 32u * w + firstTrailingBit(bits), k);
        }
      }
      workgroupBarrier();
    }
  } else if (isInside) {
    for (var sequence = 0u; sequence < m.tokens; sequence += m.n) {
      for (var start = row * m.every; start < m.n; start += m.rows * m.every) {
        for (var i = start; i < min(start + m.every, m.n); i++) { sum += gradientAt(sequence + i, k); }
      }
    }
  }
  if (isInside) { gradients[m.table + row * m.columns + k] += sum; }
}
