// Sizes and switches of one dispatch, shared by every kernel. Field by field the same as src/gpu/params.ts.
struct Params {
  heads: u32,
  n: u32,
  rounds: u32,      // rounds that count in this run
  roundStride: u32, // rounds that the buffers [h, R, n] were made for
  chunk: u32,
  chunks: u32,      // per round
  lookBack: i32,
  lookAhead: i32,
  round: u32,       // the round of this dispatch
  start: u32,       // first item of this dispatch
  count: u32,       // items in all
  flags: u32,
  scale: f32,
  keyEpsilon: f32,
  selfMask: f32,
  spare: u32,
  factors: vec4<u32>, // buckets of each hash, 0 where there is none
}

const CAUSAL = 1u;
const BUCKET_MASK = 2u;
const WRAP = 4u;
const DIVIDE = 8u;      // a pair met N times loses log N
const FIRST = 16u;      // a pair counts only in the first slot that holds it
const RESTART = 32u;    // this round begins the running combination
const SORTED = 64u;     // rows and columns are sorted positions
const ONE_ROUND = 128u; // only `round` is drawn, not the union

@group(0) @binding(0) var<uniform> p: Params;

fn has(flag: u32) -> bool { return (p.flags & flag) != 0u; }

// Address in a tensor [h, R, n].
fn at(head: u32, round: u32, i: u32) -> u32 { return (head * p.roundStride + round) * p.n + i; }
