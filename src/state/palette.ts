import { hcl } from 'd3';

/** Colours that can be told apart in the palette; buckets beyond repeat them. */
export const paletteSize = 256;

/**
 * Colour of a bucket: hues a golden angle apart and three lightnesses in turn, so that neighbours differ in both. With many buckets no
 * palette can tell all apart; which bucket it is stands in the read-out.
 */
export function bucketColour(bucket: number, dark: boolean): string {
  const b = bucket % paletteSize;
  const lightness = (dark ? [70, 82, 60] : [56, 42, 66])[b % 3];
  return hcl((24 + b * 137.508) % 360, dark ? 58 : 62, lightness).formatHex();
}

/** The few colours that are not buckets. `seen` and `missed` differ for every kind of colour vision. */
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
