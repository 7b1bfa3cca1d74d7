// Layer norms, a row of token features a thread: a row is that of one stream, or of two side by side. What forwards and backwards share.
const PARTS: u32 = 1u;

struct Norm { rows: u32, width: u32, epsilon: f32, weight: u32 } // width of one stream; where the norm's weight begins
@group(0) @binding(0) var<uniform> m: Norm;
