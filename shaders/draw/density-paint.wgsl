// Turns the coarse matrix into a picture: red = 1 − exp(−meetings · p.scale), green = 1, blue = 1 if causality allows any pair of the cell.
//#include params
@group(0) @binding(1) var<storage, read> meetings: array<u32>; // [p.count, p.count]
@group(0) @binding(2) var cells: texture_storage_2d<rgba8unorm, write>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.count || id.y >= p.count) { return; }
  let red = 1.0 - exp(-f32(meetings[id.y * p.count + id.x]) * p.scale);
  let allowed = id.x <= id.y || has(SORTED) || !has(CAUSAL);
  textureStore(cells, id.xy, vec4f(red, 1.0, select(0.0, 1.0, allowed), 1.0));
}
