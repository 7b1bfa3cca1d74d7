// The picture of a square of queries (rows) and keys (columns) from p.start on. Red = square root of the pair's weight in full attention,
// green = 1 if LSH attention sees the pair, blue = 1 if causality allows it. The head is p.head.
//#include params, vectors(qk, 1), placement, score
@group(0) @binding(3) var<storage, read> rowLse: array<f32>; // [n], from row-lse.wgsl
@group(0) @binding(6) var cells: texture_storage_2d<rgba8unorm, write>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.count || id.y >= p.count || p.start + max(id.x, id.y) >= p.n) { return; }
  let head = p.head;
  var i = p.start + id.y;
  var j = p.start + id.x;
  if (has(SORTED)) {
    i = orderAt(head, p.round, i);
    j = orderAt(head, p.round, j);
  }
  var cell = vec4f();
  if (j <= i || !has(CAUSAL)) {
    var times = 0u;
    if (has(ONE_ROUND)) { times = meetingsIn(head, p.round, i, j); } else { times = meetings(head, i, j); }
    let weight = sqrt(exp(score(head, i, j) - rowLse[p.start + id.y]));
    cell = vec4f(weight, select(0.0, 1.0, times > 0u), 1.0, 1.0);
  }
  textureStore(cells, vec2<u32>(id.x, id.y), cell);
}
