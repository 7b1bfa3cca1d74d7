// `npm run film` drives the page through its lecture for a minute and writes the frames as docs/film.webm. Some acts also become
// docs/film.webp, the moving picture of the README, which needs img2webp (Debian's package webp). `-- --out FOLDER` writes both elsewhere.
// The script asks the page for each frame, so the film runs smoothly on any machine. It films nothing while the page computes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, ensureSystem, QUICK_FLAGS, QUIET_FLAGS, root, runNpm, WEBGPU_FLAGS } from './environment.mjs';

const WIDTH = 1280;
const HEIGHT = 800;
const FRAMES_PER_SECOND = 20;
const BITS_PER_SECOND = 350_000;

/** Of the moving picture: every so many frames of the film, its size relative to the film's, and its quality in percent. */
const PICTURE = { every: 4, scale: 0.75, quality: 70, mostBytes: 3_000_000 };

/** What happens at a second of an act: a key, a button of the step, or a control of the panel with its new value. */
const key = (name) => ({ key: name });
const press = (selector) => ({ press: selector });
const set = (control, value) => ({ set: control, value: String(value) });
/** The same again and again, from one second to another. */
const often = (from, to, every, act) =>
  Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, k) => ({ at: from + k * every, ...act }));

const ACTS = [
  { step: '01.1', seconds: 4, does: [] },
  { step: '02.1', seconds: 5, inPicture: true, does: [] },
  { step: '03.2', seconds: 9, inPicture: true, does: often(2, 8, 0.25, key('t')) },
  { step: '04.1', seconds: 6, inPicture: true, does: often(2, 5, 0.5, key('ArrowRight')) },
  { step: '05.2', seconds: 6, does: [{ at: 3, ...press('#step .do') }] },
  {
    step: '06.1',
    seconds: 10,
    inPicture: true,
    does: [2, 3, 4, 6, 8].map((rounds, k) => ({ at: 2 + 1.5 * k, ...set('rounds', rounds) })),
  },
  { step: '07.1', seconds: 8, inPicture: true, does: often(1.5, 7, 0.5, key('ArrowRight')) },
  { step: '08.2', seconds: 7, does: [{ at: 1, ...press('#step .do') }] },
  { step: '09.3', seconds: 5, does: [{ at: 2, ...press('#step .do') }] },
];

ensurePackages();
const { chromium } = ensureSystem();
if (!chromium) process.exit(1);
const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs' } } });
const [{ preview }, { default: puppeteer }] = await Promise.all([import('vite'), import('puppeteer-core')]);
const build = mkdtempSync(join(tmpdir(), 'film-'));
if (
  runNpm(['run', '--silent', 'build', '--', '--outDir', build, '--emptyOutDir', '--logLevel', 'warn'], {
    stdio: 'inherit',
  }).status
) {
  process.exit(1);
}
const server = await preview({ root, build: { outDir: build }, preview: { port: 0, host: '127.0.0.1' } });
const site = server.resolvedUrls.local[0];
const browser = await puppeteer.launch({
  executablePath: chromium,
  args: [...WEBGPU_FLAGS, ...QUICK_FLAGS, ...QUIET_FLAGS],
  protocolTimeout: 120_000,
  defaultViewport: { width: WIDTH, height: HEIGHT },
});
const frames = mkdtempSync(join(tmpdir(), 'film-frames-'));
const picture = [];
const film = await openFilm();
const page = await browser.newPage();
await page.evaluateOnNewDocument(takeFrames);
await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);

for (const { step, seconds, does, inPicture } of ACTS) {
  // By the contents, as a person would: the camera flies.
  if (step === ACTS[0].step) await page.goto(`${site}?step=${step}`);
  else await page.evaluate(openStep, step);
  await settle(step);
  const left = [...does];
  for (let frame = 0; frame < seconds * FRAMES_PER_SECOND; frame++) {
    while (left.length && left[0].at * FRAMES_PER_SECOND <= frame) {
      await act(left.shift());
      await settle(step);
    }
    await page.evaluate((milliseconds) => globalThis.film.frame(milliseconds), 1000 / FRAMES_PER_SECOND);
    await film.add(await page.screenshot({ type: 'jpeg', quality: 92, encoding: 'base64' }));
    if (inPicture && frame % PICTURE.every === 0) {
      const path = join(frames, `${picture.length}.png`);
      await page.screenshot({ path, clip: { x: 0, y: 0, width: WIDTH, height: HEIGHT, scale: PICTURE.scale } });
      picture.push(path);
    }
  }
  process.stderr.write(`${step} is filmed\n`);
}
const file = resolve(root, values.out, 'film.webm');
writeFileSync(file, await film.finish());
console.log(`${file}: ${ACTS.reduce((sum, { seconds }) => sum + seconds, 0)} s, ${readFileSync(file).length} bytes`);
process.exitCode = writePicture(resolve(root, values.out, 'film.webp'));
await browser.close();
await server.close();
rmSync(build, { recursive: true });
rmSync(frames, { recursive: true });

/** Writes the moving picture of the frames taken for it; 1 if that fails. */
function writePicture(path) {
  const milliseconds = String((1000 * PICTURE.every) / FRAMES_PER_SECOND);
  const look = ['-lossy', '-q', String(PICTURE.quality), '-m', '4', '-d', milliseconds];
  const { status, error } = spawnSync('img2webp', ['-loop', '0', '-kmax', '60', ...look, ...picture, '-o', path], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    console.error(error ? 'Please install img2webp (package webp): film.webp was not written.' : 'img2webp failed.');
    return 1;
  }
  const bytes = readFileSync(path).length;
  console.log(`${path}: ${picture.length} frames, ${bytes} bytes`);
  if (bytes <= PICTURE.mostBytes) return 0;
  console.error(`film.webp takes ${bytes} bytes; at most ${PICTURE.mostBytes} are wanted.`);
  return 1;
}

/** Runs in the page, before its own scripts: it draws a frame when the script asks for one, and a frame takes the time that the script gives. */
function takeFrames() {
  let waiting = new Map();
  let last = 0;
  let time = 0;
  const frame = globalThis.requestAnimationFrame.bind(globalThis);
  // The browser's own frames go on: without any it may stop answering for the GPU.
  const goOn = () => frame(goOn);
  goOn();
  globalThis.requestAnimationFrame = (draw) => {
    waiting.set(++last, draw);
    return last;
  };
  globalThis.cancelAnimationFrame = (id) => waiting.delete(id);
  globalThis.film = {
    frame(milliseconds) {
      time += milliseconds;
      const now = waiting;
      waiting = new Map();
      for (const draw of now.values()) draw(time);
    },
  };
}

/** Runs in the page. */
function openStep(id) {
  document.querySelector('#lecture .contents').click();
  document.querySelector(`#contents [data-step="${id}"]`).click();
}

async function act({ key: name, press: selector, set: control, value }) {
  // Letters act only on the stage.
  if (name?.length === 1) await page.focus('#view .stage-canvas');
  if (name) await page.keyboard.press(name);
  else if (selector) await page.click(selector);
  else await page.evaluate(change, control, value);
}

/** Runs in the page: what a person does with a number of the panel. */
function change(control, value) {
  const fields = [...document.querySelectorAll(`#panel [data-key="${control}"] input`)];
  const field = fields.find((one) => one.getClientRects().length > 0);
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.blur();
}

/** Time stands still until the page is done. */
async function settle(step) {
  const isDone = () => {
    globalThis.film.frame(0);
    const { state, step: open } = document.documentElement.dataset;
    return state === 'ready' ? open : state === 'failed' ? 'failed' : undefined;
  };
  for (const end = Date.now() + 120_000; ; ) {
    const open = await page.evaluate(isDone);
    if (open === step) return;
    if (open === 'failed' || Date.now() > end) throw new Error(`${step} is not shown`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** A second page that makes a film of pictures. */
async function openFilm() {
  const maker = await browser.newPage();
  // An empty document of the same origin: browsers encode only in a secure context.
  await maker.setRequestInterception(true);
  maker.on('request', (request) => request.respond({ contentType: 'text/html', body: '' }));
  await maker.goto(new URL('film', site).href);
  await maker.addScriptTag({ path: join(root, 'node_modules/mediabunny/dist/bundles/mediabunny.min.cjs') });
  await maker.evaluate(
    async (width, height, bitrate) => {
      const { Output, WebMOutputFormat, BufferTarget, CanvasSource } = globalThis.Mediabunny;
      const canvas = new OffscreenCanvas(width, height);
      const output = new Output({ format: new WebMOutputFormat(), target: new BufferTarget() });
      const source = new CanvasSource(canvas, { codec: 'vp9', bitrate, keyFrameInterval: 10, latencyMode: 'realtime' });
      output.addVideoTrack(source);
      await output.start();
      Object.assign(globalThis, { output, source, context: canvas.getContext('2d') });
    },
    WIDTH,
    HEIGHT,
    BITS_PER_SECOND,
  );
  let count = 0;
  return {
    add: (picture) =>
      maker.evaluate(
        async (base64, at, duration) => {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          globalThis.context.drawImage(await createImageBitmap(new Blob([bytes])), 0, 0);
          await globalThis.source.add(at, duration);
        },
        picture,
        count++ / FRAMES_PER_SECOND,
        1 / FRAMES_PER_SECOND,
      ),
    async finish() {
      const base64 = await maker.evaluate(async () => {
        await globalThis.output.finalize();
        let text = '';
        for (const byte of new Uint8Array(globalThis.output.target.buffer)) text += String.fromCharCode(byte);
        return btoa(text);
      });
      return Buffer.from(base64, 'base64');
    },
  };
}
