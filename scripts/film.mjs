// `npm run film`: a minute of the page that drives itself, picture by picture by a clock of its own, so that it is smooth however slow the
// device is. Writes docs/film.webm, or what is named: `npm run film -- FILE`. Needs Chromium and ffmpeg.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages, ensureSystem, QUIET_FLAGS, root, runNpm, WEBGPU_FLAGS } from './environment.mjs';

const RATE = 12; // pictures a second
const SIZE = { width: 1280, height: 720 };

/** What happens, and when, in seconds: a caption, a control set, a control moved to a value over some seconds, a button pressed. */
const SCRIPT = [
  { at: 0, say: 'Tokens above in the order of the text, below sorted by bucket. Beside them: who sees whom.' },
  { at: 5, say: 'One hash round: orange pairs are missed.', set: ['rounds', 1] },
  { at: 10, say: 'More rounds, each with new random directions, find more of them …', move: ['rounds', 2, 8], over: 7 },
  { at: 18, say: '… and cost as much more. The error against full attention falls.' },
  {
    at: 22,
    say: 'How a vector is hashed: random directions are spikes; the nearest end names the bucket.',
    set: ['scene', 'sphere of directions'],
  },
  { at: 22, set: ['rounds', 4] },
  { at: 26, say: 'Turned directions: tokens near a border change bucket.', move: ['turn', 0, 60], over: 5 },
  {
    at: 32,
    say: 'Equal chunks of the sorted list; a query looks at its own and the one before.',
    set: ['scene', 'loom'],
  },
  { at: 34, move: ['token', 41, 60], over: 5 },
  { at: 40, say: 'Reversible layers keep no activations: upwards they are used …', set: ['scene', 'tower of layers'] },
  { at: 42, move: ['moment', 0, 6], over: 4 },
  {
    at: 47,
    say: '… and downwards computed again: x2 = y2 − FF(y1), then x1 = y1 − Attention(x2).',
    move: ['moment', 6, 12],
    over: 5,
  },
  {
    at: 53,
    say: 'Both ideas together: the Reformer. All of it was computed here, on this device.',
    set: ['scene', 'loom and matrix'],
  },
];
const SECONDS = 60;

ensurePackages();
const { chromium } = ensureSystem();
if (!chromium) fail('Chromium is not installed.');
if (spawnSync('ffmpeg', ['-version']).status !== 0) fail('ffmpeg is not installed.');
const { default: puppeteer } = await import('puppeteer-core');
const target = resolve(process.argv[2] ?? join(root, 'docs/film.webm'));
const folder = mkdtempSync(join(tmpdir(), 'film-'));
const built = runNpm(['run', '--silent', 'build:single', '--', '--outDir', folder, '--logLevel', 'error'], {
  stdio: 'inherit',
});
if (built.status !== 0) fail('The page could not be built.');

const browser = await puppeteer.launch({
  browser: 'chrome',
  executablePath: chromium,
  args: [...WEBGPU_FLAGS, ...QUIET_FLAGS],
});
const encoder = spawn(
  'ffmpeg',
  [
    ...['-y', '-loglevel', 'error', '-f', 'image2pipe', '-framerate', String(RATE), '-c:v', 'mjpeg', '-i', '-'],
    ...['-c:v', 'libvpx-vp9', '-crf', '36', '-b:v', '0', '-pix_fmt', 'yuv420p', target],
  ],
  { stdio: ['pipe', 'inherit', 'inherit'] },
);
const encoded = once(encoder, 'close');

const page = await browser.newPage();
await page.setViewport(SIZE);
await page.evaluateOnNewDocument(takeClock);
await page.goto(pathToFileURL(join(folder, 'index.html')).href);
await rest();
let caption = '';
for (let frame = 0; frame < SECONDS * RATE; frame++) {
  const [now, before] = [frame / RATE, (frame - 1) / RATE];
  for (const { at, over = 0, say, set, move } of SCRIPT) {
    const begins = at <= now && at > before;
    if (say && begins) caption = say;
    if (set && begins) await put(set[0], set[1]);
    if (move && at <= now && before < at + over) {
      const [key, from, to] = move;
      const share = Math.min(1, (now - at) / over);
      const value = Math.round(from + (to - from) * share);
      const last = Math.round(from + (to - from) * Math.max(0, (before - at) / over));
      if (value !== last || begins) await put(key, value);
    }
  }
  await page.evaluate((text, milliseconds) => globalThis.film.step(text, milliseconds), caption, 1000 / RATE);
  await rest();
  const picture = await page.screenshot({ type: 'jpeg', quality: 92 });
  if (!encoder.stdin.write(picture)) await once(encoder.stdin, 'drain');
  if (frame % (5 * RATE) === 0) console.log(`${now} s of ${SECONDS}`);
}
encoder.stdin.end();
const [code] = await encoded;
await browser.close();
rmSync(folder, { recursive: true });
if (code !== 0) fail(`ffmpeg ended with ${code}.`);
console.log(target);
process.exit(0);

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Waits until the page has computed what it was asked; its own clock stands still meanwhile. */
async function rest() {
  for (;;) {
    const state = await page.evaluate(() => {
      globalThis.film.step(undefined, 0);
      return document.documentElement.dataset.state;
    });
    if (state === 'ready') return;
    if (state === 'failed') fail('The page failed.');
    await new Promise((later) => setTimeout(later, 20));
  }
}

/** Puts a value into a control of the panel, as a hand would. */
async function put(key, value) {
  await page.evaluate(
    (name, text) => {
      const control = document.querySelector(`#panel [data-key="${name}"]`);
      const select = control.querySelector('select');
      if (select) {
        select.selectedIndex = [...select.options].findIndex((option) => option.text === text);
        select.dispatchEvent(new Event('change', { bubbles: true }));
        return;
      }
      const input = control.querySelector('input');
      input.focus();
      input.value = text;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      input.blur();
    },
    key,
    String(value),
  );
  await rest();
}

/** Runs in the page: time goes on, and frames are drawn, only when the film says so. */
function takeClock() {
  let now = performance.now();
  let waiting = [];
  performance.now = () => now;
  globalThis.requestAnimationFrame = (draw) => waiting.push(draw);
  globalThis.cancelAnimationFrame = () => {};
  const line = document.createElement('p');
  Object.assign(line.style, {
    position: 'fixed',
    zIndex: '1000',
    left: '50%',
    bottom: '22px',
    transform: 'translateX(-50%)',
    margin: '0',
    padding: '10px 20px',
    borderRadius: '8px',
    background: '#000c',
    color: '#fff',
    font: '500 21px/1.35 system-ui, sans-serif',
    textAlign: 'center',
    whiteSpace: 'nowrap',
  });
  globalThis.film = {
    step(text, milliseconds) {
      now += milliseconds;
      if (text !== undefined) {
        line.textContent = text;
        line.hidden = text === '';
        if (!line.isConnected) document.body.append(line);
      }
      const due = waiting;
      waiting = [];
      for (const draw of due) draw(now);
    },
  };
}
