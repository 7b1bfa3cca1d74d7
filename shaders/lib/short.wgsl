// One token a thread against its slots of all rounds, straight from memory: for many short sequences, where blocks would be mostly edges,
// and for one of few tokens, where they are not worth compiling.
// A pair that meets often and is to count once is taken where it first meets. Needs params, qk, right, placement, pairs.
const D4: u32 = 16u; // vec4s in a vector

var<private> own: array<vec4f, D4>;     // this thread's query-key
var<private> partner: array<vec4f, D4>; // its other vector
var<private> sum: array<vec4f, D4>;

fn keyLength(square: f32) -> f32 { return max(sqrt(square + p.keyEpsilon), 1e-12); }

// Product of the own query-key with another's, and the square of that.
fn productWith(row: u32) -> vec2f {
  var product = vec4f();
  var square = vec4f();
  for (var e = 0u; e < D4; e++) {
    let x = qkAt(row, e);
    product = fma(own[e], x, product);
    square = fma(x, x, square);
  }
  return vec2f(dot(product, vec4f(1.0)), dot(square, vec4f(1.0)));
}

// Online softmax of one query a thread, a key at a time.
const NONE = -3.4e38;
var<private> top: f32 = NONE; // the largest score
var<private> mass: f32 = 0.0; // Σ exp(score − top)

fn score(first: u32, i: u32, j: u32) -> f32 {
  if (i == j) { return p.selfMask; }
  let product = productWith(first + j);
  return product.x * p.scale / keyLength(product.y);
}

// Adds the other vector of a row to the sum, by its score.
fn take(score: f32, row: u32) {
  let high = max(top, score);
  let keep = exp(top - high);
  let weight = exp(score - high);
  top = high;
  mass = fma(mass, keep, weight);
  for (var e = 0u; e < D4; e++) { sum[e] = fma(sum[e], vec4f(keep), weight * rightAt(row, e)); }
}

fn partnerWith(row: u32) -> f32 {
  var product = vec4f();
  for (var e = 0u; e < D4; e++) { product = fma(partner[e], rightAt(row, e), product); }
  return dot(product, vec4f(1.0));
}

// Below half the self mask only a token that sees nothing but itself has its log-sum-exp.
fn alone(lse: f32) -> bool { return lse < 0.5 * p.selfMask; }
