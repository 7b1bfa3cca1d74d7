import { App } from './app/app';
import { laterTask } from './shared/tasks';

document.querySelector('#unstarted')?.remove();

// The scripts run in one task and the page starts in the next, so that neither task is too long.
const started = laterTask().then(() => new App(location.search).start());

// The service worker lets the built page open without a network from the second visit on. The single file needs none. A browser may forbid a
// service worker, and the page works without it.
if (import.meta.env.PROD && import.meta.env.MODE !== 'single') {
  void started.then(() => navigator.serviceWorker?.register('./service-worker.js')).catch(() => {});
}
