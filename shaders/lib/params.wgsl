// Sizes and switches of one dispatch, for every kernel of attention; written in src/gpu/attention/params.ts.
struct Params {
  heads: u32,
  n: u32,
  rounds: u32,      // rounds of this run
  roundStride: u32, // R of the buffers [h, R, n]
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
  head: u32,          // the head of a dispatch for one head
  factors: vec4<u32>, // buckets of each hash; 0 for an unused hash
  halfRows: u32,      // vectors in the first binding of a tensor that takes two
  keyStep: u32,       // distance between the sort keys of neighbouring buckets
  bucketStart: u32,   // address of the first bucket of the head and round of this dispatch
  each: u32,          // tokens a cell of a coarse matrix; heads a sequence when all are hashed at once
}

const CAUSAL = 1u;
const BUCKET_MASK = 2u;
const WRAP = 4u;
const DIVIDE = 8u;      // a pair met N times loses log N
const FIRST = 16u;      // a pair counts only in the first slot that holds it
const RESTART = 32u;    // this round starts the running combination
const SORTED = 64u;     // rows and columns are sorted positions
const ONE_ROUND = 128u; // draws `round` alone, not the union of rounds
const KEEP_ROUNDS = 256u; // stores the log-sum-exp of every round

@group(0) @binding(0) var<uniform> p: Params;

fn has(flag: u32) -> bool { return (p.flags & flag) != 0u; }

// Address in a tensor [h, R, n].
fn at(head: u32, round: u32, i: u32) -> u32 { return (head * p.roundStride + round) * p.n + i; }
