// Adds up the losses and hits that loss.wgsl wrote, and stores the sums as those of this step. One workgroup.
//#include step
struct LossSum { tokens: u32 }
@group(0) @binding(0) var<uniform> m: LossSum;
@group(0) @binding(1) var<storage, read> losses: array<vec2f>;
@group(0) @binding(2) var<storage, read> step: Step;
@group(0) @binding(3) var<storage, read_write> history: array<vec2f>; // loss and accuracy of each step

var<workgroup> partial: array<vec2f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) t: u32) {
  var sum = vec2f();
  for (var k = t; k < m.tokens; k += 64u) { sum += losses[k]; }
  partial[t] = sum;
  workgroupBarrier();
  if (t > 0u) { return; }
  var total = vec2f();
  for (var k = 0u; k < 64u; k++) { total += partial[k]; }
  history[step.index % arrayLength(&history)] = total;
}
