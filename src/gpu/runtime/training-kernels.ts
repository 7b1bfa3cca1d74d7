import activation from '../../../shaders/lib/activation.wgsl?raw';
import backward from '../../../shaders/lib/backward.wgsl?raw';
import backwardKey from '../../../shaders/lib/backward-key.wgsl?raw';
import local from '../../../shaders/lib/local.wgsl?raw';
import matmul from '../../../shaders/lib/matmul.wgsl?raw';
import normRows from '../../../shaders/lib/norm-rows.wgsl?raw';
import operandsAny from '../../../shaders/lib/operands-any.wgsl?raw';
import operandsFour from '../../../shaders/lib/operands-four.wgsl?raw';
import step from '../../../shaders/lib/step.wgsl?raw';
import tile from '../../../shaders/lib/tile.wgsl?raw';
import adam from '../../../shaders/training/adam.wgsl?raw';
import attendBackwardKey from '../../../shaders/training/attend-backward-key.wgsl?raw';
import attendBackwardQuery from '../../../shaders/training/attend-backward-query.wgsl?raw';
import backwardRows from '../../../shaders/training/backward-rows.wgsl?raw';
import clear from '../../../shaders/training/clear.wgsl?raw';
import columnSums from '../../../shaders/training/column-sums.wgsl?raw';
import embed from '../../../shaders/training/embed.wgsl?raw';
import embedBackward from '../../../shaders/training/embed-backward.wgsl?raw';
import fullBackwardKey from '../../../shaders/training/full-backward-key.wgsl?raw';
import fullBackwardQuery from '../../../shaders/training/full-backward-query.wgsl?raw';
import gather from '../../../shaders/training/gather.wgsl?raw';
import linear from '../../../shaders/training/linear.wgsl?raw';
import linearWeight from '../../../shaders/training/linear-weight.wgsl?raw';
import localAttend from '../../../shaders/training/local-attend.wgsl?raw';
import localBackwardKey from '../../../shaders/training/local-backward-key.wgsl?raw';
import localBackwardQuery from '../../../shaders/training/local-backward-query.wgsl?raw';
import loss from '../../../shaders/training/loss.wgsl?raw';
import lossSum from '../../../shaders/training/loss-sum.wgsl?raw';
import norm from '../../../shaders/training/norm.wgsl?raw';
import normBackward from '../../../shaders/training/norm-backward.wgsl?raw';
import pickRows from '../../../shaders/training/pick-rows.wgsl?raw';
import scatterAdd from '../../../shaders/training/scatter-add.wgsl?raw';
import shortBackwardKey from '../../../shaders/training/short-backward-key.wgsl?raw';
import shortBackwardQuery from '../../../shaders/training/short-backward-query.wgsl?raw';
import squareSums from '../../../shaders/training/square-sums.wgsl?raw';
import { addShaders } from './kernel-text';

/** The file of each kernel of backward passes, models and training. Code that dispatches one of them imports this file. */
const kernels = {
  'short-backward-query': shortBackwardQuery,
  'short-backward-key': shortBackwardKey,
  'backward-rows': backwardRows,
  gather,
  'scatter-add': scatterAdd,
  'pick-rows': pickRows,
  'attend-backward-query': attendBackwardQuery,
  'attend-backward-key': attendBackwardKey,
  'full-backward-query': fullBackwardQuery,
  'full-backward-key': fullBackwardKey,
  linear,
  'linear-any': linear,
  'linear-weight': linearWeight,
  'linear-weight-any': linearWeight,
  norm,
  'norm-backward': normBackward,
  'column-sums': columnSums,
  embed,
  'embed-backward': embedBackward,
  loss,
  'loss-sum': lossSum,
  'square-sums': squareSums,
  adam,
  clear,
  'local-attend': localAttend,
  'local-backward-query': localBackwardQuery,
  'local-backward-key': localBackwardKey,
};

export type TrainingKernel = keyof typeof kernels;

addShaders(kernels, {
  tile,
  backward,
  'backward-key': backwardKey,
  activation,
  matmul,
  'operands-four': operandsFour,
  'operands-any': operandsAny,
  'norm-rows': normRows,
  local,
  step,
});
