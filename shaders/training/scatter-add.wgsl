// Adds one vec4 a thread from one half of a segment's rows to the vectors of their tokens, the reverse of gather.wgsl; y = head. Every token
// has one position, so no two threads add to the same number.
//#include params, vectors(sums, 1, written), placement
const D4: u32 = 16u;
const HALF: u32 = 0u;

@group(0) @binding(6) var<storage, read> segment: array<vec4f>; // [h, count, 2, D4]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let k = id.x / D4;
  let e = id.x % D4;
  let position = p.start + k;
  if (k >= p.count || position >= p.n) { return; }
  var token = position;
  if (has(SORTED)) { token = orderAt(id.y, p.round, position); }
  let row = id.y * p.n + token;
  setSums(row, e, sumsAt(row, e) + segment[((id.y * p.count + k) * 2u + HALF) * D4 + e]);
}
