// Cross-entropy of one token a thread between its logits and its target, and whether the target has the largest logit, both times the
// target's share of the mean over all targets. With GRADIENT it replaces the logits by their gradients of that mean.
const GRADIENT: bool = true;
const NONE = 0xffffffffu; // the target of a token without one

struct Loss { tokens: u32, vocabulary: u32 }
@group(0) @binding(0) var<uniform> m: Loss;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> logits: array<f32>;    // [tokens, V]
@group(0) @binding(3) var<storage, read_write> losses: array<vec2f>;  // [tokens]: share and 0; afterwards loss and hit, times the share

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let token = id.x;
  if (token >= m.tokens) { return; }
  let first = token * m.vocabulary;
  let symbol = targets[token];
  if (symbol == NONE) {
    losses[token] = vec2f();
    if (GRADIENT) { for (var s = 0u; s < m.vocabulary; s++) { logits[first + s] = 0.0; } }
    return;
  }
  let share = losses[token].x;
  var best = 0u;
  var top = logits[first];
  for (var s = 1u; s < m.vocabulary; s++) {
    let value = logits[first + s];
    if (value > top) { top = value; best = s; }
  }
  var sum = 0.0;
  for (var s = 0u; s < m.vocabulary; s++) { sum += exp(logits[first + s] - top); }
  losses[token] = vec2f(log(sum) + top - logits[first + symbol], select(0.0, 1.0, best == symbol)) * share;
  if (!GRADIENT) { return; }
  for (var s = 0u; s < m.vocabulary; s++) {
    let probability = exp(logits[first + s] - top) / sum;
    logits[first + s] = (probability - select(0.0, 1.0, s == symbol)) * share;
  }
}
