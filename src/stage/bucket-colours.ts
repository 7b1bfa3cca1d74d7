import { storage } from 'three/tsl';
import { Color, StorageBufferAttribute } from 'three/webgpu';
import { bucketColour, paletteSize } from '../state/palette';

/** The colours of buckets as a buffer for the stage's shaders. */
export class BucketColours {
  private readonly attribute = new StorageBufferAttribute(new Float32Array(4 * paletteSize), 4);
  readonly node = storage(this.attribute, 'vec4', paletteSize).toReadOnly();
  private dark: boolean | undefined;

  paint(dark: boolean): void {
    if (this.dark === dark) return;
    this.dark = dark;
    const colour = new Color();
    for (let b = 0; b < paletteSize; b++) colour.set(bucketColour(b, dark)).toArray(this.attribute.array, 4 * b);
    this.attribute.needsUpdate = true;
  }
}
