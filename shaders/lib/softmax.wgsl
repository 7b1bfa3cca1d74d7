// Online softmax of one query a thread, one tile of keys at a time.
//#needs tokens, block
const NONE = -3.4e38;

var<private> top: f32 = NONE; // the largest score of this thread's query
var<private> mass: f32 = 0.0; // Σ exp(score − top)

// Products of this thread's query with four keys.
fn productsFrom(slot: u32, t: u32) -> vec4f {
  let k = slot * THREADS + t;
  return vec4f(weights[k], weights[k + THREADS], weights[k + 2u * THREADS], weights[k + 3u * THREADS]);
}

// Replaces the products of four slots by their scores. A slot that is not seen gets no weight.
fn storeScore(slot: u32, t: u32, score: vec4f, isSeen: vec4<bool>) {
  let scores = select(vec4f(NONE), score, isSeen);
  let k = slot * THREADS + t;
  weights[k] = scores.x;
  weights[k + THREADS] = scores.y;
  weights[k + 2u * THREADS] = scores.z;
  weights[k + 3u * THREADS] = scores.w;
}

// Replaces this thread's scores by their weights relative to the largest score so far.
fn updateMax(t: u32) {
  var newTop = top;
  for (var slot = 0u; slot < TILE; slot++) { newTop = max(newTop, weights[slot * THREADS + t]); }
  let rescale = exp(top - newTop);
  mass *= rescale;
  for (var slot = 0u; slot < TILE; slot++) {
    let score = weights[slot * THREADS + t];
    let weight = select(0.0, exp(score - newTop), score > NONE);
    weights[slot * THREADS + t] = weight;
    mass += weight;
  }
  rescales[t] = rescale;
  top = newTop;
}
