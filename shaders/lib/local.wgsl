// Bindings of local attention, and the chunks that a token sees. The chunks of the original order form a ring.
const D4: u32 = 4u; // vec4s in a vector

struct Local { heads: u32, n: u32, chunk: u32, chunks: u32, before: u32, after: u32, causal: u32, scale: f32 }
@group(0) @binding(0) var<uniform> p: Local;
@group(0) @binding(1) var<storage, read> q: array<vec4f>; // [h, n, D4], like k and v
@group(0) @binding(2) var<storage, read> k: array<vec4f>;
@group(0) @binding(3) var<storage, read> v: array<vec4f>;

// First token of the chunk that lies `step − back` chunks after the chunk of token i. An offset as long as the ring gives that chunk itself.
fn chunkStart(i: u32, back: u32, step: u32) -> u32 {
  let home = i / p.chunk;
  if (max(back, step) - min(back, step) >= p.chunks) { return home * p.chunk; }
  return ((home + p.chunks + step - back) % p.chunks) * p.chunk;
}
