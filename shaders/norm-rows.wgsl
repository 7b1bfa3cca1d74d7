// Rows of token features shared by eight threads each, eight rows a workgroup: what layer norms forwards and backwards stand on. A row is
// that of one stream, or of both side by side.
const PARTS: u32 = 1u;

struct Norm { rows: u32, width: u32, epsilon: f32, weight: u32 } // width of one stream; where the norm's weight begins
@group(0) @binding(0) var<uniform> m: Norm;

var<workgroup> partial: array<vec2f, 64>;

fn width() -> u32 { return PARTS * m.width; }

// Sum over the eight threads of a row.
fn rowSum(t: u32, value: vec2f) -> vec2f {
  workgroupBarrier();
  partial[t] = value;
  workgroupBarrier();
  var sum = vec2f();
  for (var k = 0u; k < 8u; k++) { sum += partial[(t & ~7u) + k]; }
  return sum;
}
