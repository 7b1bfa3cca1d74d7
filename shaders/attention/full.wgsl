// Full attention: a workgroup takes a block of `queries`, a thread one of them, and streams over tiles of keys, without an n × n array;
// y = head. Query-keys, masks and scores are those of the LSH attention.
// `right` holds the values.
//#include params, vectors(qk, 1), vectors(right, 3), tokens, block, softmax
@group(0) @binding(5) var<storage, read> queries: array<u32>;        // [count]
@group(0) @binding(6) var<storage, read_write> out: array<vec4f>;    // [h, count, D4], in the order of the queries
@group(0) @binding(7) var<storage, read_write> lse: array<f32>;      // [h, n], written at the queries

var<workgroup> last: atomic<u32>; // the latest of the block's queries
var<workgroup> end: u32;          // of the keys that any of them sees

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let firstIndex = p.start + group.x * THREADS;
  let i = queries[min(firstIndex + t, p.count - 1u)];
  if (t == 0u) { atomicStore(&last, 0u); }
  workgroupBarrier();
  atomicMax(&last, i);
  loadQueries(head, i, t);
  if (t == 0u) { end = select(p.n, atomicLoad(&last) + 1u, has(CAUSAL)); }
  let keys = workgroupUniformLoad(&end);
  for (var first = 0u; first < keys; first += TILE) {
    workgroupBarrier();
    if (t < TILE) { tokens[t] = min(first + t, p.n); }
    workgroupBarrier();
    loadTile(head, t);
    multiply(t);
    workgroupBarrier();
    loadValues(head, t);
    for (var slot = 0u; slot < TILE; slot += 4u) {
      let j = tokensFrom(slot);
      let isSeen = (j < vec4<u32>(p.n)) & ((j <= vec4<u32>(i)) | vec4<bool>(!has(CAUSAL)));
      storeScore(slot, t, select(productsFrom(slot, t) * factors(slot), vec4f(p.selfMask), j == vec4<u32>(i)), isSeen);
    }
    updateMax(t);
    workgroupBarrier();
    accumulate(t);
  }
  if (firstIndex + t < p.count) { lse[head * p.n + i] = top + log(mass); }
  workgroupBarrier();
  rescales[t] = mass;
  workgroupBarrier();
  //#unroll
  for (var q = 0u; q < 4u; q++) {
    let query = 4u * (t / 4u) + q;
    let row = head * p.count + firstIndex + query;
    //#unroll
    for (var part = 0u; part < PARTS; part++) {
      let e = 4u * part + t % 4u;
      if (firstIndex + query < p.count && e < D4) { out[row * D4 + e] = sums[q * PARTS + part] / rescales[query]; }
    }
  }
}
