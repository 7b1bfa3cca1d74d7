import { expect, test } from 'vitest';
import { kinds } from '../../src/explain';
import { type FigureKind, FigureSurface, figuresOf, lookUp, units } from '../../src/ui/figures';

test('the open view shows the figures of its own surfaces and of those for both views, in order', () => {
  const attention = new FigureSurface('attention');
  const layers = new FigureSurface('layers');
  const both = new FigureSurface('both');
  new FigureSurface('dialog').set({ kind: 'speed', index: '1 1024', value: 3 });
  attention.set({ kind: 'curve-error', index: 1, value: 0.5 });
  attention.set({ kind: 'curve-error', index: 2, value: 0.25 });
  layers.set({ kind: 'loss', index: 'reversible', value: 3 });
  both.set({ kind: 'held', index: 0, value: 64 });
  expect(figuresOf('attention')).toEqual([
    { kind: 'curve-error', index: '1', value: 0.5, unit: 'ratio' },
    { kind: 'curve-error', index: '2', value: 0.25, unit: 'ratio' },
    { kind: 'held', index: '0', value: 64, unit: 'bytes' },
  ]);
  expect(figuresOf('layers').map(({ kind }) => kind)).toEqual(['loss', 'held']);
});

test('a surface that is cleared shows nothing, and a figure that is set again has its new value', () => {
  const surface = new FigureSurface('layers');
  surface.set({ kind: 'drift', index: 0, value: 1 });
  surface.set({ kind: 'drift', index: 0, value: 2 });
  expect(surface.figures()).toEqual([{ kind: 'drift', index: '0', value: 2, unit: 'ratio' }]);
  surface.clear();
  expect(surface.figures()).toEqual([]);
  expect(surface.find('drift', 0)).toBeUndefined();
});

test('figures are looked up by kind and index; words are no numbers', () => {
  const shown = lookUp([
    { kind: 'missed-full', index: 7, value: 0.4 },
    { kind: 'missed-full', index: '12', value: 0.1 },
    { kind: 'missed-cause', index: 7, value: 'chunkEdge' },
  ]);
  expect(shown.get('missed-full', '7')).toBe(0.4);
  expect(shown.get('missed-full', 12)).toBe(0.1);
  expect(shown.get('missed-full', 8)).toBeUndefined();
  expect(shown.get('missed-cause', 7)).toBeUndefined();
  expect(shown.all('missed-full')).toEqual([0.4, 0.1]);
});

test('every kind has an explanation, except those of the benchmark and the bytes held on the device', () => {
  const unexplained: FigureKind[] = ['crossing', 'figure5', 'figure5-crossing', 'held', 'speed'];
  expect(Object.keys(units).sort()).toEqual([...Object.keys(kinds), ...unexplained].sort());
});
