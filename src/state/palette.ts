import { hcl } from 'd3';

/** Number of bucket colours. Further buckets repeat them. */
export const paletteSize = 256;

/**
 * Colour of a bucket. Hues are a golden angle apart and three lightnesses alternate, so that neighbouring buckets differ in both. No palette
 * can separate many buckets, so the read-out names the bucket of the selected token.
 */
export function bucketColour(bucket: number, dark: boolean): string {
  const b = bucket % paletteSize;
  const lightness = (dark ? [70, 82, 60] : [56, 42, 66])[b % 3] as number;
  return hcl((24 + b * 137.508) % 360, dark ? 58 : 62, lightness).formatHex();
}

/** The colours of everything but buckets. `seen` and `missed` differ for every kind of colour vision. */
export interface Theme {
  dark: boolean;
  paper: string;
  ink: string;
  accent: string;
  seen: [string, string];
  missed: [string, string];
  outside: string;
}

export const themes: Record<'light' | 'dark', Theme> = {
  light: {
    dark: false,
    paper: '#fbfaf7',
    ink: '#1d2129',
    accent: '#b86e00',
    seen: ['#cfe0f1', '#0b3d75'],
    missed: ['#f3f1ec', '#d1320f'],
    outside: '#e9e6df',
  },
  dark: {
    dark: true,
    paper: '#0e1116',
    ink: '#e9edf3',
    accent: '#ffb547',
    seen: ['#24425f', '#8fd0ff'],
    missed: ['#161b22', '#ff7a4d'],
    outside: '#0a0c10',
  },
};
