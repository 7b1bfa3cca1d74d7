// Full attention's log-sum-exp for the matrix rows from p.start on. A workgroup takes the query of one row of head p.head and shares the
// keys over its threads.
//#include params, vectors(qk, 1), placement, score
@group(0) @binding(3) var<storage, read_write> rowLse: array<f32>; // [n]

const THREADS: u32 = 32u;
var<workgroup> parts: array<vec2f, THREADS>; // over each thread's keys: top = the largest score, and Σ exp(score − top)

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = p.start + group.x;
  var i = row;
  if (has(SORTED)) { i = orderAt(p.head, p.round, row); }
  let end = select(p.n, i + 1u, has(CAUSAL));
  var part = vec2f(-3.4e38, 0.0);
  for (var j = t; j < end; j += THREADS) {
    let value = score(p.head, i, j);
    let top = max(part.x, value);
    part = vec2f(top, part.y * exp(part.x - top) + exp(value - top));
  }
  parts[t] = part;
  workgroupBarrier();
  if (t > 0u) { return; }
  for (var k = 1u; k < THREADS; k++) {
    let top = max(part.x, parts[k].x);
    part = vec2f(top, part.y * exp(part.x - top) + parts[k].y * exp(parts[k].x - top));
  }
  rowLse[row] = part.x + log(part.y);
}
