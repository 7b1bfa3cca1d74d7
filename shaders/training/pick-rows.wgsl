// Copies the row of the last token of each sequence from two streams, for a head that predicts one token. One feature a thread;
// y = sequence.
struct Pick { n: u32, width: u32 } // tokens of a sequence with its pads, features of a stream
@group(0) @binding(0) var<uniform> m: Pick;
@group(0) @binding(1) var<storage, read> lengths: array<u32>;         // [sequences], 1 … n
@group(0) @binding(2) var<storage, read> x1: array<f32>;              // [sequences·n, width]
@group(0) @binding(3) var<storage, read> x2: array<f32>;
@group(0) @binding(4) var<storage, read_write> picked1: array<f32>;   // [sequences, width]
@group(0) @binding(5) var<storage, read_write> picked2: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= m.width) { return; }
  let row = id.y * m.n + clamp(lengths[id.y], 1u, m.n) - 1u;
  picked1[id.y * m.width + id.x] = x1[row * m.width + id.x];
  picked2[id.y * m.width + id.x] = x2[row * m.width + id.x];
}
