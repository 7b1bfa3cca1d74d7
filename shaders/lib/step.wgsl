// The training step. index: from 0 on; rate and epsilon: of Adam at this step; clip: the largest norm of the gradients; decay: the share
// that each weight loses.
struct Step { index: u32, rate: f32, epsilon: f32, clip: f32, decay: f32 }
