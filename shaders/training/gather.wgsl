// Copies one vec4 a thread from the vectors of a range of positions into a segment: row k of a head gets, in its first half, the vector of
// the token at position p.start + k; y = head.
//#include params, vectors(source, 1), placement
const D4: u32 = 16u;

@group(0) @binding(6) var<storage, read_write> segment: array<vec4f>; // [h, count, 2, D4]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let k = id.x / D4;
  let e = id.x % D4;
  let position = p.start + k;
  if (k >= p.count || position >= p.n) { return; }
  var token = position;
  if (has(SORTED)) { token = orderAt(id.y, p.round, position); }
  segment[(id.y * p.count + k) * 2u * D4 + e] = sourceAt(id.y * p.n + token, e);
}
