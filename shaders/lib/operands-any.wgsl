// Operands of a product of any sizes, read number by number. Otherwise like operands-four.wgsl.
//#needs matmul
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;
@group(0) @binding(4) var<storage, read> extra: array<f32>;
@group(0) @binding(5) var<storage, read> norms: array<f32>;

fn a4(row: u32, feature: u32) -> vec4f {
  var four = vec4f();
  for (var e = 0u; e < 4u && feature + e < m.aWidth; e++) { four[e] = a[m.aFirst + rowAddress(row, feature + e, m.aPitch, A_HEADS)]; }
  return four;
}

fn b4(row: u32, feature: u32) -> vec4f {
  var four = vec4f();
  for (var e = 0u; e < 4u && feature + e < m.bWidth; e++) { four[e] = b[m.bFirst + rowAddress(row, feature + e, m.bPitch, B_HEADS)]; }
  return four;
}

fn norm4(at: u32, count: u32) -> vec4f {
  var four = vec4f();
  for (var e = 0u; e < min(count, 4u); e++) { four[e] = norms[at + e]; }
  return four;
}

fn extra4(at: u32, count: u32) -> vec4f {
  var four = vec4f();
  for (var e = 0u; e < min(count, 4u); e++) { four[e] = extra[m.extraFirst + at + e]; }
  return four;
}

fn write4(row: u32, column: u32, value: vec4f, add: bool) {
  for (var e = 0u; e < 4u && column + e < m.columns; e++) {
    let at = m.cFirst + rowAddress(row, column + e, m.cPitch, C_HEADS);
    if (add) { c[at] += value[e]; } else { c[at] = value[e]; }
  }
}
