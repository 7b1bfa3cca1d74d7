import { beforeEach, describe, expect, test, vi } from 'vitest';
import { panel as words } from '../../src/language/panel';
import { type Control, controls, type Key, panelKeys, type State } from '../../src/state/schema';
import { defaults } from '../../src/state/state';
import { Panel, type PanelActions } from '../../src/ui/panel';

/** Stands in for a control of lil-gui: keeps what the panel sets. */
class FakeController {
  domElement = { dataset: {} as Record<string, string>, title: '', classList: { add() {} }, querySelector: () => null };
  label = '';
  isShown = true;
  displayed: unknown;
  private change: (value: unknown) => void = () => {};
  private finish: (value: unknown) => void = () => {};

  constructor(
    readonly folder: string,
    private readonly values: Record<string, unknown>,
    readonly property: string,
    public choices: unknown,
    public least?: number,
    public most?: number,
    public stepSize?: number,
  ) {
    if (typeof choices === 'number') {
      [this.least, this.most, this.stepSize] = [choices, least, most];
      this.choices = undefined;
    }
  }

  name(label: string) {
    this.label = label;
    return this;
  }
  min(value: number) {
    this.least = value;
    return this;
  }
  max(value: number) {
    this.most = value;
    return this;
  }
  step(value: number) {
    this.stepSize = value;
    return this;
  }
  options(choices: unknown) {
    this.choices = choices;
    return this;
  }
  onChange(act: (value: unknown) => void) {
    this.change = act;
  }
  onFinishChange(act: (value: unknown) => void) {
    this.finish = act;
  }
  show(isShown: boolean) {
    this.isShown = isShown;
  }
  updateDisplay() {
    this.displayed = this.values[this.property];
  }
  /** What a person does. */
  enter(value: unknown) {
    this.change(value);
    this.finish(value);
  }
}

/** Of the panel made last: its controls, and the folders by title. */
const made = vi.hoisted(() => ({ controllers: [] as unknown[], folders: new Map<string, { isShown: boolean }>() }));

vi.mock('lil-gui', () => ({
  default: class FakeGui {
    domElement = { style: { setProperty() {} } };
    isShown = true;
    readonly title: string;
    constructor(title: string | { title: string }) {
      this.title = typeof title === 'string' ? title : title.title;
      made.folders.set(this.title, this);
    }
    addFolder(title: string) {
      return new FakeGui(title);
    }
    add(values: Record<string, unknown>, property: string, ...rest: [unknown, number?, number?]) {
      const controller = new FakeController(this.title, values, property, ...rest);
      made.controllers.push(controller);
      return controller;
    }
    show(isShown: boolean) {
      this.isShown = isShown;
    }
    open() {}
    close() {}
  },
}));

let panel: Panel;
let actions: PanelActions;
beforeEach(() => {
  made.controllers.length = 0;
  made.folders.clear();
  actions = {
    play: vi.fn(),
    training: vi.fn(),
    change: vi.fn(),
    refuse: vi.fn(),
    openFile: vi.fn(),
    resetView: vi.fn(),
    measure: vi.fn(),
    exportFiles: vi.fn(),
    sweep: vi.fn(),
    experiments: vi.fn(),
    sortYourself: vi.fn(),
    compare: vi.fn(),
  };
  panel = new Panel({} as HTMLElement, defaults(), actions);
});

const controllersOf = (key: Key) =>
  (made.controllers as FakeController[]).filter(({ domElement }) => domElement.dataset.key === key);

/** True if a person sees the control. */
const isVisible = ({ folder, isShown }: FakeController): boolean =>
  isShown && made.folders.get(folder)?.isShown === true;

/** Controls that are shown with a text only. */
const ofText: Key[] = ['textLayer', 'temperature', 'topK', 'topP', 'drawSeed'];

/** The text itself is typed above the stage. */
const controlled = panelKeys.filter((key) => controls[key].type !== 'text');

describe('each setting of the schema has a control of the panel', () => {
  test('no control belongs to no setting, and words exist for the settings alone', () => {
    const ofSettings = (made.controllers as FakeController[])
      .map(({ domElement }) => domElement.dataset.key)
      .filter(Boolean);
    expect([...new Set(ofSettings)].sort()).toEqual([...controlled].sort());
    expect(Object.keys(words.controls).sort()).toEqual([...panelKeys, 'phase'].sort());
  });

  test.each(controlled)('%s: one in the folder of its group, with label, help, range and choices', (key) => {
    const control = controls[key] as Control;
    const [first, ...others] = controllersOf(key);
    // The hash rounds stand above all folders.
    expect(first.folder).toBe(
      key === 'rounds' ? words.title : words.folders[control.group as keyof typeof words.folders],
    );
    expect(first.label).toBe(control.label);
    expect(first.domElement.title).toBe(control.help);
    expect(control.help).toMatch(/\.$/);
    // Hash rounds also choose a column of the accuracy table, in the folder of training.
    expect(others.map(({ folder }) => folder)).toEqual(key === 'rounds' ? [words.folders.training] : []);
    if (control.type === 'choice') expect(first.choices).toEqual(control.choices);
    if (control.type === 'number' || (control.type === 'whole' && !control.steps)) {
      const step = control.type === 'number' ? control.step : 1;
      expect([first.least, first.most, first.stepSize]).toEqual([control.min, control.max, step]);
    }
    if (control.type === 'whole' && control.steps) expect(first.choices).toEqual(control.steps);
  });

  test.each(panelKeys)('%s: it shows the value of the state, and changes that setting alone', (key) => {
    const state: State = { ...defaults(), n: 32, token: 5 };
    panel.show(state);
    for (const controller of controllersOf(key)) {
      expect(controller.displayed).toBe(state[key]);
      controller.enter(state[key]);
      expect(actions.change).toHaveBeenLastCalledWith({ [key]: state[key] });
    }
    expect(actions.refuse).not.toHaveBeenCalled();
  });

  test('of a text, sizes have no control, and how words are drawn has', () => {
    const visibleWith = (input: State['input']) => {
      panel.show({ ...defaults(), input });
      return controlled.filter((key) => controllersOf(key).some(isVisible));
    };
    const [ofOthers, ofTexts] = [visibleWith('twins'), visibleWith('text')];
    expect(ofOthers.filter((key) => !ofTexts.includes(key))).toEqual(['n', 'd', 'heads']);
    expect(ofTexts.filter((key) => !ofOthers.includes(key))).toEqual(ofText);
  });

  test.each(controlled)('%s: a person sees it in the view of attention or in that of layers', (key) => {
    const shown = (['both', 'tower'] as const).filter((scene) => {
      panel.show({ ...defaults(), scene, input: ofText.includes(key) ? 'text' : 'twins' });
      return controllersOf(key).some(isVisible);
    });
    const { group } = controls[key];
    const isOfLayers = group === 'layers' || group === 'training';
    const inBoth: Key[] = ['scene', 'theme', 'rounds'];
    expect(shown).toEqual(inBoth.includes(key) ? ['both', 'tower'] : isOfLayers ? ['tower'] : ['both']);
  });

  test.each(panelKeys)('%s: the lecture can hide it', (key) => {
    panel.hide([key]);
    for (const scene of ['both', 'tower'] as const) {
      panel.show({ ...defaults(), scene });
      expect(controllersOf(key).filter(isVisible)).toEqual([]);
    }
  });
});

describe('the panel', () => {
  test('limits token, head, round and phase to those that exist', () => {
    panel.show({
      ...defaults(),
      n: 32,
      heads: 2,
      rounds: 3,
      layers: 4,
      token: 1000,
      head: 8,
      round: 16,
      towerPhase: 90,
    });
    const limit = (key: Key) => controllersOf(key).map(({ most, displayed }) => [most, displayed]);
    expect(limit('token')).toEqual([[31, 31]]);
    expect(limit('head')).toEqual([[2, 2]]);
    expect(limit('round')).toEqual([[3, 3]]);
    expect(limit('towerPhase')).toEqual([[16, 16]]);
  });

  test('adds a size from a link to the list of sizes, in its place', () => {
    panel.show({ ...defaults(), n: 100 });
    expect(controllersOf('n')[0].choices).toEqual([
      16,
      32,
      64,
      100,
      ...[7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].map((k) => 2 ** k),
    ]);
  });

  test('refuses a number of buckets in one sentence, and changes nothing', () => {
    controllersOf('buckets')[0].enter('7');
    expect(actions.change).not.toHaveBeenCalled();
    expect(actions.refuse).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^[^\n]*7[^\n]*\.$/));
    controllersOf('buckets')[0].enter(' 8,8 ');
    expect(actions.change).toHaveBeenCalledExactlyOnceWith({ buckets: '8,8' });
  });
});
