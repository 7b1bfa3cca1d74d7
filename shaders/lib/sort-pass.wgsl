// Sizes and addresses of one pass of a sort. source and sink: address of head 0, and distance between heads. order: distance from the sort
// keys to the order in the placement.
struct Sort { n: u32, tiles: u32, source: vec2<u32>, sink: vec2<u32>, order: u32, chunk: u32, keyStep: u32 }
@group(0) @binding(0) var<uniform> s: Sort;
