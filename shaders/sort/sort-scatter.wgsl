// Step 2, pass part 3: a workgroup moves the keys of a tile to their positions, in a stable 4-bit radix pass. x = tile, y = head.
// A thread takes 16 neighbouring keys, so that counters ordered by (digit, thread) keep equal digits in order.
//#include sort-pass
const SHIFT: u32 = 0u;
const TILE: u32 = 1024u;
const FIRST_PASS: bool = true; // keys are in the original order: the token is the position
const LAST_PASS: bool = true;  // write the placement instead of tokens and keys

@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
@group(0) @binding(3) var<storage, read> starts: array<u32>;            // [h, 16, tiles]
@group(0) @binding(4) var<storage, read_write> tokensOut: array<u32>;   // in the last pass: placement, see lib/placement.wgsl
@group(0) @binding(5) var<storage, read_write> keysOut: array<u32>;

// [8 digits, 64 threads], two counters in one number: digits from 8 on use the upper 16 bits.
var<workgroup> destinations: array<u32, 512>;
var<workgroup> sums: array<u32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let source = s.source.x + group.y * s.source.y;
  let sink = s.sink.x + group.y * s.sink.y;
  let first = group.x * TILE + t * 16u;
  let last = min(first + 16u, s.n);

  for (var digit = 0u; digit < 8u; digit++) { destinations[digit * 64u + t] = 0u; }
  for (var i = first; i < last; i++) {
    let digit = (keys[source + i] >> SHIFT) & 15u;
    destinations[(digit & 7u) * 64u + t] += 1u << (2u * (digit & 8u));
  }
  workgroupBarrier();

  // Exclusive prefix sums over both halves of the counters: over 8 a thread, then over the threads.
  var sum = 0u;
  for (var k = 0u; k < 8u; k++) { sum += destinations[t * 8u + k]; }
  sums[t] = sum;
  workgroupBarrier();
  for (var step = 1u; step < 64u; step *= 2u) {
    var before = 0u;
    if (t >= step) { before = sums[t - step]; }
    workgroupBarrier();
    sums[t] += before;
    workgroupBarrier();
  }
  var running = sums[t] - sum;
  for (var k = 0u; k < 8u; k++) {
    let count = destinations[t * 8u + k];
    destinations[t * 8u + k] = running;
    running += count;
  }
  workgroupBarrier();
  // The counters of thread 0 say where each digit starts in this tile. They are copied before any thread advances its own.
  if (t < 8u) { sums[t] = destinations[t * 64u]; }
  workgroupBarrier();

  for (var i = first; i < last; i++) {
    let key = keys[source + i];
    let digit = (key >> SHIFT) & 15u;
    let column = digit & 7u;
    let half = 2u * (digit & 8u);
    let behind = ((destinations[column * 64u + t] >> half) & 0xffffu) - ((sums[column] >> half) & 0xffffu);
    let position = starts[(group.y * 16u + digit) * s.tiles + group.x] + behind;
    destinations[column * 64u + t] += 1u << half;
    var token = i;
    if (!FIRST_PASS) { token = tokens[source + i]; }
    if (LAST_PASS) {
      tokensOut[sink + token] = key * s.keyStep + position / s.chunk;
      tokensOut[s.order + sink + position] = token;
    } else {
      tokensOut[sink + position] = token;
      keysOut[sink + position] = key;
    }
  }
}
