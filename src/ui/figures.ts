/**
 * The registry of the numbers that the page shows. Code that draws a number registers it here, with the element that shows it. The lecture, the
 * questions, the explanations and the export read numbers from here and never from the document.
 */
import { make } from './dom';

/** Every kind of number that the page shows, with its unit. */
export const units = {
  accuracy: 'share',
  'activation-bytes': 'bytes',
  bucket: 'id',
  'bucket-size': 'tokens',
  'captured-share': 'share',
  chunk: 'id',
  'chunk-place': 'positions',
  compared: 'various',
  crossing: 'tokens',
  'curve-captured': 'share',
  'curve-error': 'ratio',
  drift: 'ratio',
  figure5: 'seconds per step',
  'figure5-crossing': 'tokens',
  flipped: 'share',
  'hash-dot': 'product',
  held: 'bytes',
  'kept-bytes': 'bytes',
  'key-full': 'share',
  'key-weight': 'share',
  'keys-seen': 'keys',
  'legend-share': 'share',
  loss: 'nats',
  'lost-share': 'share',
  'missed-bucket': 'id',
  'missed-cause': 'cause',
  'missed-chunk': 'id',
  'missed-distance': 'positions',
  'missed-full': 'share',
  'missed-query-bucket': 'id',
  'missed-query-chunk': 'id',
  'next-probability': 'share',
  rank: 'positions',
  'round-weight': 'share',
  'shared-bytes': 'bytes',
  speed: 'microseconds per token',
  'step-milliseconds': 'milliseconds',
  'sweep-captured': 'share',
  'sweep-error': 'ratio',
  'sweep-milliseconds': 'milliseconds',
  'table3-bytes': 'bytes',
  'table3-tokens': 'tokens',
  'text-loss': 'nats per byte',
  'token-captured': 'share',
  'trial-captured': 'share',
  'trial-changed': 'share',
  'trial-crowded': 'share',
  'trial-edge-error': 'ratio',
  'trial-error': 'ratio',
  'trial-hash-milliseconds': 'milliseconds',
  'trial-largest': 'tokens',
  'trial-milliseconds': 'milliseconds',
  'trial-multiply-adds': 'operations',
  'trial-own-score': 'product',
  'trial-own-weight': 'share',
  'trial-slots': 'slots',
} as const;

export type FigureKind = keyof typeof units;

/** A number that the page shows. */
export interface Figure {
  kind: FigureKind;
  /** Which one of its kind, for example the round, or the round and the cause. */
  index: string;
  /** The full value. A cause is a word. */
  value: number | string;
  unit: (typeof units)[FigureKind];
}

/** What a number is registered as. */
export interface FigureEntry {
  kind: FigureKind;
  index: number | string;
  value: number | string;
}

/** Where numbers are shown: in one of the two views, in both, or in a dialog. */
export type Place = 'attention' | 'layers' | 'both' | 'dialog';

/** The numbers that are shown now. */
export interface ShownFigures {
  /** The value of a number; undefined if it is not shown. */
  get(kind: FigureKind, index?: number | string): number | undefined;
  /** The values of all shown numbers of a kind, in the order in which they are shown. */
  all(kind: FigureKind): number[];
}

const surfaces = new Set<FigureSurface>();
const figureOfElement = new WeakMap<Element, Figure>();

const keyOf = (kind: string, index: number | string): string => `${kind} ${index}`;

/** One part of the page that shows numbers, such as a chart. It draws itself anew as a whole. */
export class FigureSurface {
  private readonly entries = new Map<string, { figure: Figure; elements: Element[] }>();

  constructor(readonly place: Place) {
    surfaces.add(this);
  }

  /** Forgets the numbers of the last drawing. */
  clear(): void {
    this.entries.clear();
  }

  /** Registers a number that the page shows, with the element that shows it, if it has one of its own. */
  set({ kind, index, value }: FigureEntry, element?: Element): void {
    const figure: Figure = { kind, index: String(index), value, unit: units[kind] };
    const key = keyOf(kind, index);
    const elements = this.entries.get(key)?.elements ?? [];
    if (element) {
      elements.push(element);
      figureOfElement.set(element, figure);
      const { dataset } = element as HTMLElement | SVGElement;
      Object.assign(dataset, { kind, index: figure.index, value: String(value) });
    }
    this.entries.set(key, { figure, elements });
  }

  /** Makes an element that shows a number, and registers it. */
  make<K extends 'span' | 'td' | 'data'>(tag: K, entry: FigureEntry, text: string): HTMLElementTagNameMap[K] {
    const element = make(tag, {}, text);
    this.set(entry, element);
    return element;
  }

  /** A callback for d3's `each`: registers the number that each element of a selection shows. */
  each<D>(entryOf: (datum: D, position: number) => FigureEntry): (this: unknown, datum: D, position: number) => void {
    const surface = this;
    return function (datum, position) {
      surface.set(entryOf(datum, position), this instanceof Element ? this : undefined);
    };
  }

  /** Replaces the elements of numbers by others that show the same numbers, both in the order of the document. */
  replaceElements(old: readonly Element[], others: readonly Element[]): void {
    const next = new Map(old.map((element, k) => [element, others[k]]));
    for (const entry of this.entries.values()) {
      entry.elements = entry.elements.map((element) => next.get(element) ?? element);
      for (const element of entry.elements) figureOfElement.set(element, entry.figure);
    }
  }

  figures(): Figure[] {
    return [...this.entries.values()].map(({ figure }) => figure);
  }

  find(kind: FigureKind, index: number | string): { figure: Figure; elements: readonly Element[] } | undefined {
    return this.entries.get(keyOf(kind, index));
  }
}

/** The number that an element shows. */
export const figureOf = (element: Element): Figure | undefined => figureOfElement.get(element);

/** The elements that show a number, anywhere on the page. */
export const elementsOf = (kind: FigureKind, index: number | string): Element[] =>
  [...surfaces].flatMap((surface) => surface.find(kind, index)?.elements ?? []);

/** All numbers of the open view, in the order of the parts that show them. */
export const figuresOf = (view: 'attention' | 'layers'): Figure[] =>
  [...surfaces].filter(({ place }) => place === view || place === 'both').flatMap((surface) => surface.figures());

/** A way to look up numbers in a list of them. */
export function lookUp(figures: readonly FigureEntry[]): ShownFigures {
  const numbers = figures.filter(
    (figure): figure is FigureEntry & { value: number } => typeof figure.value === 'number',
  );
  const byKey = new Map(numbers.map(({ kind, index, value }) => [keyOf(kind, index), value]));
  return {
    get: (kind, index = 0) => byKey.get(keyOf(kind, index)),
    all: (kind) => numbers.filter((figure) => figure.kind === kind).map(({ value }) => value),
  };
}
