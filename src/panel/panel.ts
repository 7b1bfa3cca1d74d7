import GUI, { type Controller } from 'lil-gui';
import { type Control, controls, type Key, keys, type State } from '../state/schema';
import { parseFactors, shownHead, shownRound, shownToken } from '../state/state';

const folders: { group: Control['group']; title: string; open: boolean }[] = [
  { group: 'attention', title: 'Attention', open: true },
  { group: 'view', title: 'View', open: true },
  { group: 'input', title: 'Vectors', open: true },
  { group: 'convention', title: 'Convention (set by the preset)', open: false },
];

export interface PanelActions {
  change(change: Partial<State>): void;
  /** A text that cannot be used, in one sentence. */
  refuse(message: string): void;
  openFile(): void;
  resetView(): void;
  measure(): void;
}

/** The lil-gui panel, made from the schema: every value of the state has its control. */
export class Panel {
  private readonly gui: GUI;
  private readonly values: Record<string, State[Key]> = {};
  private readonly controllers = new Map<Key, Controller>();

  constructor(parent: HTMLElement, state: State, actions: PanelActions) {
    this.gui = new GUI({ container: parent, title: 'Settings' });
    this.gui.domElement.style.setProperty('--width', '100%');
    Object.assign(this.values, state);
    for (const { group, title, open } of folders) {
      const folder = this.gui.addFolder(title);
      for (const key of keys) {
        if (controls[key].group === group) this.add(folder, key, actions);
      }
      if (group === 'input') {
        folder
          .add({ roll: () => actions.change({ seed: (Number(this.values.seed) + 1) % 2 ** 31 }) }, 'roll')
          .name('re-roll ↻');
        folder.add({ open: () => actions.openFile() }, 'open').name('open a file …');
      }
      if (group === 'view') folder.add({ reset: () => actions.resetView() }, 'reset').name('reset camera');
      if (!open) folder.close();
    }
    this.gui.add({ measure: () => actions.measure() }, 'measure').name('measure on this device …');
  }

  /** Shows a state that came from elsewhere; of token, head and round those that there are. */
  show(state: State): void {
    Object.assign(this.values, state, {
      token: shownToken(state),
      head: shownHead(state) + 1,
      round: shownRound(state) + 1,
    });
    const most: Partial<Record<Key, number>> = { token: state.n - 1, head: state.heads, round: state.rounds };
    for (const [key, controller] of this.controllers) {
      const control = controls[key] as Control;
      // A list of sizes takes up a size that came from a link or a file.
      if (control.type === 'whole' && control.steps) controller.options(withValue(control.steps, Number(state[key])));
      if (most[key]) controller.max(most[key]);
      controller.updateDisplay();
    }
  }

  private add(folder: GUI, key: Key, actions: PanelActions): void {
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
    this.controllers.set(key, controller);
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
