import activation from '../../../shaders/lib/activation.wgsl?raw';
import backward from '../../../shaders/lib/backward.wgsl?raw';
import backwardKey from '../../../shaders/lib/backward-key.wgsl?raw';
import local from '../../../shaders/lib/local.wgsl?raw';
import matmul from '../../../shaders/lib/matmul.wgsl?raw';
import normRows from '../../../shaders/lib/norm-rows.wgsl?raw';
import operandsAny from '../../../shaders/lib/operands-any.wgsl?raw';
import operandsFour from '../../../shaders/lib/operands-four.wgsl?raw';
import pairs from '../../../shaders/lib/pairs.wgsl?raw';
import params from '../../../shaders/lib/params.wgsl?raw';
import placement from '../../../shaders/lib/placement.wgsl?raw';
import short from '../../../shaders/lib/short.wgsl?raw';
import slots from '../../../shaders/lib/slots.wgsl?raw';
import tile from '../../../shaders/lib/tile.wgsl?raw';
import tokens from '../../../shaders/lib/tokens.wgsl?raw';
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
import scatterAdd from '../../../shaders/training/scatter-add.wgsl?raw';
import shortBackwardKey from '../../../shaders/training/short-backward-key.wgsl?raw';
import shortBackwardQuery from '../../../shaders/training/short-backward-query.wgsl?raw';
import squareSums from '../../../shaders/training/square-sums.wgsl?raw';
import { addKernels, type KernelPiece, oneOf, qk, right, vectors } from './kernel-text';

/** The pieces of each kernel of backward passes, models and training. Code that dispatches one of them imports this file. */
const sources = {
  'short-backward-query': [params, oneOf(qk), oneOf(right), placement, pairs, short, shortBackwardQuery],
  'short-backward-key': [params, oneOf(qk), oneOf(right), placement, pairs, short, shortBackwardKey],
  'backward-rows': [params, vectors('gradOut', 1), vectors('out', 3, 'computed'), backwardRows],
  gather: [params, vectors('source', 1), placement, gather],
  'scatter-add': [params, vectors('sums', 1, 'written'), placement, scatterAdd],
  'attend-backward-query': [params, qk, right, placement, tokens, tile, slots, backward, attendBackwardQuery],
  'attend-backward-key': [params, qk, right, placement, tokens, tile, slots, backward, backwardKey, attendBackwardKey],
  'full-backward-query': [params, qk, right, tokens, tile, backward, fullBackwardQuery],
  'full-backward-key': [params, qk, right, tokens, tile, backward, backwardKey, fullBackwardKey],
  linear: [activation, matmul, operandsFour, linear],
  'linear-any': [activation, matmul, operandsAny, linear],
  'linear-weight': [activation, matmul, operandsFour, linearWeight],
  'linear-weight-any': [activation, matmul, operandsAny, linearWeight],
  norm: [normRows, norm],
  'norm-backward': [normRows, normBackward],
  'column-sums': [columnSums],
  embed: [embed],
  'embed-backward': [embedBackward],
  loss: [loss],
  'loss-sum': [lossSum],
  'square-sums': [squareSums],
  adam: [adam],
  clear: [clear],
  'local-attend': [local, localAttend],
  'local-backward-query': [local, localBackwardQuery],
  'local-backward-key': [local, localBackwardKey],
} satisfies Record<string, KernelPiece[]>;

export type TrainingKernel = keyof typeof sources;

addKernels(sources);
