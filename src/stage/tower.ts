import { color, instancedBufferAttribute, mix, vec3 as node3, normalWorld } from 'three/tsl';
import {
  BoxGeometry,
  Color,
  InstancedBufferAttribute,
  InstancedMesh,
  Matrix4,
  MeshBasicNodeMaterial,
  Quaternion,
  Vector3,
} from 'three/webgpu';
import { stage as words } from '../language/stage';
import type { Theme } from '../state/palette';
import type { Label } from './labels';
import type { Box } from './projection';
import { isKept, runPhase } from './run-phase';

/** The data that the tower is drawn from. */
export interface TowerPicture {
  theme: Theme;
  layers: number;
  /** Half-layers done: 0 to 2·layers going up, then to 4·layers coming down. */
  phase: number;
  /** Bytes that each half of a layer keeps, in the mode shown and in the mode that keeps all activations. */
  kept: { attention: number; feedForward: number };
  most: { attention: number; feedForward: number };
  /** The label for all bytes kept at this phase. */
  total: string;
  /** A number of bytes with its unit. */
  size: (bytes: number) => string;
}

const mostBoxes = 24 * 12 + 8;
const depth = 0.34;
/** Left end of the memory bars, and the length of the longest, in the world. */
const barLeft = 1.5;
const barLength = 2.1;

/** The layers as a stack with two streams, and the memory that each layer keeps as bars beside it. */
export class Tower {
  readonly mesh: InstancedMesh;
  private readonly colours = new InstancedBufferAttribute(new Float32Array(3 * mostBoxes), 3);

  constructor() {
    const material = new MeshBasicNodeMaterial();
    // Soft light from the front and above, which hardly changes the theme's colours.
    const light = normalWorld.dot(node3(0.15, 0.45, 0.88).normalize()).clamp(0, 1);
    const boxColour = instancedBufferAttribute<'vec3'>(this.colours, 'vec3');
    material.colorNode = mix(color(0x000000), boxColour, light.mul(0.4).add(0.6));
    this.mesh = new InstancedMesh(new BoxGeometry(1, 1, 1), material, mostBoxes);
    this.mesh.frustumCulled = false;
  }

  /** Height of a layer in the world. */
  height(layers: number): number {
    return Math.min(0.9, 4.4 / layers);
  }

  box(layers: number): Box {
    return { min: [-1.15, 0, 0], max: [barLeft + barLength, layers * this.height(layers), depth] };
  }

  show({ theme, layers, phase, kept, most }: TowerPicture): void {
    const h = this.height(layers);
    const now = runPhase(layers, phase);
    const paper = new Color(theme.paper);
    const faint = (css: string, share: number) => new Color(css).lerp(paper, 1 - share);
    const [x1, x2] = [theme.accent, theme.seen[1]];
    let count = 0;
    const put = (x: number, y: number, width: number, height: number, z: number, thick: number, colour: Color) => {
      const matrix = new Matrix4().compose(
        new Vector3(x + width / 2, y + height / 2, z),
        new Quaternion(),
        new Vector3(width, height, thick),
      );
      this.mesh.setMatrixAt(count, matrix);
      this.colours.setXYZ(count++, colour.r, colour.g, colour.b);
    };
    const longest = Math.max(most.attention, most.feedForward);
    for (let layer = 0; layer < layers; layer++) {
      const y = layer * h;
      for (const [k, part] of (['attention', 'feedForward'] as const).entries()) {
        const isActive = now.direction !== 'start' && now.layer === layer && now.part === part;
        const isKeptHere = isKept(layers, phase, 2 * layer + k);
        const stream = k === 0 ? x1 : x2;
        const strength = isActive ? 1 : isKeptHere ? 0.7 : 0.2;
        const middle = y + h * (k === 0 ? 0.27 : 0.75);
        const tall = 0.3 * h;
        // A half-layer stands beside the stream that it adds to, and reads the other stream.
        const left = k === 0 ? -0.62 : 0.02;
        put(left, middle - tall / 2, 0.6, tall, 0, depth, faint(stream, strength));
        const reads = k === 0 ? [left + 0.6, 0.82] : [-0.82, left];
        put(
          reads[0],
          middle - 0.05 * h,
          reads[1] - reads[0],
          0.04 * h + 0.004,
          0,
          0.03,
          faint(theme.ink, isActive ? 0.8 : 0.22),
        );
        const adds = k === 0 ? [-0.82, left] : [left + 0.6, 0.82];
        put(adds[0], middle - 0.05 * h, adds[1] - adds[0], 0.1 * h, 0, 0.05, faint(stream, isActive ? 1 : 0.4));
        // A grey bar for all activations, and on it a bar for the kept ones.
        const width = (bytes: number) => Math.max(0.006, (barLength * bytes) / longest);
        put(
          barLeft,
          middle - tall / 2,
          width(most[part]),
          tall,
          -0.06,
          0.02,
          faint(theme.ink, theme.dark ? 0.12 : 0.09),
        );
        if (isKeptHere && kept[part] > 0) {
          put(barLeft, middle - tall / 2, width(kept[part]), tall, 0, depth / 2, faint(stream, isActive ? 1 : 0.75));
        }
      }
    }
    // The streams, and a cube at the height that each has reached.
    const top = layers * h;
    put(-0.86, 0, 0.08, top, 0, 0.06, faint(x1, 0.28));
    put(0.78, 0, 0.08, top, 0, 0.06, faint(x2, 0.28));
    const cube = Math.min(0.2, 0.5 * h);
    const marker = (x: number, level: number, css: string) => {
      put(
        x - cube / 2,
        Math.min(top - cube, Math.max(0, level * h - cube / 2)),
        cube,
        cube,
        0.06,
        cube,
        new Color(css),
      );
    };
    marker(-0.82, now.level.x1, x1);
    marker(0.82, now.level.x2, x2);
    this.mesh.count = count;
    this.mesh.instanceMatrix.needsUpdate = true;
    this.colours.needsUpdate = true;
  }

  labels({ layers, phase, kept, total, size }: TowerPicture): Label[] {
    const h = this.height(layers);
    const now = runPhase(layers, phase);
    const labels: Label[] = [];
    const every = Math.ceil(layers / 8);
    for (let layer = 0; layer < layers; layer += every) {
      labels.push({ text: words.tower.layer(layer + 1), at: [-1.0, (layer + 0.5) * h, 0], down: 0, anchor: 'end' });
    }
    const bottom = -0.02;
    labels.push({ text: 'x1', at: [-0.82, bottom, 0], down: 14, anchor: 'middle', kind: 'accent' });
    labels.push({ text: 'x2', at: [0.82, bottom, 0], down: 14, anchor: 'middle' });
    labels.push({ text: total, at: [barLeft, layers * h, 0], down: -14, anchor: 'start', kind: 'accent' });
    labels.push({
      text: words.tower.ifAllKept,
      at: [barLeft, bottom, 0],
      down: 14,
      anchor: 'start',
    });
    if (now.direction !== 'start') {
      const isAttention = now.part === 'attention';
      const y = (now.layer + (isAttention ? 0.27 : 0.75)) * h;
      labels.push({
        text: words.tower.blocks[now.part],
        at: [isAttention ? -0.32 : 0.32, y, depth],
        down: 0,
        anchor: 'middle',
        kind: 'onblock',
      });
    }
    for (const part of ['attention', 'feedForward'] as const) {
      const y = (part === 'attention' ? 0.27 : 0.75) * h;
      const text = kept[part] ? words.tower.kept[part](size(kept[part])) : words.tower.nothingKept[part];
      if (layers <= 8) labels.push({ text, at: [barLeft + 0.06, y, depth], down: 0, anchor: 'start', kind: 'onbar' });
    }
    return labels;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    (this.mesh.material as MeshBasicNodeMaterial).dispose();
    this.mesh.dispose();
  }
}
