// Adds one half of each row of a segment to the vector of its token: what gather.wgsl does, backwards. Every token is at one position, so
// that no two threads add to the same number. One thread a vec4; y = head. Needs params, target, placement.
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
