// Adds up the losses and hits that loss.wgsl wrote, and stores the sums as those of this step. One workgroup.
struct Step { index: u32, targetCount: u32, rate: f32, epsilon: f32, clip: f32, spare0: u32, spare1: u32, spare2: u32 }
@group(0) @binding(0) var<uniform> m: vec4<u32>; // x: tokens
@group(0) @binding(1) var<storage, read> losses: array<vec2f>;
@group(0) @binding(2) var<storage, read> step: Step;
@group(0) @binding(3) var<storage, read_write> history: array<vec2f>; // loss and accuracy of each step

var<workgroup> partial: array<vec2f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) t: u32) {
  var sum = vec2f();
  for (var k = t; k < m.x; k += 64u) { sum += losses[k]; }
  partial[t] = sum;
  workgroupBarrier();
  if (t > 0u) { return; }
  var total = vec2f();
  for (var k = 0u; k < 64u; k++) { total += partial[k]; }
  history[step.index % arrayLength(&history)] = total;
}
