// Sets 4096 numbers a workgroup to zero.
struct Clear { count: u32 } // numbers in all
@group(0) @binding(0) var<uniform> m: Clear;
@group(0) @binding(1) var<storage, read_write> numbers: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let end = min(m.count, (group.x + 1u) * 4096u);
  for (var k = group.x * 4096u + t; k < end; k += 64u) { numbers[k] = 0.0; }
}
