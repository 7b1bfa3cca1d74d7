// Vite plugins: the words of index.html, and what `npm run build` and `npm run build:single` add to the page.
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

type Bundle = Record<string, { type: string; fileName: string; code?: string; source?: string | Uint8Array }>;

const digest = (text: string, encoding: 'base64' | 'hex') => createHash('sha256').update(text).digest(encoding);

/** A tree of words; the key of a sentence is its path, as in "sweep.title". */
export interface PageWords {
  [key: string]: string | PageWords;
}

function* sentencesOf(words: PageWords, path = ''): Generator<[key: string, sentence: string]> {
  for (const [name, value] of Object.entries(words)) {
    if (typeof value === 'string') yield [path + name, value];
    else yield* sentencesOf(value, `${path}${name}.`);
  }
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (letter) => escapes[letter]);

const markUp = (text: string): string =>
  escapeHtml(text)
    .replace(/\*\*(.+?)\*\*/g, '<b>$1</b>')
    .replace(/\*(.+?)\*/g, '<em>$1</em>');

/**
 * Replaces every {{key}} of the page by its sentence. In text, *…* becomes <em> and **…** becomes <b>.
 * @throws Error for a key without a sentence, and for a sentence that the page does not use
 */
export function fillWords(html: string, words: PageWords): string {
  const sentences = new Map(sentencesOf(words));
  const unused = new Set(sentences.keys());
  const page = html.replace(/(=")?\{\{([^{}]*)\}\}/g, (_, attribute: string | undefined, key: string) => {
    const sentence = sentences.get(key);
    if (sentence === undefined)
      throw new Error(`index.html uses the words "${key}", which src/language does not have.`);
    unused.delete(key);
    return attribute ? attribute + escapeHtml(sentence) : markUp(sentence);
  });
  if (unused.size > 0)
    throw new Error(`index.html does not use the words "${[...unused].join('", "')}" of src/language.`);
  return page;
}

/** Fills index.html with words at build time, so that the page shows them before any script runs. */
export function pageWords(words: PageWords): Plugin {
  return {
    name: 'page-words',
    transformIndexHtml: { order: 'pre', handler: (html) => fillWords(html, words) },
  };
}

/** Leaves out the comments of the functions that three.js joins into its shaders, which the page never shows. */
export function leanShaders(): Plugin {
  return {
    name: 'lean-shaders',
    enforce: 'post',
    transform(code, id) {
      if (!/shaders\/draw\/(loom|coverage)[\w-]*\.wgsl\?raw$/.test(id)) return undefined;
      const comments = /^ *\/\/.*\n/gm;
      return code.replace(/"(?:[^"\\]|\\.)*"/, (text) =>
        JSON.stringify(`\n${(JSON.parse(text) as string).replace(comments, '').trim()}\n`),
      );
    },
  };
}

/** A Content-Security-Policy as the first tag of the head. The page may load and run only what the policy names. */
function policyTag(policy: Record<string, string>) {
  const content = Object.entries(policy).map((entry) => entry.join(' '));
  return {
    tag: 'meta',
    injectTo: 'head-prepend' as const,
    attrs: { 'http-equiv': 'Content-Security-Policy', content: content.join('; ') },
  };
}

const policy = {
  'default-src': "'none'",
  'img-src': "'self' data: blob:",
  // lil-gui's icons.
  'font-src': 'data:',
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** Lets the built page load and run its own files only. It forbids inline scripts, inline styles, and code made from text. */
export function contentSecurityPolicy(): Plugin {
  const self = "'self'";
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      // The page fetches weights, hence connect-src.
      policyTag({ ...policy, 'script-src': self, 'style-src': self, 'connect-src': self, 'worker-src': self }),
    ],
  };
}

/**
 * The text of the service worker of a build.
 * @param files names of all files of the build but the worker itself. Each but index.html holds a digest of its content
 * @param page index.html
 */
export function serviceWorkerText(files: readonly string[], page: string): string {
  const version = digest([...files].sort().join() + page, 'hex').slice(0, 16);
  return serviceWorker
    .replace('VERSION', JSON.stringify(version))
    .replace('FILES', JSON.stringify([...files].filter((name) => name !== 'index.html').sort()));
}

/** Adds a service worker that caches the files of the build, so that the page opens without a network from the second visit on. */
export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = String((bundle as Bundle)['index.html']?.source ?? '');
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source: serviceWorkerText(Object.keys(bundle), page),
      });
    },
  };
}

// A release is index.html and the files that it names, whose names hold digests. So one index.html is one whole release, wherever its files
// come from. A load asks the server for index.html first, and takes that of the cache when the server is away or slow: a new release is shown
// at the next load. A new worker starts to work at once. It keeps the cache of the release before, from which an open page still fetches.
// The caches of other pages of the same server stay untouched.
const serviceWorker = `const prefix = 'reformer-lab ' + registration.scope + ' ';
const version = prefix + VERSION;
const files = FILES;
const longestWait = 4000;

// Refuses an index.html of another release: a server may be in the middle of a change.
async function fetchPage() {
  const response = await fetch('./', { cache: 'reload' });
  const named = [...(await response.clone().text()).matchAll(/="[.][/](assets[/][^"]+)"/g)].map(([, name]) => name);
  const isOfRelease = named.length > 0 && named.every((name) => files.includes(name));
  if (!response.ok || !isOfRelease) throw new Error('index.html is of another release');
  return response;
}

addEventListener('install', (event) => {
  const fill = async () => {
    const page = await fetchPage();
    const cache = await caches.open(version);
    await cache.addAll(files);
    await cache.put('./', page);
    await skipWaiting();
  };
  event.waitUntil(fill());
});

addEventListener('activate', (event) => {
  const tidy = async () => {
    const others = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== version);
    // Caches stand in the order in which they were made.
    await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  };
  event.waitUntil(tidy());
});

async function openPage(request) {
  const cached = await (await caches.open(version)).match('./');
  if (!cached) return fetch(request);
  const fresh = fetch(request.url, { cache: 'no-cache', redirect: 'manual' }).then((response) =>
    response.ok || response.type === 'opaqueredirect' ? response : cached,
  );
  const wait = new Promise((resolve) => setTimeout(() => resolve(cached), longestWait));
  return Promise.race([fresh, wait]).catch(() => cached);
}

async function openFile(request) {
  for (const name of (await caches.keys()).filter((name) => name.startsWith(prefix)).reverse()) {
    const response = await (await caches.open(name)).match(request);
    if (response) return response;
  }
  return fetch(request);
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const folder = new URL('./', location.href).href;
  const isPage = request.mode === 'navigate' && [folder, folder + 'index.html'].includes(request.url.split(/[?#]/)[0]);
  event.respondWith(isPage ? openPage(request) : openFile(request));
});
`;

/** Makes one HTML file that holds scripts, styles, workers and weights, and needs no server. */
export function singleFile(): Plugin {
  return {
    name: 'single-file',
    apply: 'build',
    enforce: 'pre',
    config: () => ({
      build: {
        assetsInlineLimit: Number.MAX_SAFE_INTEGER,
        cssCodeSplit: false,
        modulePreload: false,
        rolldownOptions: { output: { codeSplitting: false } },
      },
    }),
    transform(code) {
      let count = 0;
      let imports = '';
      const text = code.replace(
        /new Worker\(new URL\('([^']+)', import\.meta\.url\), \{ type: 'module' \}\)/g,
        (_, path) => {
          const name = `InlineWorker${count++}`;
          imports += `import ${name} from '${path}?worker&inline';\n`;
          return `new ${name}()`;
        },
      );
      return count ? { code: imports + text, map: null } : undefined;
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const files = bundle as unknown as Bundle;
        const page = files['index.html'];
        let html = String(page.source);
        const digests = { script: '', style: '' };
        const inline = (kind: 'script' | 'style', attributes: string, text: string) => {
          digests[kind] += ` 'sha256-${digest(text, 'base64')}'`;
          return () => `<${kind}${attributes}>${text}</${kind}>`;
        };
        for (const [name, file] of Object.entries(files)) {
          if (file === page) continue;
          const text = String(file.code ?? file.source).replace(/<\/(script|style)/gi, '<\\/$1');
          const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
          html = name.endsWith('.css')
            ? html.replace(new RegExp(`<link rel="stylesheet"[^>]*${quoted}"[^>]*>`), inline('style', '', text))
            : html.replace(
                new RegExp(`<script type="module"[^>]*${quoted}"></script>`),
                inline('script', ' type="module"', text),
              );
          delete files[name];
        }
        const sources = {
          'script-src': digests.script.trim(),
          'style-src': digests.style.trim(),
          'connect-src': 'data:',
          'worker-src': 'blob: data:',
        };
        const { attrs } = policyTag({ ...policy, ...sources });
        const tag = `<meta http-equiv="${attrs['http-equiv']}" content="${attrs.content}">`;
        page.source = html.replace('<head>', () => `<head>${tag}`);
      },
    },
  };
}
