// Activations of the feed-forward layer and their slopes, by code: 2 ReLU, 3 GELU (Hendrycks, Gimpel 2016), 4 GELU by tanh, 5 SiLU.

// The error function, to within 1.5e-7 (Abramowitz, Stegun 7.1.26).
fn erf(x: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.3275911 * abs(x));
  let series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return sign(x) * (1.0 - series * exp(-x * x));
}

fn tanhTerm(x: f32) -> f32 { return tanh(clamp(0.7978845608 * (x + 0.044715 * x * x * x), -9.0, 9.0)); }

// x·sigmoid(x) needs no large exponential: exp is that of a number below zero.
fn sigmoid(x: f32) -> f32 {
  let small = exp(-abs(x));
  return select(small, 1.0, x >= 0.0) / (1.0 + small);
}

fn activate(kind: u32, x: f32) -> f32 {
  if (kind == 2u) { return max(x, 0.0); }
  if (kind == 3u) { return 0.5 * x * (1.0 + erf(x * 0.7071067812)); }
  if (kind == 5u) { return x * sigmoid(x); }
  return 0.5 * x * (1.0 + tanhTerm(x));
}

fn slope(kind: u32, x: f32) -> f32 {
  if (kind == 2u) { return select(0.0, 1.0, x > 0.0); }
  if (kind == 3u) { return 0.5 * (1.0 + erf(x * 0.7071067812)) + 0.3989422804 * x * exp(-0.5 * x * x); }
  if (kind == 5u) { return sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))); }
  let t = tanhTerm(x);
  return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.7978845608 * (1.0 + 0.134145 * x * x);
}
