// What the scripts need around them: npm's packages, the two browsers, a Vulkan driver.
// Imports nothing but Node's own modules: it runs before the packages are installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Stands in place of a driver's path where the platform chooses the driver itself. */
export const SYSTEM_DRIVER = 'system';

/** Dawn, which runs WebGPU in Node, refuses lavapipe from older versions of Mesa. */
const OLDEST_MESA_FOR_DAWN = 24;

const VULKAN_FOLDERS = ['/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d'];
const LIBRARY_FOLDERS = [
  `/usr/lib/${{ x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch}-linux-gnu`,
  '/usr/lib64',
  '/usr/lib',
];

/**
 * Files and folders of tests/ that run on the second driver. With SECOND_DRIVER=all all there are of the GPU: lavapipe compiles each
 * kernel in seconds, so that in every run it does those that compare with other implementations and those that hide features.
 */
export const secondTests =
  process.env.SECOND_DRIVER === 'all' ? ['gpu-f16', 'gpu'] : ['gpu-f16', 'gpu/fixtures', 'gpu/masks'];

/** Where `fetchMesa` unpacks, and the driver it leaves. */
const MESA_FOLDER = join(root, '.cache', 'mesa');
const MESA_DRIVER = join(MESA_FOLDER, 'lvp_icd.json');

// ---------------------------------------------------------------- packages

/** Runs `npm ci` where the installed packages are not those of package-lock.json. Its messages go to stderr. */
export function ensurePackages() {
  if (packagesAreCurrent()) return;
  process.stderr.write('Installing packages (npm ci) ...\n');
  const install = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = runNpm(install, { stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    process.stderr.write(`npm ci failed${result.error ? `: ${result.error.message}` : '.'}\n`);
    process.exit(1);
  }
}

export function runNpm(npmParameters, options) {
  const { command, parameters, shell } = npmCommand(npmParameters);
  return spawnSync(command, parameters, { cwd: root, shell, ...options });
}

/** The command that runs npm. npm tells its scripts where it lies: no search then, and no shell on Windows. */
export function npmCommand(parameters) {
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js')
    ? { command: process.execPath, parameters: [npm, ...parameters], shell: false }
    : { command: 'npm', parameters, shell: process.platform === 'win32' };
}

/** Compares contents, not times: npm writes its two lock files in no fixed order, and git sets new times. */
function packagesAreCurrent() {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  const isCurrent = ([path, entry]) =>
    // Optional packages of other platforms are never installed here.
    installed[path] ? installed[path].version === entry.version : entry.optional === true;
  return Object.entries(wanted)
    .filter(([path]) => path !== '')
    .every(isCurrent);
}

function readPackages(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

// ------------------------------------------------------- browsers and driver

/**
 * Finds the browsers and the Vulkan drivers without installing anything. CHROMIUM and FIREFOX name browsers,
 * VK_ICD_FILENAMES or VK_DRIVER_FILES a driver.
 *
 * @returns {import('./environment.mjs').System}
 */
export function findSystem() {
  const chromium = findBrowser('CHROMIUM', CHROMIUM_PLACES);
  const vulkanNode = findDriver(chromium, isNewLavapipe);
  const vulkanSecond = findSecondDriver();
  return {
    chromium,
    firefox: findBrowser('FIREFOX', FIREFOX_PLACES),
    vulkanNode,
    vulkanFirst: vulkanNode === vulkanSecond ? (findSwiftShader(chromium) ?? vulkanNode) : vulkanNode,
    vulkanFirefox: findDriver(chromium, () => true),
    vulkanSecond,
  };
}

/**
 * Like findSystem, but first installs what is missing on Debian and Ubuntu when run as root.
 *
 * @returns {import('./environment.mjs').System}
 */
export function ensureSystem() {
  const distribution = debianOrUbuntu();
  if (distribution && process.getuid?.() === 0) {
    installMissing(distribution, findSystem());
    if (distribution === 'debian' && !findSystem().vulkanSecond) fetchMesa();
  }
  const system = findSystem();
  const missing = [
    !system.chromium && 'Chromium (or name it in CHROMIUM)',
    !system.firefox && 'Firefox (or name it in FIREFOX)',
    (!system.vulkanNode || !system.vulkanFirefox) && 'a Vulkan driver such as mesa-vulkan-drivers',
  ].filter(Boolean);
  if (missing.length > 0) process.stderr.write(`Please install: ${missing.join(', ')}.\n`);
  return system;
}

/** The environment variables that make a child process use `driver`. */
export function driverVariables(driver) {
  if (!driver || driver === SYSTEM_DRIVER) return {};
  // Without any XDG_RUNTIME_DIR, as in a container, the drivers complain on stderr.
  return {
    VK_ICD_FILENAMES: driver,
    VK_DRIVER_FILES: driver,
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
  };
}

const CHROMIUM_PLACES = {
  commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe'],
};

const FIREFOX_PLACES = {
  commands: ['firefox-esr', 'firefox'],
  darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  win32: ['Mozilla Firefox\\firefox.exe'],
};

function findBrowser(variable, places) {
  const named = process.env[variable];
  if (named) return existsSync(named) ? named : undefined;
  return candidates(places).find((path) => existsSync(path) && !isSnap(path));
}

function candidates({ commands, darwin, win32 }) {
  if (process.platform === 'win32') {
    const folders = [process.env.ProgramFiles, process.env['ProgramFiles(x86)'], process.env.LOCALAPPDATA];
    return folders.filter(Boolean).flatMap((folder) => win32.map((path) => join(folder, path)));
  }
  const searchPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = commands.flatMap((command) => searchPath.map((folder) => join(folder, command)));
  return process.platform === 'darwin' ? [...darwin, ...onPath] : onPath;
}

/** A snap (or Ubuntu's script that only asks for one) cannot read the temporary profile a test gives it. */
function isSnap(path) {
  const target = realpathSync(path);
  if (/^\/snap\/|\/snap$/.test(target)) return true;
  return statSync(target).size < 10_000 && /\bsnap install\b|\/snap\/bin\//.test(readFileSync(target, 'latin1'));
}

function findDriver(chromium, accepts) {
  // Mesa's lavapipe is many times faster than Chromium's SwiftShader.
  return findSystemDriver(accepts) ?? findSwiftShader(chromium);
}

/** lavapipe also where there is a GPU: it has the 16-bit floats that SwiftShader and many a driver lack. */
function findSecondDriver() {
  if (process.platform !== 'linux') return undefined;
  return findLavapipe(isNewLavapipe) ?? (existsSync(MESA_DRIVER) ? MESA_DRIVER : undefined);
}

/** The platform's own choice, or else an installed lavapipe. */
function findSystemDriver(accepts) {
  if (process.platform !== 'linux' || isDriverNamed() || hasRealGpu()) return SYSTEM_DRIVER;
  return findLavapipe(accepts);
}

function findLavapipe(accepts) {
  const lavapipe = driverFiles().find((path) => /lvp_icd.*\.json$/.test(path));
  return lavapipe && accepts(lavapipe) ? lavapipe : undefined;
}

function isNewLavapipe(driverFile) {
  return mesaVersion(driverFile) >= OLDEST_MESA_FOR_DAWN;
}

function isDriverNamed() {
  return Boolean(process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES);
}

function driverFiles() {
  return VULKAN_FOLDERS.flatMap((folder) => list(folder).map((name) => join(folder, name)));
}

/** A driver file alone proves nothing: Mesa brings those of all vendors. Ask for the device as well. */
function hasRealGpu() {
  const hasDriver = (pattern) => driverFiles().some((path) => pattern.test(path));
  if (existsSync('/dev/nvidia0') && hasDriver(/nvidia/)) return true;
  const vendors = list('/dev/dri')
    .filter((name) => name.startsWith('renderD'))
    .map((name) => read(`/sys/class/drm/${name}/device/vendor`).trim());
  return (
    (vendors.includes('0x1002') && hasDriver(/radeon|amd/)) ||
    (vendors.includes('0x8086') && hasDriver(/intel/)) ||
    (vendors.includes('0x10de') && hasDriver(/nvidia|nouveau/))
  );
}

/** The major version, from Debian's package, or else from the library's own text. 0 if unknown. */
function mesaVersion(driverFile) {
  const query = spawnSync('dpkg-query', ['-W', 'mesa-vulkan-drivers'], { encoding: 'utf8' });
  if (query.status === 0) return Number(/\t(\d+)\./.exec(query.stdout)?.[1]) || 0;
  const named = JSON.parse(read(driverFile) || '{}').ICD?.library_path ?? '';
  const places = isAbsolute(named)
    ? [named]
    : [dirname(driverFile), ...LIBRARY_FOLDERS].map((folder) => join(folder, named));
  const library = places.find((path) => existsSync(path));
  return Number(library && /Mesa (\d+)\.\d/.exec(read(library))?.[1]) || 0;
}

function findSwiftShader(chromium) {
  const folders = [
    ...(chromium ? [dirname(realpathSync(chromium))] : []),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/usr/lib64/chromium-browser',
    '/opt/google/chrome',
  ];
  return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json')).find((path) => existsSync(path));
}

/** For a browser that may run as root in a container and has no business on the network. */
export const QUIET_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Real WebGPU without a GPU. The first four: with fewer, a canvas stays blank or the GPU process dies. The last spares the work of text. */
const SWIFTSHADER_FLAGS = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  '--disable-gpu-rasterization',
];

/** Chromium's WebGPU needs flags on Linux only. */
export const WEBGPU_FLAGS = process.platform === 'linux' ? SWIFTSHADER_FLAGS : [];

/**
 * What is tested is compiled sooner. No index is kept within bounds, so that one that is not crashes or gives wrong numbers. Workgroup
 * memory is cleared by loops: left to SwiftShader, it is by an instruction a number.
 */
export const QUICK_FLAGS = [
  '--enable-dawn-features=disable_robustness',
  '--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension',
];

// ----------------------------------------------------------------- installing

function debianOrUbuntu() {
  const family =
    read('/etc/os-release')
      .match(/^(ID|ID_LIKE)=.*$/gm)
      ?.join(' ') ?? '';
  return /ubuntu/.test(family) ? 'ubuntu' : /debian/.test(family) ? 'debian' : undefined;
}

function installMissing(distribution, system) {
  const noFonts = list('/usr/share/fonts').length === 0;
  // Ubuntu's packages of the browsers are empty shells around snaps.
  const hasBrowserPackages = distribution === 'debian';
  const packages = [
    hasBrowserPackages && !system.chromium && !process.env.CHROMIUM && 'chromium',
    hasBrowserPackages && !system.firefox && !process.env.FIREFOX && 'firefox-esr',
    // It also brings the loader, which SwiftShader needs too.
    driverFiles().length === 0 && !isDriverNamed() && 'mesa-vulkan-drivers',
    noFonts && 'fonts-dejavu-core',
  ].filter(Boolean);
  if (packages.length === 0) return;
  process.stderr.write(`Installing ${packages.join(', ')} (apt-get) ...\n`);
  const options = { stdio: ['ignore', 'ignore', 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update', '-q'], options);
  // A failure is not the end: what is still missing afterwards is reported by name.
  spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options);
}

/** Unpacks Mesa from Debian's backports into .cache/mesa, for the tests alone. The system keeps its own Mesa. */
function fetchMesa() {
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(read('/etc/os-release'))?.[1];
  if (!codename) return;
  const mirror = findMirror(readAptSources(), codename);
  if (!mirror) {
    process.stderr.write(`No Vulkan driver was fetched: the apt sources name no mirror for ${codename}.\n`);
    return;
  }
  process.stderr.write('Fetching a Vulkan driver with 16-bit floats (apt-get) ...\n');
  const lists = join(MESA_FOLDER, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  // apt reads a list in the deb822 format only from a file of this ending.
  const sources = join(MESA_FOLDER, 'backports.sources');
  writeFileSync(sources, backportsSource(mirror, codename));
  const places = { 'Etc::SourceList': sources, 'Etc::SourceParts': '/dev/null', 'State::Lists': lists };
  const options = Object.entries(places).flatMap(([name, value]) => ['-o', `Dir::${name}=${value}`]);
  const quiet = { cwd: MESA_FOLDER, stdio: 'ignore' };
  spawnSync('apt-get', [...options, 'update'], quiet);
  spawnSync('apt-get', [...options, 'download', 'mesa-vulkan-drivers'], quiet);
  const packages = list(MESA_FOLDER).filter((name) => name.endsWith('.deb'));
  for (const name of packages) spawnSync('dpkg', ['-x', name, '.'], quiet);
  const folder = join(MESA_FOLDER, LIBRARY_FOLDERS[0]);
  const library = join(folder, 'libvulkan_lvp.so');
  if (!existsSync(library)) return;
  const ICD = { api_version: '1.3.0', library_path: library };
  writeFileSync(MESA_DRIVER, JSON.stringify({ file_format_version: '1.0.0', ICD }));
}

const APT_FOLDER = '/etc/apt';

function readAptSources() {
  const parts = list(join(APT_FOLDER, 'sources.list.d'))
    .filter((name) => /\.(list|sources)$/.test(name))
    .sort()
    .map((name) => join('sources.list.d', name));
  return ['sources.list', ...parts].flatMap((name) =>
    parseAptSources(read(join(APT_FOLDER, name)), name.endsWith('.sources') ? 'deb822' : 'one-line'),
  );
}

/**
 * The binary packages' sources in one file of apt: one entry for each URI. A file ending in .sources has the format 'deb822', every
 * other file has one source a line.
 *
 * @returns {import('./environment.mjs').AptSource[]}
 */
export function parseAptSources(text, format) {
  return format === 'deb822' ? text.split(/\n\s*\n/).flatMap(parseStanza) : text.split('\n').flatMap(parseLine);
}

/** `deb [options] URI suite component …` */
function parseLine(line) {
  const [, options = '', rest] = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?([^#]+)/.exec(line) ?? [];
  if (!rest) return [];
  const [uri, suite, ...components] = rest.trim().split(/\s+/);
  const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
  return suite ? [{ uri, suites: [suite], components, signedBy }] : [];
}

/** `Field: value` lines. A line that begins with a space continues the value: a key in Signed-By has many lines. */
function parseStanza(stanza) {
  const fields = new Map();
  let field = '';
  for (const line of stanza.split('\n').filter((line) => line.trim() && !line.startsWith('#'))) {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name) {
      field = name.toLowerCase();
      fields.set(field, value.trimEnd());
    } else if (field) {
      fields.set(field, `${fields.get(field)}\n${line.trimEnd()}`);
    }
  }
  const words = (name) => (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
  const isEnabled = !/^(no|false|without|off|disable)$/i.test(fields.get('enabled') ?? 'yes');
  if (!isEnabled || !words('types').includes('deb')) return [];
  const rest = { suites: words('suites'), components: words('components'), signedBy: fields.get('signed-by') };
  return words('uris').map((uri) => ({ uri, ...rest }));
}

/**
 * The source of the distribution's own packages. Other vendors name their suites after the distribution too, but only its mirror also
 * has the suite of updates or of backports.
 */
export function findMirror(sources, codename) {
  const candidates = sources.filter(
    ({ uri, suites, components }) =>
      !uri.startsWith('cdrom:') && suites.includes(codename) && components.includes('main'),
  );
  const isMirror = ({ uri }) =>
    sources.some(
      (other) =>
        other.uri === uri &&
        [`${codename}-updates`, `${codename}-backports`].some((name) => other.suites.includes(name)),
    );
  return candidates.find(isMirror) ?? candidates[0];
}

/** The suite of backports on that mirror, in the deb822 format, which also takes a whole key as Signed-By. */
export function backportsSource({ uri, signedBy }, codename) {
  const lines = ['Types: deb', `URIs: ${uri}`, `Suites: ${codename}-backports`, 'Components: main'];
  if (signedBy) lines.push(`Signed-By: ${signedBy}`);
  return `${lines.join('\n')}\n`;
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
