// Step 2, pass part 2: a workgroup replaces the counters of a head, [16, tiles], by their exclusive prefix sum, which is where the digits
// of each tile go; y = head.
//#include sort-pass

@group(0) @binding(1) var<storage, read_write> counts: array<u32>; // [h, 16, tiles]

var<workgroup> sums: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let length = 16u * s.tiles;
  let base = group.y * length;
  let share = (length + 255u) / 256u;
  let begin = min(t * share, length);
  let end = min(begin + share, length);
  var sum = 0u;
  for (var i = begin; i < end; i++) { sum += counts[base + i]; }
  sums[t] = sum;
  workgroupBarrier();
  for (var step = 1u; step < 256u; step *= 2u) {
    var before = 0u;
    if (t >= step) { before = sums[t - step]; }
    workgroupBarrier();
    sums[t] += before;
    workgroupBarrier();
  }
  var running = sums[t] - sum;
  for (var i = begin; i < end; i++) {
    let count = counts[base + i];
    counts[base + i] = running;
    running += count;
  }
}
