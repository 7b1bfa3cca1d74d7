// Adds up the squares of 4096 gradients a workgroup: parts of the norm over all gradients.
struct SquareSums { count: u32, first: u32 }
@group(0) @binding(0) var<uniform> m: SquareSums;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>; // one a workgroup, from m.first on

var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  var sum = 0.0;
  let end = min(m.count, (group.x + 1u) * 4096u);
  for (var k = group.x * 4096u + t; k < end; k += 64u) { sum = fma(gradients[k], gradients[k], sum); }
  partial[t] = sum;
  workgroupBarrier();
  if (t > 0u) { return; }
  var total = 0.0;
  for (var k = 0u; k < 64u; k++) { total += partial[k]; }
  sums[m.first + group.x] = total;
}
