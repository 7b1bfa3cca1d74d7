// Step 2, pass part 1: a workgroup counts the keys of a tile by their 4-bit digit. x = tile, y = head.
//#include sort-pass
const SHIFT: u32 = 0u;
const TILE: u32 = 1024u;

@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>; // [h, 16, tiles]

var<workgroup> bins: array<atomic<u32>, 16>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  if (t < 16u) { atomicStore(&bins[t], 0u); }
  workgroupBarrier();
  let first = s.source.x + group.y * s.source.y;
  for (var k = t; k < TILE; k += 64u) {
    let i = group.x * TILE + k;
    if (i < s.n) { atomicAdd(&bins[(keys[first + i] >> SHIFT) & 15u], 1u); }
  }
  workgroupBarrier();
  if (t < 16u) { counts[(group.y * 16u + t) * s.tiles + group.x] = atomicLoad(&bins[t]); }
}
