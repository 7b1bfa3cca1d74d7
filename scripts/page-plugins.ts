// What `npm run build` and `npm run build:single` add to the page that Vite makes.
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

type Bundle = Record<string, { type: string; fileName: string; code?: string; source?: string | Uint8Array }>;

const digest = (text: string, encoding: 'base64' | 'hex') => createHash('sha256').update(text).digest(encoding);

/** A Content-Security-Policy as the first thing in the head: nothing is loaded and run but what it names. */
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

/** What the built page may load and run: its own files only, and neither inline scripts and styles nor code made of text. */
export function contentSecurityPolicy(): Plugin {
  const own = "'self'";
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      // Connections fetch weights.
      policyTag({ ...policy, 'script-src': own, 'style-src': own, 'connect-src': own, 'worker-src': own }),
    ],
  };
}

/** Files of the build for a service worker that keeps them, so that the page opens without a network from the second visit on. */
export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).sort();
      const page = (bundle as Bundle)['index.html']?.source ?? '';
      // File names hold a digest of what is in them, but for the page's own.
      const version = digest(files.join() + page, 'hex').slice(0, 16);
      const source = serviceWorker
        .replace('VERSION', JSON.stringify(version))
        .replace('FILES', JSON.stringify(['./', ...files]));
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
    },
  };
}

// A new version waits until no page of the old one is open: what that may still ask for is kept until then.
// Other pages of the same server have caches of their own, which are left alone.
const serviceWorker = `const prefix = 'reformer-lab ' + registration.scope + ' ';
const version = prefix + VERSION;
const files = FILES;

addEventListener('install', (event) => {
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(files)));
});

addEventListener('activate', (event) => {
  const isOld = (name) => name.startsWith(prefix) && name !== version;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name)))));
});

addEventListener('fetch', (event) => {
  const { request } = event;
  // The state of the page is in the address.
  const options = { ignoreSearch: request.mode === 'navigate' };
  event.respondWith(
    caches
      .open(version)
      .then((cache) => cache.match(request, options))
      .then((found) => found ?? fetch(request)),
  );
});
`;

/** One HTML file that holds scripts, styles, workers and weights, and needs no server. */
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
