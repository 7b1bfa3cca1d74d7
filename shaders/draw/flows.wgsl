// Counts the tokens that go from each bin of the original order to each bin of the sorted order, for looms too long to draw single
// tokens. One thread per sorted position; y = round. The caller sets `flows` to 0.
struct Flows {
  n: u32,
  orderStart: u32, // where the order of round 0 of the head begins in placement
  start: u32,      // first token
  first: u32,      // first sorted position
  span: u32,       // number of tokens, and of sorted positions
  bins: u32,       // number of bins of each order
}
@group(0) @binding(0) var<uniform> f: Flows;
@group(0) @binding(1) var<storage, read> placement: array<u32>;              // as in placement.wgsl
@group(0) @binding(2) var<storage, read_write> flows: array<atomic<u32>>; // [R, bins sorted, bins original]

// floor(at · bins / span); as floats, since at · bins may exceed 32 bits.
fn bin(at: u32) -> u32 { return min(u32(f32(at) / f32(f.span) * f32(f.bins)), f.bins - 1u); }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= f.span || f.first + id.x >= f.n) { return; }
  let token = placement[f.orderStart + id.y * f.n + f.first + id.x];
  if (token < f.start || token >= f.start + f.span) { return; }
  atomicAdd(&flows[(id.y * f.bins + bin(id.x)) * f.bins + bin(token - f.start)], 1u);
}
