// Sizes and switches of one dispatch, shared by every kernel. Field by field the same as src/gpu/attention/params.ts.
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
  head: u32,          // the head of this dispatch, where it is of one head
  factors: vec4<u32>, // buckets of each hash, 0 where there is none
  halfRows: u32,      // vectors in the first of two bindings, where a tensor takes two
  keyStep: u32,       // how far the keys of two buckets lie apart
  bucketStart: u32,   // where the buckets of the head and round of this dispatch start
  each: u32,          // tokens to a cell of a coarse matrix
}

const CAUSAL = 1u;
const BUCKET_MASK = 2u;
const WRAP = 4u;
const DIVIDE = 8u;      // a pair met N times loses log N
const FIRST = 16u;      // a pair counts only in the first slot that holds it
const RESTART = 32u;    // this round begins the running combination
const SORTED = 64u;     // rows and columns are sorted positions
const ONE_ROUND = 128u; // only `round` is drawn, not the union
const KEEP = 256u;      // the log-sum-exp of every round is kept

@group(0) @binding(0) var<uniform> p: Params;

fn has(flag: u32) -> bool { return (p.flags & flag) != 0u; }

// Address in a tensor [h, R, n].
fn at(head: u32, round: u32, i: u32) -> u32 { return (head * p.roundStride + round) * p.n + i; }
