// One step of Adam (Kingma, Ba 2014) for 4096 parameters a workgroup, with gradients clipped to the norm `clip`; see src/algorithm/adam.ts.
//#include step
struct Adam { count: u32, parts: u32, beta1: f32, beta2: f32 }
@group(0) @binding(0) var<uniform> m: Adam;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read> sums: array<f32>; // sums of the squares of all gradients, in m.parts parts
@group(0) @binding(3) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> moments: array<vec2f>;

var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  var threadSum = 0.0;
  for (var k = t; k < m.parts; k += 64u) { threadSum += sums[k]; }
  partial[t] = threadSum;
  workgroupBarrier();
  var square = 0.0;
  for (var k = 0u; k < 64u; k++) { square += partial[k]; }
  let norm = sqrt(square);
  let factor = select(1.0, step.clip / norm, norm > step.clip);
  let end = min(m.count, (group.x + 1u) * 4096u);
  for (var k = group.x * 4096u + t; k < end; k += 64u) {
    let g = factor * gradients[k];
    let moment = vec2f(mix(g, moments[k].x, m.beta1), mix(g * g, moments[k].y, m.beta2));
    moments[k] = moment;
    weights[k] -= step.rate * moment.x / (sqrt(moment.y) + step.epsilon) + step.decay * weights[k];
  }
}
