import GUI, { type Controller } from 'lil-gui';
import { panel as words } from '../language/panel';
import { type Control, controls, type Key, panelKeys, type State } from '../state/schema';
import { parseFactors, shownHead, shownRound, shownToken, shownTowerPhase } from '../state/state';
import { readInFull } from './number-field';

type Group = Exclude<Control['group'], 'play'>;

/** In the panel's order. */
const groups: readonly Group[] = ['layers', 'training', 'attention', 'words', 'view', 'input', 'convention'];

const folderTitles: Record<Group, string> = words.folders;

/** Folders that are closed until a person or a step of the lecture opens them. */
const closedAtFirst: readonly Group[] = ['convention'];

/** Controls of the group `view` that also act on the view of reversible layers. */
const sharedControls: readonly Key[] = ['scene', 'theme'];

export type TrainingAct = 'toggle' | 'step' | 'reset' | 'save' | 'load';

export interface PanelActions {
  /** Runs the tower through its phases, or stops it. */
  play(): void;
  training(act: TrainingAct): void;
  change(change: Partial<State>): void;
  /** Reports an invalid text of a control in one sentence. */
  refuse(message: string): void;
  openFile(): void;
  resetView(): void;
  measure(): void;
  /** Offers pictures, charts, numbers and the setting as files. */
  exportFiles(): void;
  sweep(): void;
  experiments(): void;
  /** Opens the exercise of sorting by hand. */
  sortYourself(): void;
  /** Keeps the present setting as A, and compares later settings with it. */
  compare(): void;
}

/** The lil-gui panel. It has one control for each entry of the schema. */
export class Panel {
  private readonly gui: GUI;
  private readonly values: Record<string, State[Key]> = {};
  private readonly controllers: { key: Key; controller: Controller; isShown: (isLayers: boolean) => boolean }[] = [];
  private readonly folders: { group: Group; folder: GUI }[] = [];
  private readonly trainButton: Controller;
  private readonly attentionButtons: Controller[] = [];
  /** Buttons that change the value of a control, and are hidden with it. */
  private readonly companions: { key: Key; controller: Controller }[] = [];
  private hidden: ReadonlySet<Key> = new Set();
  /** Largest values that follow from other settings. */
  private maxima: Partial<Record<Key, number>> = {};

  /** `isCalm` closes all folders at first, so that the hash rounds stand alone. */
  constructor(parent: HTMLElement, state: State, actions: PanelActions, isCalm = false) {
    // The page's policy forbids style elements. lil-gui's styles are in base.css instead.
    this.gui = new GUI({ container: parent, title: words.title, injectStyles: false });
    this.gui.domElement.style.setProperty('--width', '100%');
    Object.assign(this.values, state);
    const { buttons } = words;
    this.add(this.gui, 'rounds', actions);
    for (const group of groups) {
      const folder = this.gui.addFolder(folderTitles[group]);
      this.folders.push({ group, folder });
      for (const key of panelKeys) {
        if (controls[key].group === group && key !== 'rounds' && controls[key].type !== 'text')
          this.add(folder, key, actions);
      }
      if (group === 'input') {
        const reroll = () => actions.change({ seed: (Number(this.values.seed) + 1) % 2 ** 31 });
        this.addButton(folder, 'roll', buttons.reroll, reroll, 'seed');
        this.addButton(folder, 'open', buttons.openFile, actions.openFile, 'input');
      }
      if (group === 'view') this.addButton(folder, 'reset-view', buttons.resetCamera, actions.resetView);
      if (group === 'layers') this.addButton(folder, 'play', buttons.play, actions.play, 'towerPhase');
      if (isCalm || closedAtFirst.includes(group)) folder.close();
    }
    const training = this.folders.find(({ group }) => group === 'training')?.folder as GUI;
    // In this folder, the hash rounds choose a column of the accuracy table.
    this.add(training, 'rounds', actions).name(words.evaluationRounds);
    const addTrainingButton = (act: TrainingAct, name: string) =>
      this.addButton(training, act, name, () => actions.training(act));
    this.trainButton = addTrainingButton('toggle', buttons.train);
    this.trainButton.domElement.classList.add('main');
    addTrainingButton('step', buttons.step);
    addTrainingButton('reset', buttons.reset);
    addTrainingButton('save', buttons.save);
    addTrainingButton('load', buttons.load);
    this.gui.add({ export: () => actions.exportFiles() }, 'export').name(buttons.export);
    this.attentionButtons.push(
      this.addButton(this.gui, 'compare', buttons.compare, actions.compare),
      this.addButton(this.gui, 'measure', buttons.measure, actions.measure),
      this.addButton(this.gui, 'sweep', buttons.sweep, actions.sweep),
      this.addButton(this.gui, 'experiments', buttons.experiments, actions.experiments),
      this.addButton(this.gui, 'sort-yourself', buttons.sortYourself, actions.sortYourself),
    );
  }

  /** Hides these controls, and the buttons that change the same values. */
  hide(keys: readonly Key[]): void {
    this.hidden = new Set(keys);
    for (const { key, controller } of this.companions) controller.show(!this.hidden.has(key));
  }

  /** Opens the folders of these controls. Of the other folders it closes those that are closed at first. */
  reveal(keys: readonly Key[]): void {
    for (const { group, folder } of this.folders) {
      if (keys.some((key) => controls[key].group === group)) folder.open();
      else if (closedAtFirst.includes(group)) folder.close();
    }
  }

  /** Shows a line about the open file below the button that opens files. */
  showNote(note: HTMLElement | undefined): void {
    const open = this.gui.domElement.querySelector('[data-act="open"]');
    open?.parentElement?.querySelector('.file-note')?.remove();
    if (note) open?.after(note);
  }

  private addButton(folder: GUI, act: string, name: string, run: () => void, companionOf?: Key): Controller {
    const controller = folder.add({ run }, 'run').name(name);
    controller.domElement.dataset.act = act;
    if (companionOf) this.companions.push({ key: companionOf, controller });
    return controller;
  }

  /** Shows a state. The token, head, round and phase are limited to those that exist. */
  show(state: State, isTraining = false): void {
    Object.assign(this.values, state, {
      token: shownToken(state),
      towerPhase: shownTowerPhase(state),
      head: shownHead(state) + 1,
      round: shownRound(state) + 1,
    });
    const { n, heads, rounds, layers } = state;
    const maxima: Partial<Record<Key, number>> = { token: n - 1, head: heads, round: rounds, towerPhase: 4 * layers };
    this.maxima = maxima;
    const isLayers = state.scene === 'tower';
    for (const { group, folder } of this.folders) {
      const isOfLayers = group === 'layers' || group === 'training';
      const hasControls = panelKeys.some((key) => controls[key].group === group && !this.hidden.has(key));
      const isOfInput = group !== 'words' || state.input === 'text';
      folder.show(hasControls && isOfInput && (group === 'view' || isOfLayers === isLayers));
    }
    for (const controller of this.attentionButtons) controller.show(!isLayers);
    this.trainButton.name(isTraining ? words.buttons.pause : words.buttons.train);
    for (const { key, controller, isShown } of this.controllers) {
      controller.show(isShown(isLayers) && !this.hidden.has(key) && isUsed(key, state.input));
      const control = controls[key] as Control;
      // A size from a link or a file may be missing in the list of sizes.
      if (control.type === 'whole' && control.steps) controller.options(withValue(control.steps, Number(state[key])));
      if (maxima[key]) controller.max(maxima[key]);
      controller.updateDisplay();
    }
  }

  private add(folder: GUI, key: Key, actions: PanelActions): Controller {
    const control = controls[key] as Control;
    const controller = this.createController(folder, key, control);
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
    if (control.type === 'whole' || control.type === 'number') {
      readInFull(controller, key, {
        most: () => this.maxima[key] ?? Number.POSITIVE_INFINITY,
        refuse: (message) => actions.refuse(message),
      });
    }
    const isShown = (isLayers: boolean) =>
      !(isLayers && folder === this.gui) && (!isLayers || control.group !== 'view' || sharedControls.includes(key));
    this.controllers.push({ key, controller, isShown });
    return controller;
  }

  private createController(folder: GUI, key: Key, control: Control) {
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

/** Controls of some inputs only. */
const inputsOf: Partial<Record<Key, readonly State['input'][]>> = {
  n: ['twins', 'sphere', 'duplication', 'own'],
  d: ['twins', 'sphere', 'duplication', 'own'],
  heads: ['twins', 'sphere', 'duplication', 'own'],
  textLayer: ['text'],
};

const isUsed = (key: Key, input: State['input']): boolean => inputsOf[key]?.includes(input) ?? true;

/** The steps, and among them the present value if it is not one of the steps. */
function withValue(steps: readonly number[], value: number): number[] {
  return steps.includes(value) ? [...steps] : [...steps, value].sort((a, b) => a - b);
}
