// Full attention of few queries: a thread takes one token of `queries` and reads all keys straight from memory; y = head. Query-keys,
// masks and scores are those of the LSH attention.
// `right` holds the values.
//#include params, vectors(qk, 1, whole), vectors(right, 3, whole), short
@group(0) @binding(5) var<storage, read> queries: array<u32>;     // [count]
@group(0) @binding(6) var<storage, read_write> out: array<vec4f>; // [h, count, D4], in the order of the queries
@group(0) @binding(7) var<storage, read_write> lse: array<f32>;   // [h, n], written at the queries

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let index = p.start + id.x;
  let head = id.y;
  if (index >= p.count) { return; }
  let i = queries[index];
  let first = head * p.n;
  for (var e = 0u; e < D4; e++) { ownLeft[e] = qkAt(first + i, e); sum[e] = vec4f(); }
  let keys = select(p.n, i + 1u, has(CAUSAL));
  for (var j = 0u; j < keys; j++) { accumulate(score(first, i, j), first + j); }
  for (var e = 0u; e < D4; e++) { out[(head * p.count + index) * D4 + e] = sum[e] / mass; }
  lse[first + i] = top + log(mass);
}
