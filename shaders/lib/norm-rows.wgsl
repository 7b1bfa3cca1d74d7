// Layer norms, a row of token features a thread: a row is that of one stream, or of two side by side. What forwards and backwards share.
const PARTS: u32 = 1u;

// Rows of this dispatch, and the row of the streams that its first is; width of one stream; where the norm's weight begins.
struct Norm { rows: u32, width: u32, epsilon: f32, weight: u32, firstRow: u32, spare0: u32, spare1: u32, spare2: u32 }
@group(0) @binding(0) var<uniform> m: Norm;
