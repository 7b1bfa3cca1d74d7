// The tokens of a tile and the lengths of their keys.
//#needs params
const D4: u32 = 16u;   // vec4s in a vector
const TILE: u32 = 16u; // tokens in a tile

var<workgroup> tokens: array<u32, TILE>; // the token in each slot; n in an empty one
var<workgroup> factor: array<f32, TILE>; // score scale / key length

fn keyLength(square: f32) -> f32 { return max(sqrt(square + p.keyEpsilon), 1e-12); }
fn factors(slot: u32) -> vec4f { return vec4f(factor[slot], factor[slot + 1u], factor[slot + 2u], factor[slot + 3u]); }
fn tokensFrom(slot: u32) -> vec4<u32> { return vec4<u32>(tokens[slot], tokens[slot + 1u], tokens[slot + 2u], tokens[slot + 3u]); }
