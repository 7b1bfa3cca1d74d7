/** The layers around attention as dispatches: linear layers, norms, embeddings. Token rows are [tokens, features]. */
import type { Activation, PositionTable } from '../algorithm/model-settings';
import type { Context, Dispatch } from '../gpu/runtime/context';
import { dispatchRanges } from '../gpu/runtime/dispatch-ranges';
import { trainingUniforms } from '../gpu/runtime/training-uniforms';
import { packUniform } from '../gpu/runtime/uniforms';
import type { Parameter, Weights } from './parameters';

/** Token rows in a buffer, [tokens, width] or, by heads, [sequences·heads, n, pitch]. */
export interface Rows {
  buffer: GPUBuffer;
  width: number;
  /** Distance from one row to the next, in numbers. */
  pitch: number;
  /** Address of the first number. Default: 0. */
  first?: number;
  /** Set if the rows lie by heads: n tokens a sequence, `headSize` features a head. */
  byHeads?: { n: number; heads: number; headSize: number };
  /** Applied on reading: weight and bias of a layer norm, or an activation. */
  map?: { norm: string } | { activation: Activation };
}

/** The same rows from a token on. */
export const from = (rows: Rows, token: number): Rows => ({ ...rows, first: (rows.first ?? 0) + token * rows.pitch });

/** Codes of the activations in shaders/lib/activation.wgsl. */
const codes = { relu: 2, gelu: 3, gelu_new: 4, silu: 5 } as const;

/** A matrix product c = a·b of a linear layer. */
interface Product {
  step: string;
  /** 0 computes y, 1 the gradient of x, 2 the gradient of the weight. */
  pass: 0 | 1 | 2;
  rows: number;
  columns: number;
  inner: number;
  a: Rows;
  b: Rows;
  c: Rows;
  /** True adds to c instead of replacing it. */
  add?: boolean | undefined;
  sign?: 1 | -1;
  bias?: Parameter | undefined;
  /** Multiplies the result by the slope of an activation at its inputs `of`. */
  slope?: { of: Rows; activation: Activation } | undefined;
}

/** Makes the dispatches of layers with the given weights. */
export class Layers {
  constructor(
    readonly context: Context,
    readonly weights: Weights,
  ) {}

  /** y = x·wᵀ + bias for `tokens` rows. With a sign, y ± that. */
  linear(
    step: string,
    tokens: number,
    x: Rows,
    weight: string,
    y: Rows,
    { bias, sign }: { bias?: string; sign?: 1 | -1 } = {},
  ): Dispatch[] {
    const { weight: parameter, matrix } = this.weightOf(weight);
    return this.product({
      step,
      pass: 0,
      rows: tokens,
      columns: parameter.shape[0],
      inner: parameter.shape[1],
      a: x,
      b: matrix,
      c: y,
      add: sign !== undefined,
      sign: sign ?? 1,
      bias: bias === undefined ? undefined : this.weights.get(bias),
    });
  }

  /**
   * Gradient of x from the gradient of y: replaces `gradX` or, with `add`, adds to it. `slope` multiplies by the slope of the activation
   * that gave x.
   */
  linearInput(
    step: string,
    tokens: number,
    gradY: Rows,
    weight: string,
    gradX: Rows,
    { add, slope }: { add?: boolean; slope?: Product['slope'] } = {},
  ): Dispatch[] {
    const { weight: parameter, matrix } = this.weightOf(weight);
    const [inner, columns] = parameter.shape;
    return this.product({ step, pass: 1, rows: tokens, columns, inner, a: gradY, b: matrix, c: gradX, add, slope });
  }

  /** Adds to the gradients of weight and bias. */
  linearWeight(step: string, tokens: number, gradY: Rows, x: Rows, weight: string, bias?: string): Dispatch[] {
    const parameter = this.weights.get(weight);
    const [rows, columns] = parameter.shape;
    const c: Rows = {
      buffer: this.weights.gradients(parameter.segment),
      width: columns,
      pitch: columns,
      first: parameter.offset,
    };
    const product = this.product({ step, pass: 2, rows, columns, inner: tokens, a: gradY, b: x, c, add: true });
    return bias === undefined ? product : [...product, this.columnSums(step, tokens, gradY, bias)];
  }

  /** x̂ and 1/√(variance + ε) of `tokens` rows of one stream, or of two side by side, from token `first` on. */
  norm(step: string, tokens: number, streams: Rows[], normal: Rows, inverse: GPUBuffer, first = 0): Dispatch {
    const width = streams[0].width;
    return {
      step,
      kernel: 'norm',
      constants: { STREAMS: streams.length },
      block: this.normBlock(tokens, width, first),
      resources: [streams[0].buffer, (streams[1]?.buffer ?? this.nothing) as GPUBuffer, normal.buffer, inverse],
      groups: [Math.ceil(tokens / 64), 1, 1],
      cost: 8 * tokens * normal.width,
    };
  }

  /**
   * Gradients of a norm, from token `first` on. Adds to the gradients of its weight and bias; the gradient of its input replaces
   * `gradients` or, with `add`, is added to them. A single stream in `gradients` may have been normalized as both of two streams.
   */
  normBackward(
    step: string,
    tokens: number,
    name: string,
    gradOut: Rows,
    normal: Rows,
    inverse: GPUBuffer,
    gradients: [Rows, Rows?],
    add: boolean,
    first = 0,
  ): Dispatch[] {
    const weight = this.weights.get(`${name}.weight`);
    const streams = normal.width / gradients[0].width;
    return [
      this.columnSums(step, tokens, gradOut, `${name}.bias`, { normal, weight: `${name}.weight` }),
      {
        step,
        kernel: 'norm-backward',
        constants: { STREAMS: streams, ADD: add, FOLD: streams > gradients.length },
        block: this.normBlock(tokens, gradients[0].width, first, weight.offset),
        resources: [
          gradOut.buffer,
          normal.buffer,
          inverse,
          this.weights.weights(weight.segment),
          gradients[0].buffer,
          gradients[1]?.buffer ?? this.scratch,
        ],
        groups: [Math.ceil(tokens / 64), 1, 1],
        cost: 12 * tokens * normal.width,
      },
    ];
  }

  /** Sets one or two streams to the embeddings of the tokens: the sum of a row of each table. */
  embed(
    step: string,
    tokens: number,
    n: number,
    ids: GPUBuffer,
    tables: EmbeddingTable[],
    [x1, x2]: [Rows, Rows?],
  ): Dispatch[] {
    return tables.map((table) => ({
      step,
      kernel: 'embed',
      constants: { IDS: !table.position, TWO: x2 !== undefined },
      block: this.embedBlock(tokens, n, table, x1.width),
      resources: [
        table.position ? this.nothing : ids,
        this.weights.weights(this.weights.get(table.name).segment),
        x1.buffer,
        x2?.buffer ?? this.scratch,
      ],
      groups: this.grid(table.columns, tokens),
      cost: 2 * tokens * table.columns,
    }));
  }

  /** Adds to the gradients of the tables from those of one or two streams. */
  embedBackward(
    step: string,
    tokens: number,
    n: number,
    ids: GPUBuffer,
    tables: EmbeddingTable[],
    [g1, g2]: [Rows, Rows?],
  ): Dispatch[] {
    return tables.map((table) => ({
      step,
      kernel: 'embed-backward',
      constants: { IDS: !table.position, TWO: g2 !== undefined },
      block: this.embedBlock(tokens, n, table, g1.width),
      resources: [
        table.position ? this.nothing : ids,
        g1.buffer,
        g2?.buffer ?? this.nothing,
        this.weights.gradients(this.weights.get(table.name).segment),
      ],
      groups: this.grid(table.columns, table.rows),
      cost: (table.position ? 2 : table.rows / 16) * tokens * table.columns,
    }));
  }

  /**
   * Adds the sums of a matrix's columns to the gradient of a bias, and those of their products with x̂ to the gradient of a norm's
   * weight.
   */
  private columnSums(
    step: string,
    rows: number,
    matrix: Rows,
    bias: string,
    norm?: { normal: Rows; weight: string },
  ): Dispatch {
    const target = this.weights.get(bias);
    const weight = norm ? this.weights.get(norm.weight) : target;
    if (weight.segment !== target.segment) throw new Error(`${bias} must lie in the same segment as its weight`);
    return {
      step,
      kernel: 'column-sums',
      constants: { NORM: norm !== undefined },
      block: packUniform(trainingUniforms.ColumnSums, {
        rows,
        columns: matrix.width,
        first: matrix.first ?? 0,
        bias: target.offset,
        normWeight: weight.offset,
      }),
      resources: [matrix.buffer, norm?.normal.buffer ?? this.nothing, this.weights.gradients(target.segment)],
      groups: [Math.ceil(matrix.width / 16), 1, 1],
      cost: 3 * rows * matrix.width,
    };
  }

  /** Bound where a variant of a kernel reads nothing. */
  private get nothing(): GPUBuffer {
    return this.context.buffer('nothing', 16);
  }

  /** Bound where a variant of a kernel writes nothing. */
  private get scratch(): GPUBuffer {
    return this.context.buffer('nothing written', 16);
  }

  /** A weight, [outputs, inputs], and its rows. */
  private weightOf(name: string): { weight: Parameter; matrix: Rows } {
    const weight = this.weights.get(name);
    const [, inputs] = weight.shape;
    const matrix = { buffer: this.weights.weights(weight.segment), width: inputs, pitch: inputs, first: weight.offset };
    return { weight, matrix };
  }

  private product({ step, pass, rows, columns, inner, a, b, c, add, sign = 1, bias, slope }: Product): Dispatch[] {
    const byHeads = a.byHeads ?? b.byHeads ?? c.byHeads;
    const { map } = pass === 2 ? b : a;
    const mapCode = codeOf(map);
    const normName = map && 'norm' in map ? map.norm : undefined;
    const norm = normName === undefined ? undefined : this.weights.get(`${normName}.weight`);
    const normBias = normName === undefined ? undefined : this.weights.get(`${normName}.bias`);
    if (norm?.segment !== normBias?.segment)
      throw new Error(`weight and bias of ${normName} must lie in the same segment`);
    const extra = bias ? this.weights.weights(bias.segment) : slope?.of.buffer;
    const isWeight = pass === 2;
    const addresses = {
      aFirst: a.first ?? 0,
      bFirst: b.first ?? 0,
      cFirst: c.first ?? 0,
      extraFirst: bias?.offset ?? slope?.of.first ?? 0,
      aPitch: a.pitch,
      bPitch: b.pitch,
      cPitch: c.pitch,
      normWeight: norm?.offset ?? 0,
      normBias: normBias?.offset ?? 0,
      aWidth: isWeight ? rows : inner,
    };
    const inFours = [...Object.values(addresses), columns, byHeads?.headSize ?? 0].every((size) => size % 4 === 0);
    const kernel = `linear${isWeight ? '-weight' : ''}${inFours ? '' : '-any'}` as const;
    const heads = {
      A_HEADS: a.byHeads !== undefined,
      B_HEADS: b.byHeads !== undefined,
      C_HEADS: c.byHeads !== undefined,
    };
    const switches = { BACKWARD: pass === 1, ADD: add ?? false, BIAS: bias !== undefined };
    const constants = isWeight
      ? { ...heads, B_MAP: mapCode }
      : { ...heads, ...switches, A_MAP: mapCode, SLOPE: slope ? codes[slope.activation] : 0 };
    const nothing = this.nothing;
    // The layout of a kernel has the bindings that its text uses: a weight kernel uses no `extra`.
    const resources = [
      a.buffer,
      b.buffer,
      c.buffer,
      isWeight ? undefined : (extra ?? nothing),
      norm ? this.weights.weights(norm.segment) : nothing,
    ];
    // Rows and columns of a workgroup.
    const [tile, tileColumns] = isWeight ? [8, 16] : [64, 32];
    const cost = 2 * tile * columns * inner;
    return dispatchRanges(Math.ceil(rows / tile), cost, this.context.queue.dispatchCost).map(
      ({ first, blocks }): Dispatch => {
        const block = packUniform(trainingUniforms.Matmul, {
          ...addresses,
          rows,
          columns,
          inner,
          firstRow: tile * first,
          n: byHeads?.n ?? 1,
          heads: byHeads?.heads ?? 1,
          headSize: byHeads?.headSize ?? 1,
          sign,
          bWidth: pass === 0 ? inner : columns,
        });
        const groups: Dispatch['groups'] = [Math.ceil(columns / tileColumns), blocks, 1];
        return { step, kernel, constants, block, resources, groups, cost: blocks * cost };
      },
    );
  }

  private normBlock(tokens: number, width: number, first: number, weight = 0): ArrayBuffer {
    const { epsilon } = this.weights.settings;
    return packUniform(trainingUniforms.Norm, { rows: tokens, width, epsilon, weight, firstRow: first });
  }

  private embedBlock(tokens: number, n: number, table: EmbeddingTable, width: number): ArrayBuffer {
    const { rows, columns, first, position } = table;
    return packUniform(trainingUniforms.Embed, {
      tokens,
      width,
      rows,
      columns,
      first,
      every: position?.every ?? 1,
      n,
      table: this.weights.get(table.name).offset,
    });
  }

  /** Workgroups for a thread a column and row. Rows take two directions, because they may exceed the limit of one. */
  private grid(columns: number, rows: number): [number, number, number] {
    return [Math.ceil(columns / 64), Math.min(rows, 32768), Math.ceil(rows / 32768)];
  }
}

/** One table of embeddings, [rows, columns]. Its rows are added to the features of a token from `first` on. */
export interface EmbeddingTable {
  name: string;
  rows: number;
  columns: number;
  first: number;
  /** Set if rows are chosen by position, unset if by symbol. */
  position?: PositionTable;
}

/** Code of a map in shaders/lib/matmul.wgsl. */
function codeOf(map: Rows['map']): number {
  if (!map) return 0;
  return 'norm' in map ? 1 : codes[map.activation];
}
