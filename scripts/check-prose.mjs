// `node scripts/check-prose.mjs` finds idioms that CONTRIBUTING.md's rule of plain English excludes, in comments, texts and documents.
// Prints `file:line: "words" → alternative` for each and exits with code 1 if there are any. To add an idiom, add a line to the table.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** [idiom, plain alternative]. Cases do not matter, and a space matches the end of a line, also inside a comment. */
export const idioms = [
  [/\b(?:says?|said|saying) so\b/, 'shows a notice, prints a message, throws an error'],
  [/\b(?:is|are|was|were|been) told\b/, 'receives, is passed'],
  [/\b(?:hears?|heard|hearing) (?:of|that|from)\b/, 'receives, is notified of'],
  [/\bone hears\b/, 'name who receives what'],
  [/\b(?:is|are|was|were) said\b/, 'the message is'],
  [/\bsays? that it\b/, 'reports, shows'],
  [/\bsaid right\b/, 'accuracy, correct'],
  [/\bspeaks? of\b/, 'refers to'],
  [/\bexplains? itself\b/, 'shows its definition'],
  [/\b(?:know|knows|knew) nothing (?:of|about)\b/, 'does not depend on, does not use'],
  [/\basked with\b/, 'evaluated with'],
  [/\bwho (?:asks|hears)\b/, 'the caller'],
  [/\bwhoever\b/, 'the caller, anyone who'],
  [
    /\b(?:(?:which|that|whom|if) nobody|nobody (?:has |had )?(?:asks?|asked|says?|said|sees?|saw|does|did|chose|caught|waits?))\b/,
    'unused, hidden, unless, by default',
  ],
  [/\bwhat cannot be\b/, 'invalid input, or the noun'],
  [/\bwhat (?:\w+ ){1,3}(?:comes?|came) to\b/, 'the result of'],
  [/\b(?:comes?|came|coming) to nothing\b/, 'fails, has no effect'],
  [/\b(?:all|what) there is to\b/, 'the remaining work, or the noun'],
  [/\bnothing goes on\b/, 'pauses, stops'],
  [/\bnothing may be missing\b/, 'a missing … fails the run'],
  [/\bof those that\b/, 'name the things'],
  [/\bwhere there (?:is|are) none\b/, 'without one'],
  [/\bone (?:thing )?after the other\b/, 'in order, in turn'],
  [/\bgo(?:es)? by (?:its|their)\b/, 'uses, follows'],
  [/\bplays an? (?:GPU|CPU|device)\b/, 'emulates a GPU, is a software device'],
  [/\b(?:take|takes|taking|took|taken)(?: \w+)? along\b/, 'export'],
  [/\bso manieth\b/, 'n-th, at index n'],
  [/\bto be had\b/, 'available'],
  [/\bfor ever\b/, 'forever'],
  [/\bin vain\b/, 'without success, timed out'],
  [/\b(?:ends?|ended) itself\b/, 'exits, crashes'],
  [/\b(?:is|are) lit by\b/, 'is highlighted by'],
  [/\b(?:is|are) another thing\b/, 'differs, is different'],
  [/\bas (?:large|many|much|near|equal) as (?:may|can) be\b/, 'the largest, the most'],
  [/\bthe very same\b/, 'the same'],
  [/\bthe core(?:['’]s)?\b(?! idea)/, 'the CPU engine, the plain engine'],
];

/** Sentences of the paper or of other sources that may contain an idiom, word for word. */
const quotations = [];

const paths = [
  'src',
  'docs',
  'tests',
  'shaders',
  'scripts',
  'index.html',
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
];
const endings = ['.ts', '.mts', '.mjs', '.md', '.wgsl', '.html', '.css', '.py'];

const patterns = idioms.map(([idiom, plain]) => ({
  plain,
  // A line may end between two words, and the next may begin with the mark of a comment.
  idiom: new RegExp(idiom.source.replaceAll(' ', String.raw`(?:\s+(?:(?:\*|//|#|>) )?)`), 'gi'),
}));

/**
 * All idioms in a text, in the order of lines.
 * @param {string} text
 * @returns {{ line: number, words: string, plain: string }[]}
 */
export function findIdioms(text) {
  // Quotations become blanks of the same length, so that lines keep their numbers.
  const prose = quotations.reduce((rest, words) => rest.replaceAll(words, ' '.repeat(words.length)), text);
  const hits = patterns.flatMap(({ idiom, plain }) =>
    [...prose.matchAll(idiom)].map(({ index, 0: words }) => ({
      line: prose.slice(0, index).split('\n').length,
      words: words.replace(/\s+(?:(?:\*|\/\/|#|>) )?/g, ' '),
      plain,
    })),
  );
  return hits.sort((a, b) => a.line - b.line);
}

function main() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const files = paths.flatMap((path) =>
    statSync(join(root, path)).isFile()
      ? [path]
      : readdirSync(join(root, path), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && endings.includes(extname(entry.name)))
          .map((entry) => join(entry.parentPath, entry.name).slice(root.length)),
  );
  let count = 0;
  for (const file of files.sort()) {
    for (const { line, words, plain } of findIdioms(readFileSync(join(root, file), 'utf8'))) {
      console.log(`${file}:${line}: "${words}" → ${plain}`);
      count++;
    }
  }
  console.log(count ? `${count} idioms. CONTRIBUTING.md explains plain English.` : 'No idioms.');
  process.exitCode = count ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
