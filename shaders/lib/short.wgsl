// One token a thread against its slots of all rounds, straight from memory. For many short sequences, whose blocks would be mostly edges,
// and for one sequence of few tokens, where compiling the block kernels takes longer than they save. A token has a left vector, its
// query-key, and a right one: its value or its gradient.
//#needs params, qk, right
const D4: u32 = 16u; // vec4s in a vector

var<private> ownLeft: array<vec4f, D4>;  // this thread's query-key
var<private> ownRight: array<vec4f, D4>; // its right vector
var<private> sum: array<vec4f, D4>;

fn keyLength(square: f32) -> f32 { return max(sqrt(square + p.keyEpsilon), 1e-12); }

// Product of this thread's query-key with that of another row, and the square of the latter.
fn leftProduct(row: u32) -> vec2f {
  var product = vec4f();
  var square = vec4f();
  for (var e = 0u; e < D4; e++) {
    let x = qkAt(row, e);
    product = fma(ownLeft[e], x, product);
    square = fma(x, x, square);
  }
  return vec2f(dot(product, vec4f(1.0)), dot(square, vec4f(1.0)));
}

// Online softmax of this thread's query, one key at a time.
const NONE = -3.4e38;
var<private> top: f32 = NONE; // the largest score
var<private> mass: f32 = 0.0; // Σ exp(score − top)

fn score(first: u32, i: u32, j: u32) -> f32 {
  if (i == j) { return p.selfMask; }
  let product = leftProduct(first + j);
  return product.x * p.scale / keyLength(product.y);
}

// Adds the right vector of a row to the sum, weighted by its score.
fn accumulate(score: f32, row: u32) {
  let high = max(top, score);
  let rescale = exp(top - high);
  let weight = exp(score - high);
  top = high;
  mass = fma(mass, rescale, weight);
  for (var e = 0u; e < D4; e++) { sum[e] = fma(sum[e], vec4f(rescale), weight * rightAt(row, e)); }
}

// Product of this thread's right vector with that of another row.
fn rightProduct(row: u32) -> f32 {
  var product = vec4f();
  for (var e = 0u; e < D4; e++) { product = fma(ownRight[e], rightAt(row, e), product); }
  return dot(product, vec4f(1.0));
}

// True for a query that sees only itself: no other log-sum-exp lies below half the self mask.
fn isAlone(lse: f32) -> bool { return lse < 0.5 * p.selfMask; }
