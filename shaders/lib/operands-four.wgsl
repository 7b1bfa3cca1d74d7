// Operands of a product whose rows are whole vec4s.
//#needs matmul
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>;
@group(0) @binding(4) var<storage, read> extra: array<vec4f>; // a bias, or the inputs of an activation
@group(0) @binding(5) var<storage, read> norms: array<vec4f>; // weight and bias of a layer norm

fn a4(row: u32, feature: u32) -> vec4f { return a[(m.aFirst + rowAddress(row, feature, m.aPitch, A_HEADS)) / 4u]; }
fn b4(row: u32, feature: u32) -> vec4f { return b[(m.bFirst + rowAddress(row, feature, m.bPitch, B_HEADS)) / 4u]; }
fn norm4(at: u32, count: u32) -> vec4f { return norms[at / 4u]; }
fn extra4(at: u32, count: u32) -> vec4f { return extra[(m.extraFirst + at) / 4u]; }

// Writes four numbers of the result, or adds them to it.
fn write4(row: u32, column: u32, value: vec4f, add: bool) {
  let at = (m.cFirst + rowAddress(row, column, m.cPitch, C_HEADS)) / 4u;
  if (add) { c[at] += value; } else { c[at] = value; }
}
