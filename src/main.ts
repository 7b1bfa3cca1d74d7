import { App } from './app/app';
import { laterTask } from './shared/tasks';

// Scripts are one task, the page made of them the next.
const started = laterTask().then(() => new App(location.search).start());

// From the second visit on the built page opens without a network; one file needs none anyway. It does without where it must not keep files.
if (import.meta.env.PROD && import.meta.env.MODE !== 'single') {
  void started.then(() => navigator.serviceWorker?.register('./service-worker.js')).catch(() => {});
}
