// Adds the vectors of one table to the embeddings of the tokens, rows by symbol or by position: a thread takes one feature of one token.
// Two streams get the same embedding.
const IDS: bool = true; // rows by symbol, otherwise by position; the table of symbols comes first and sets all features
const TWO: bool = true; // two streams

struct Embed { tokens: u32, width: u32, rows: u32, columns: u32, first: u32, every: u32, n: u32, table: u32 }
@group(0) @binding(0) var<uniform> m: Embed;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read> tables: array<f32>;         // [rows, columns] from m.table on
@group(0) @binding(3) var<storage, read_write> x1: array<f32>;       // [tokens, width]
@group(0) @binding(4) var<storage, read_write> x2: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let token = id.y + id.z * 32768u;
  if (id.x >= m.columns || token >= m.tokens) { return; }
  var row = ((token % m.n) / m.every) % m.rows;
  if (IDS) { row = min(ids[token], m.rows - 1u); }
  let at = token * m.width + m.first + id.x;
  var value = tables[m.table + row * m.columns + id.x];
  if (!IDS) { value += x1[at]; }
  x1[at] = value;
  if (TWO) { x2[at] = value; }
}
