// Distance of LSH attention from full attention over the tokens in `queries`: per workgroup [Σ(out − full)², Σ full², Σ captured mass, 0].
// 64 queries a workgroup, one a thread; y = head. Needs params.
const D4: u32 = 16u;

@group(0) @binding(1) var<storage, read> queries: array<u32>;      // [count]
@group(0) @binding(2) var<storage, read> out: array<vec4f>;        // [h, n, D4]
@group(0) @binding(3) var<storage, read> lse: array<f32>;          // [h, R + 1, n], the union's in the last row
@group(0) @binding(4) var<storage, read> fullOut: array<vec4f>;    // [h, n, D4]
@group(0) @binding(5) var<storage, read> fullLse: array<f32>;      // [h, n]
@group(0) @binding(6) var<storage, read_write> sums: array<vec4f>; // [h, workgroups]

var<workgroup> part: array<vec4f, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) t: u32,
) {
  let head = group.y;
  let index = group.x * 64u + t;
  var mine = vec4f();
  if (index < p.count) {
    let i = queries[index];
    for (var e = 0u; e < D4; e++) {
      let full = fullOut[(head * p.n + i) * D4 + e];
      let away = out[(head * p.n + i) * D4 + e] - full;
      mine += vec4f(dot(away, away), dot(full, full), 0.0, 0.0);
    }
    mine.z = exp(lse[(head * (p.roundStride + 1u) + p.roundStride) * p.n + i] - fullLse[head * p.n + i]);
  }
  part[t] = mine;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (t < half) { part[t] += part[t + half]; }
    workgroupBarrier();
  }
  if (t == 0u) { sums[head * groups.x + group.x] = part[0]; }
}
