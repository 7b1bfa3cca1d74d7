// Copies one vec4 a thread, to measure the bytes that the device moves in a second.
//#include params
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sink: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < p.count) { sink[id.x] = source[id.x]; }
}
