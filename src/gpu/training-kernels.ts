import activation from '../../shaders/activation.wgsl?raw';
import adam from '../../shaders/adam.wgsl?raw';
import attendBackwardKey from '../../shaders/attend-backward-key.wgsl?raw';
import attendBackwardQuery from '../../shaders/attend-backward-query.wgsl?raw';
import backward from '../../shaders/backward.wgsl?raw';
import backwardKey from '../../shaders/backward-key.wgsl?raw';
import backwardRows from '../../shaders/backward-rows.wgsl?raw';
import clear from '../../shaders/clear.wgsl?raw';
import columnSums from '../../shaders/column-sums.wgsl?raw';
import embed from '../../shaders/embed.wgsl?raw';
import embedBackward from '../../shaders/embed-backward.wgsl?raw';
import fullBackwardKey from '../../shaders/full-backward-key.wgsl?raw';
import fullBackwardQuery from '../../shaders/full-backward-query.wgsl?raw';
import gather from '../../shaders/gather.wgsl?raw';
import linear from '../../shaders/linear.wgsl?raw';
import linearWeight from '../../shaders/linear-weight.wgsl?raw';
import local from '../../shaders/local.wgsl?raw';
import localAttend from '../../shaders/local-attend.wgsl?raw';
import localBackwardKey from '../../shaders/local-backward-key.wgsl?raw';
import localBackwardQuery from '../../shaders/local-backward-query.wgsl?raw';
import loss from '../../shaders/loss.wgsl?raw';
import lossSum from '../../shaders/loss-sum.wgsl?raw';
import matmul from '../../shaders/matmul.wgsl?raw';
import norm from '../../shaders/norm.wgsl?raw';
import normBackward from '../../shaders/norm-backward.wgsl?raw';
import normRows from '../../shaders/norm-rows.wgsl?raw';
import operandsAny from '../../shaders/operands-any.wgsl?raw';
import operandsFour from '../../shaders/operands-four.wgsl?raw';
import pairs from '../../shaders/pairs.wgsl?raw';
import params from '../../shaders/params.wgsl?raw';
import places from '../../shaders/places.wgsl?raw';
import scatterAdd from '../../shaders/scatter-add.wgsl?raw';
import short from '../../shaders/short.wgsl?raw';
import shortBackwardKey from '../../shaders/short-backward-key.wgsl?raw';
import shortBackwardQuery from '../../shaders/short-backward-query.wgsl?raw';
import slots from '../../shaders/slots.wgsl?raw';
import squareSums from '../../shaders/square-sums.wgsl?raw';
import tile from '../../shaders/tile.wgsl?raw';
import tokens from '../../shaders/tokens.wgsl?raw';
import { addKernels, oneOf, type Piece, qk, right, vectors } from './kernels';

/** The kernels of backward passes, of models and of their training; whoever dispatches one imports this file. */
const sources = {
  'short-backward-query': [params, oneOf(qk), oneOf(right), places, pairs, short, shortBackwardQuery],
  'short-backward-key': [params, oneOf(qk), oneOf(right), places, pairs, short, shortBackwardKey],
  'backward-rows': [params, vectors('gradOut', 1), vectors('out', 3, 'computed'), backwardRows],
  gather: [params, vectors('source', 1), places, gather],
  'scatter-add': [params, vectors('sums', 1, 'written'), places, scatterAdd],
  'attend-backward-query': [params, qk, right, places, tokens, tile, slots, backward, attendBackwardQuery],
  'attend-backward-key': [params, qk, right, places, tokens, tile, slots, backward, backwardKey, attendBackwardKey],
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
} satisfies Record<string, Piece[]>;

export type TrainingKernel = keyof typeof sources;

addKernels(sources);
