// The training step. index: from 0 on; targetCount: of the targets that the loss is a mean over; rate and epsilon: of Adam at this step;
// clip: the largest norm of the gradients.
struct Step { index: u32, targetCount: u32, rate: f32, epsilon: f32, clip: f32 }
