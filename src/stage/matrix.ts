import { Fn, float, floor, mix, select, texture, uniform, uv, vec2, vec4 } from 'three/tsl';
import { Color, DoubleSide, Mesh, MeshBasicNodeMaterial, PlaneGeometry, Vector3 } from 'three/webgpu';
import { matrixSize } from '../gpu/gpu-engine';
import { coverage } from './coverage';
import type { Pick, Picture } from './picture';
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

  constructor(cells: GPUTexture) {
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
      const cell = texture(map, floor(place).add(0.5).div(matrixSize)).toVar();
      const weight = cell.x;
      const pair = select(cell.y.greaterThan(0.5), mix(seenLow, seenHigh, weight), mix(missedLow, missedHigh, weight));
      const colour = select(cell.z.greaterThan(0.5), pair, outside).toVar();
      const lit = select(floor(place.y).equal(this.row), mix(colour, accent, 0.28), colour);
      return vec4(lit, coverage(uv().mul(2).sub(1)));
    })();
    this.mesh = new Mesh(new PlaneGeometry(2 * matrixHalf, 2 * matrixHalf), material);
  }

  /** `row` is the selected token's row, if the matrix shows it. */
  show({ theme, matrix }: Picture, row: number | undefined): void {
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
