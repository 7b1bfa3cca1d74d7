// Cross-entropy of each token's logits with its target, whether the target has the largest one, and, in their place, the gradients of the
// logits of the mean over all targets. One thread a token.
const GRADIENT: bool = true;
const NONE = 0xffffffffu; // nothing is asked

struct Step { index: u32, asked: u32, rate: f32, epsilon: f32, clip: f32, spare0: u32, spare1: u32, spare2: u32 } // asked: targets in all
struct Loss { tokens: u32, vocabulary: u32, spare0: u32, spare1: u32 }
@group(0) @binding(0) var<uniform> m: Loss;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> step: Step;
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;    // [tokens, V]
@group(0) @binding(4) var<storage, read_write> losses: array<vec2f>;  // [tokens]: loss and hit, over the number of targets

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let token = id.x;
  if (token >= m.tokens) { return; }
  let first = token * m.vocabulary;
  let wanted = targets[token];
  if (wanted == NONE) {
    losses[token] = vec2f();
    if (GRADIENT) { for (var s = 0u; s < m.vocabulary; s++) { logits[first + s] = 0.0; } }
    return;
  }
  let share = 1.0 / f32(max(step.asked, 1u));
  var best = 0u;
  var top = logits[first];
  for (var s = 1u; s < m.vocabulary; s++) {
    let value = logits[first + s];
    if (value > top) { top = value; best = s; }
  }
  var sum = 0.0;
  for (var s = 0u; s < m.vocabulary; s++) { sum += exp(logits[first + s] - top); }
  losses[token] = vec2f(log(sum) + top - logits[first + wanted], select(0.0, 1.0, best == wanted)) * share;
  if (!GRADIENT) { return; }
  for (var s = 0u; s < m.vocabulary; s++) {
    let probability = exp(logits[first + s] - top) / sum;
    logits[first + s] = (probability - select(0.0, 1.0, s == wanted)) * share;
  }
}
