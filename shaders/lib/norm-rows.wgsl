// Sizes of a layer norm, forward and backward: a thread takes one row, which holds the features of one stream or of two side by side.
const STREAMS: u32 = 1u;

// rows: of this dispatch; firstRow: its first row in the streams; width: of one stream; weight: where the norm's weight starts.
struct Norm { rows: u32, width: u32, epsilon: f32, weight: u32, firstRow: u32 }
@group(0) @binding(0) var<uniform> m: Norm;
