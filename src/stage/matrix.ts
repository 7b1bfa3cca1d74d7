import { Fn, float, floor, If, Loop, mix, select, texture, uint, uniform, uv, vec2, vec4 } from 'three/tsl';
import {
  Color,
  DoubleSide,
  Mesh,
  MeshBasicNodeMaterial,
  type Node,
  PlaneGeometry,
  Vector3,
  Vector4,
} from 'three/webgpu';
import { limits } from '../algorithm/settings';
import { matrixSize } from '../gpu/gpu-engine';
import { coverage } from './coverage';
import type { EngineTensors } from './engine-tensors';
import type { Pick, Picture } from './picture';
import { progressAt } from './progress';
import { sharedTexture } from './shared';

/** Half the matrix's side in the world. */
export const matrixHalf = 1.15;

/** Draws the engine's texture of pairs: rows are queries, columns keys. */
export class Matrix {
  readonly mesh: Mesh;
  private readonly count = uniform(1, 'float');
  private readonly row = uniform(-1, 'float');
  private readonly colours = {
    seenLow: uniform(new Vector3()),
    seenHigh: uniform(new Vector3()),
    missedLow: uniform(new Vector3()),
    missedHigh: uniform(new Vector3()),
    outside: uniform(new Vector3()),
    accent: uniform(new Vector3()),
  };

  // Of the play.
  private readonly n = uniform(1, 'uint');
  private readonly rounds = uniform(1, 'uint');
  private readonly head = uniform(0, 'uint');
  private readonly front = uniform(0, 'uint');
  private readonly orderStart = uniform(0, 'uint');
  private readonly first = uniform(0, 'uint');
  private readonly isSorted = uniform(0, 'uint');
  /** Rounds whose pairs are drawn apart; 0: the texture has the pairs of all. */
  private readonly told = uniform(0, 'uint');
  private readonly lookBack = uniform(1, 'uint');
  private readonly lookAhead = uniform(0, 'uint');
  /** 1 once every pair of all rounds is shown. */
  private readonly isSeen = uniform(1, 'uint');
  /** How far the own chunk, the chunks around it, the rows and the rounds are shown. */
  private readonly attended = uniform(new Vector4(1, 1, 1, limits.rounds));

  constructor(
    cells: GPUTexture,
    private readonly tensors: EngineTensors,
  ) {
    const { seenLow, seenHigh, missedLow, missedHigh, outside, accent } = this.colours;
    const map = sharedTexture(cells);
    const material = new MeshBasicNodeMaterial({
      side: DoubleSide,
      transparent: true,
      forceSinglePass: true,
      depthTest: false,
      depthWrite: false,
    });
    material.colorNode = Fn(() => {
      const place = vec2(uv().x, float(1).sub(uv().y)).mul(this.count).toVar();
      const at = floor(place).toVar();
      const cell = texture(map, at.add(0.5).div(matrixSize)).toVar();
      const weight = cell.x;
      const seen = cell.y.greaterThan(0.5);
      const pair = select(seen, mix(seenLow, seenHigh, weight), mix(missedLow, missedHigh, weight)).toVar();
      const isRow = at.y.equal(this.row).toVar();
      const light = select(isRow, float(0.28), float(0)).toVar();
      If(this.isSeen.equal(uint(0)), () => {
        const swept = this.attended.z.mul(this.count).sub(at.y).clamp(0, 1).toVar();
        const met = select(seen, float(1), float(0)).toVar();
        const own = float(0).toVar();
        If(this.told.greaterThan(uint(0)), () => {
          met.assign(0);
          Loop({ start: uint(0), end: this.told, type: 'uint', condition: '<' }, ({ i: k }) => {
            const round = this.front.add(k).mod(this.rounds);
            const [query, key] = [at.y, at.x].map((index) => this.sortKey(round, uint(index)));
            const apart = query.add(this.lookAhead).sub(key).toVar();
            const isNear = apart.lessThanEqual(this.lookBack.add(this.lookAhead));
            const arrived = this.attended.w.sub(float(k)).add(1).clamp(0, 1);
            If(isNear, () => {
              met.assign(met.max(arrived));
              If(k.equal(uint(0)), () => {
                own.assign(select(apart.equal(this.lookAhead), this.attended.x, this.attended.y));
              });
            });
          });
        });
        const mixed = mix(mix(missedLow, missedHigh, weight), mix(seenLow, seenHigh, weight), met);
        const opened = mix(missedLow, mix(seenLow, seenHigh, weight), select(isRow, own, float(0)));
        // A line runs over the rows.
        const line = swept.mul(swept.oneMinus()).mul(4);
        pair.assign(mix(opened, mixed, swept));
        light.assign(light.mul(this.attended.x).max(line.mul(0.5)));
      });
      const colour = select(cell.z.greaterThan(0.5), pair, outside).toVar();
      return vec4(mix(colour, accent, light), coverage(uv().mul(2).sub(1)));
    })();
    this.mesh = new Mesh(new PlaneGeometry(2 * matrixHalf, 2 * matrixHalf), material);
  }

  /** The sort key of a row's or column's token in a round: see placement.wgsl. */
  private sortKey(round: Node<'uint'>, index: Node<'uint'>): Node<'uint'> {
    const { placement } = this.tensors.nodes;
    const base = this.head.mul(this.rounds);
    const place = this.first.add(index).toVar();
    const sorted = placement.element(this.orderStart.add(base.add(this.front).mul(this.n)).add(place));
    const token = select(this.isSorted.equal(uint(1)), sorted, place);
    return placement.element(base.add(round).mul(this.n).add(token)).toVar();
  }

  /** `row` is the selected token's row, if the matrix shows it. */
  show(picture: Picture, row: number | undefined): void {
    const { theme, matrix, settings, shape, head, round } = picture;
    this.orderStart.value = this.tensors.adopt();
    this.n.value = shape.n;
    this.rounds.value = settings.rounds;
    this.head.value = head;
    this.front.value = round;
    this.first.value = matrix.start;
    this.isSorted.value = matrix.sortedBy === undefined ? 0 : 1;
    this.lookBack.value = settings.lookBack;
    this.lookAhead.value = settings.lookAhead;
    // In a ring of rounds, a pair can meet across two of them.
    this.told.value = settings.wrap || matrix.each > 1 ? 0 : matrix.onlyRound === undefined ? settings.rounds : 1;
    this.count.value = matrix.count;
    this.row.value = row ?? -1;
    const set = (into: { value: Vector3 }, css: string) => {
      const { r, g, b } = new Color(css);
      into.value.set(r, g, b);
    };
    set(this.colours.seenLow, theme.seen[0]);
    set(this.colours.seenHigh, theme.seen[1]);
    set(this.colours.missedLow, theme.missed[0]);
    set(this.colours.missedHigh, theme.missed[1]);
    set(this.colours.outside, theme.outside);
    set(this.colours.accent, theme.accent);
    this.showPhase(picture);
  }

  /** Shows another phase of the play. Only uniforms change. */
  showPhase({ state, settings }: Picture): void {
    const { own, around, sweep, arrived, isSeen } = progressAt(state.phase, settings.rounds);
    this.isSeen.value = isSeen ? 1 : 0;
    this.attended.value.set(own, around, sweep, arrived);
  }

  /** The cell at a point on its plane. */
  find(point: { x: number; y: number } | undefined, { matrix: { count } }: Picture): Pick | undefined {
    if (!point) return undefined;
    const column = Math.floor(((point.x / matrixHalf + 1) / 2) * count);
    const row = Math.floor(((1 - point.y / matrixHalf) / 2) * count);
    const isInside = column >= 0 && column < count && row >= 0 && row < count;
    return isInside ? { what: 'cell', row, column } : undefined;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    (this.mesh.material as MeshBasicNodeMaterial).dispose();
  }
}
