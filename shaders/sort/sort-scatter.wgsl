// Step 2, pass part 3. Moves each key to its place, equal digits in their old order: a stable 4-bit radix pass. x = tile, y = head.
// Each thread owns 16 neighbouring keys, so that counting by (digit, thread) keeps the order.
const SHIFT: u32 = 0u;
const TILE: u32 = 1024u;
const FIRST_PASS: bool = true; // keys are in token order: the token is the position
const LAST_PASS: bool = true;  // write the placement instead of tokens and keys

// source and sink: where head 0 starts, and how far heads lie apart. order: how far the order lies behind the keys in places.
struct Sort { n: u32, tiles: u32, source: vec2<u32>, sink: vec2<u32>, order: u32, chunk: u32, keyStep: u32, spare: u32 }
@group(0) @binding(0) var<uniform> s: Sort;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
@group(0) @binding(3) var<storage, read> starts: array<u32>;            // [h, 16, tiles]
@group(0) @binding(4) var<storage, read_write> tokensOut: array<u32>;   // at the end: placement, as in lib/placement.wgsl
@group(0) @binding(5) var<storage, read_write> keysOut: array<u32>;

// Two counters in one: [8 digits, 64 threads], those of the digits from 8 on in the upper 16 bits.
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

  // Exclusive prefix sum over the counters, of either half by itself: 8 a thread, then over the threads.
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
    let here = destinations[t * 8u + k];
    destinations[t * 8u + k] = running;
    running += here;
  }
  workgroupBarrier();
  // What thread 0 holds for a digit is where the digit starts in this tile; taken before anyone moves on.
  if (t < 8u) { sums[t] = destinations[t * 64u]; }
  workgroupBarrier();

  for (var i = first; i < last; i++) {
    let key = keys[source + i];
    let digit = (key >> SHIFT) & 15u;
    let column = digit & 7u;
    let half = 2u * (digit & 8u);
    let behind = ((destinations[column * 64u + t] >> half) & 0xffffu) - ((sums[column] >> half) & 0xffffu);
    let place = starts[(group.y * 16u + digit) * s.tiles + group.x] + behind;
    destinations[column * 64u + t] += 1u << half;
    var token = i;
    if (!FIRST_PASS) { token = tokens[source + i]; }
    if (LAST_PASS) {
      tokensOut[sink + token] = key * s.keyStep + place / s.chunk;
      tokensOut[s.order + sink + place] = token;
    } else {
      tokensOut[sink + place] = token;
      keysOut[sink + place] = key;
    }
  }
}
