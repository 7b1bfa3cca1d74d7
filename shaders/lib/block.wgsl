// One query a thread against tiles of keys and values in workgroup memory. Every four threads share the products of four queries: a
// thread takes a quarter of the keys and, of the outputs, a quarter of each vector, so that a fetched vector serves four products.
// `right` holds the values.
//#needs params, qk, right, tokens
const THREADS: u32 = 32u; // queries in a block
const ROW = D4 + 1u;              // vec4s from one row of a tile to the next; threads that read different rows then read different banks
const KEYS = TILE / 4u;           // keys that a thread multiplies
const PARTS = (D4 + 3u) / 4u;     // vec4s of an output vector that a thread sums up

var<workgroup> queryRows: array<vec4f, THREADS * D4>;
var<workgroup> queryTokens: array<u32, THREADS>;
var<workgroup> tileRows: array<vec4f, TILE * ROW>;    // keys, then values
var<workgroup> weights: array<f32, TILE * THREADS>;   // [slot, query]: products, then weights
var<workgroup> rescales: array<f32, THREADS>;          // factors for the sums so far

//#registers
var<private> sums: array<vec4f, 4u * PARTS>; // [query, part]

// Fetches the queries, all threads together. Each thread names the token i of its own.
fn loadQueries(head: u32, i: u32, t: u32) {
  queryTokens[t] = i;
  workgroupBarrier();
  for (var k = t; k < THREADS * D4; k += THREADS) { queryRows[k] = qkAt(head * p.n + queryTokens[k / D4], k % D4); }
  sums = array<vec4f, 4u * PARTS>();
}

// Fetches the keys of `tokens` and their lengths, all threads together.
fn loadTile(head: u32, t: u32) {
  for (var k = t; k < TILE * D4; k += THREADS) {
    let token = tokens[k / D4];
    var key = vec4f();
    if (token < p.n) { key = qkAt(head * p.n + token, k % D4); }
    tileRows[(k / D4) * ROW + k % D4] = key;
  }
  workgroupBarrier();
  if (t < TILE) {
    var square = 0.0;
    for (var e = 0u; e < D4; e++) { square += dot(tileRows[t * ROW + e], tileRows[t * ROW + e]); }
    factor[t] = p.scale / keyLength(square);
  }
}

// dot(a, b) + sum in four multiply-adds.
fn dotOn(a: vec4f, b: vec4f, sum: f32) -> f32 { return fma(a.x, b.x, fma(a.y, b.y, fma(a.z, b.z, fma(a.w, b.w, sum)))); }

// Writes the products of all queries and all keys to `weights`.
fn multiply(t: u32) {
  let first = 4u * (t / 4u); // query
  let lane = t % 4u;
  //#registers
  var products = array<vec4f, KEYS>(); // of each key with the four queries
  for (var e = 0u; e < D4; e++) {
    let k = first * D4 + e;
    let a = queryRows[k];
    let b = queryRows[k + D4];
    let c = queryRows[k + 2u * D4];
    let d = queryRows[k + 3u * D4];
    //#unroll
    for (var s = 0u; s < KEYS; s++) {
      let key = tileRows[(lane + 4u * s) * ROW + e];
      products[s] = vec4f(dotOn(a, key, products[s].x), dotOn(b, key, products[s].y), dotOn(c, key, products[s].z), dotOn(d, key, products[s].w));
    }
  }
  //#unroll
  for (var s = 0u; s < KEYS; s++) {
    let at = (lane + 4u * s) * THREADS + first;
    weights[at] = products[s].x;
    weights[at + 1u] = products[s].y;
    weights[at + 2u] = products[s].z;
    weights[at + 3u] = products[s].w;
  }
}

// Replaces the keys of the tile by the values of `tokens`, all threads together.
fn loadValues(head: u32, t: u32) {
  for (var k = t; k < TILE * D4; k += THREADS) {
    let token = tokens[k / D4];
    var value = vec4f();
    if (token < p.n) { value = rightAt(head * p.n + token, k % D4); }
    tileRows[(k / D4) * ROW + k % D4] = value;
  }
}

// Rescales the sums and adds the weighted values.
fn accumulate(t: u32) {
  let first = 4u * (t / 4u); // query
  let lane = t % 4u;
  //#unroll
  for (var q = 0u; q < 4u; q++) {
    let rescale = rescales[first + q];
    //#unroll
    for (var part = 0u; part < PARTS; part++) { sums[q * PARTS + part] *= rescale; }
  }
  for (var slot = 0u; slot < TILE; slot++) {
    let at = slot * THREADS + first;
    let a = weights[at];
    let b = weights[at + 1u];
    let c = weights[at + 2u];
    let d = weights[at + 3u];
    //#unroll
    for (var part = 0u; part < PARTS; part++) {
      let e = 4u * part + lane;
      let value = tileRows[slot * ROW + min(e, D4 - 1u)];
      sums[part] = fma(vec4f(a), value, sums[part]);
      sums[PARTS + part] = fma(vec4f(b), value, sums[PARTS + part]);
      sums[2u * PARTS + part] = fma(vec4f(c), value, sums[2u * PARTS + part]);
      sums[3u * PARTS + part] = fma(vec4f(d), value, sums[3u * PARTS + part]);
    }
  }
}
