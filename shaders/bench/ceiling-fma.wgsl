// Measures the float32 multiply-adds that the device does in a second without waiting: a thread runs eight independent chains, and p.count
// rounds of 32 multiply-adds each.
//#include params
@group(0) @binding(1) var<storage, read_write> sink: array<vec4f>; // [threads]; written so that the compiler removes nothing

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let a = vec4f(0.999, 0.998, 0.997, 0.996) + p.scale * f32(id.x & 7u);
  let b = vec4f(1.0, 2.0, 3.0, 4.0) * p.scale;
  var x0 = b;
  var x1 = b + 1.0;
  var x2 = b + 2.0;
  var x3 = b + 3.0;
  var x4 = b + 4.0;
  var x5 = b + 5.0;
  var x6 = b + 6.0;
  var x7 = b + 7.0;
  for (var k = 0u; k < p.count; k++) {
    x0 = fma(x0, a, b);
    x1 = fma(x1, a, b);
    x2 = fma(x2, a, b);
    x3 = fma(x3, a, b);
    x4 = fma(x4, a, b);
    x5 = fma(x5, a, b);
    x6 = fma(x6, a, b);
    x7 = fma(x7, a, b);
  }
  sink[id.x] = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7));
}
