import GUI, { type Controller } from 'lil-gui';
import { type Control, controls, type Key, keys, type State } from '../state/schema';
import { parseFactors, shownHead, shownRound, shownToken, shownTowerPhase } from '../state/state';

const folders: { group: Control['group']; title: string; open: boolean }[] = [
  { group: 'layers', title: 'Reversible layers', open: true },
  { group: 'training', title: 'Training', open: true },
  { group: 'attention', title: 'Attention', open: true },
  { group: 'view', title: 'View', open: true },
  { group: 'input', title: 'Vectors', open: true },
  { group: 'convention', title: 'Convention (set by the preset)', open: false },
];

/** Controls of the view that both rooms have. */
const everywhere: readonly Key[] = ['scene', 'theme'];

export type TrainingAct = 'toggle' | 'step' | 'reset' | 'save' | 'load';

export interface PanelActions {
  /** Runs the tower's phases, or stops. */
  play(): void;
  training(act: TrainingAct): void;
  change(change: Partial<State>): void;
  /** A text that cannot be used, in one sentence. */
  refuse(message: string): void;
  openFile(): void;
  resetView(): void;
  measure(): void;
  /** Pictures, charts, numbers and the setting, as files. */
  exportFiles(): void;
  sweep(): void;
  experiments(): void;
  /** Keeps the present setting as A, to compare others with. */
  compare(): void;
}

/** The lil-gui panel, made from the schema: every value of the state has its control. */
export class Panel {
  private readonly gui: GUI;
  private readonly values: Record<string, State[Key]> = {};
  private readonly controllers: { key: Key; controller: Controller; isShown: (isLayers: boolean) => boolean }[] = [];
  private readonly folders: { group: Control['group']; folder: GUI }[] = [];
  private readonly train: Controller;
  private readonly attentionOnly: Controller[] = [];
  /** Buttons that do what a control does, and go when it is hidden. */
  private readonly companions: { key: Key; controller: Controller }[] = [];
  private hidden: ReadonlySet<Key> = new Set();

  constructor(parent: HTMLElement, state: State, actions: PanelActions) {
    // Its styles are in style.css: the page allows no style element.
    this.gui = new GUI({ container: parent, title: 'Settings', injectStyles: false });
    this.gui.domElement.style.setProperty('--width', '100%');
    Object.assign(this.values, state);
    for (const { group, title, open } of folders) {
      const folder = this.gui.addFolder(title);
      this.folders.push({ group, folder });
      for (const key of keys) {
        if (controls[key].group === group) this.add(folder, key, actions);
      }
      if (group === 'input') {
        const roll = () => actions.change({ seed: (Number(this.values.seed) + 1) % 2 ** 31 });
        this.button(folder, 'roll', 're-roll ↻', roll, 'seed');
        this.button(folder, 'open', 'open a file …', actions.openFile, 'input');
      }
      if (group === 'view') this.button(folder, 'reset-view', 'reset camera', actions.resetView);
      if (group === 'layers') this.button(folder, 'play', 'run up and down ▶', actions.play, 'towerPhase');
      if (!open) folder.close();
    }
    const training = this.folders.find(({ group }) => group === 'training')?.folder as GUI;
    // The one slider that both rooms share; here it chooses a column of the table.
    this.add(training, 'rounds', actions).name('hash rounds asked');
    const button = (act: TrainingAct, name: string) => this.button(training, act, name, () => actions.training(act));
    this.train = button('toggle', 'train ▶');
    this.train.domElement.classList.add('main');
    button('step', 'one step');
    button('reset', 'back to the start');
    button('save', 'save the weights …');
    button('load', 'open weights …');
    this.gui.add({ export: () => actions.exportFiles() }, 'export').name('Export …');
    this.attentionOnly.push(
      this.button(this.gui, 'compare', 'keep this as A, and compare', actions.compare),
      this.button(this.gui, 'measure', 'measure on this device …', actions.measure),
      this.button(this.gui, 'sweep', 'sweep the rounds …', actions.sweep),
      this.button(this.gui, 'experiments', 'experiments …', actions.experiments),
    );
  }

  /** Controls that are not offered, with the buttons that do the same. */
  hide(keys: readonly Key[]): void {
    this.hidden = new Set(keys);
    for (const { key, controller } of this.companions) controller.show(!this.hidden.has(key));
  }

  /** Opens the folders of these controls; those that begin closed are closed again without them. */
  reveal(keys: readonly Key[]): void {
    for (const { group, folder } of this.folders) {
      const isWanted = keys.some((key) => controls[key].group === group);
      if (isWanted) folder.open();
      else if (!folders.find((one) => one.group === group)?.open) folder.close();
    }
  }

  private button(folder: GUI, act: string, name: string, run: () => void, companionOf?: Key): Controller {
    const controller = folder.add({ run }, 'run').name(name);
    controller.domElement.dataset.act = act;
    if (companionOf) this.companions.push({ key: companionOf, controller });
    return controller;
  }

  /** Shows a state that came from elsewhere; of token, head and round those that there are. */
  show(state: State, isTraining = false): void {
    Object.assign(this.values, state, {
      token: shownToken(state),
      towerPhase: shownTowerPhase(state),
      head: shownHead(state) + 1,
      round: shownRound(state) + 1,
    });
    const { n, heads, rounds, layers } = state;
    const most: Partial<Record<Key, number>> = { token: n - 1, head: heads, round: rounds, towerPhase: 4 * layers };
    const isLayers = state.scene === 'tower';
    for (const { group, folder } of this.folders) {
      const ofLayers = group === 'layers' || group === 'training';
      const isOffered = keys.some((key) => controls[key].group === group && !this.hidden.has(key));
      folder.show(isOffered && (group === 'view' || ofLayers === isLayers));
    }
    for (const controller of this.attentionOnly) controller.show(!isLayers);
    this.train.name(isTraining ? 'pause ❚❚' : 'train ▶');
    for (const { key, controller, isShown } of this.controllers) {
      controller.show(isShown(isLayers) && !this.hidden.has(key));
      const control = controls[key] as Control;
      // A list of sizes takes up a size that came from a link or a file.
      if (control.type === 'whole' && control.steps) controller.options(withValue(control.steps, Number(state[key])));
      if (most[key]) controller.max(most[key]);
      controller.updateDisplay();
    }
  }

  private add(folder: GUI, key: Key, actions: PanelActions): Controller {
    const control = controls[key] as Control;
    const controller = this.make(folder, key, control);
    controller.name(control.label);
    controller.domElement.title = control.help;
    controller.domElement.dataset.key = key;
    controller.onChange((value: State[Key]) => {
      if (control.type !== 'buckets') actions.change({ [key]: value });
    });
    if (control.type === 'buckets') {
      controller.onFinishChange((text: string) => {
        try {
          if (text.trim() !== 'auto') parseFactors(text);
          actions.change({ buckets: text.trim() });
        } catch (error) {
          actions.refuse((error as Error).message);
        }
      });
    }
    const isShown = (isLayers: boolean) => !isLayers || control.group !== 'view' || everywhere.includes(key);
    this.controllers.push({ key, controller, isShown });
    return controller;
  }

  private make(folder: GUI, key: Key, control: Control) {
    switch (control.type) {
      case 'choice':
        return folder.add(this.values, key, control.choices as Record<string, unknown>);
      case 'whole': {
        const { steps, min, max } = control;
        if (steps) return folder.add(this.values, key, withValue(steps, Number(this.values[key])));
        return max > 1000
          ? folder.add(this.values, key).min(min).max(max).step(1)
          : folder.add(this.values, key, min, max, 1);
      }
      case 'number':
        return folder.add(this.values, key, control.min, control.max, control.step);
      default:
        return folder.add(this.values, key);
    }
  }
}

/** The steps, and the value that is there now if it is none of them. */
function withValue(steps: readonly number[], value: number): number[] {
  return steps.includes(value) ? [...steps] : [...steps, value].sort((a, b) => a - b);
}
