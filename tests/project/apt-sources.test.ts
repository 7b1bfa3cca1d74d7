import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { backportsSource, findMirror, parseAptSources } from '../../scripts/environment.mjs';

const lines = `# the main archive
deb [arch=amd64 signed-by=/usr/share/keyrings/archive.gpg] http://mirror.test/debian bookworm main contrib # near
deb http://mirror.test/debian bookworm-updates main
deb-src http://mirror.test/debian bookworm main
# deb http://old.test/debian bookworm main
  deb http://plain.test/debian trixie main
deb http://incomplete.test/debian
`;

const stanzas = `# Written by an installer.
Types: deb deb-src
# URIs: http://old.test/debian
URIs: http://mirror.test/debian https://second.test/debian
Suites: bookworm
  bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/archive.gpg

Enabled: no
Types: deb
URIs: http://off.test/debian
Suites: bookworm
Components: main

types: deb
uris: http://security.test/debian-security
suites: bookworm-security
components: main
signed-by:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb-src
URIs: http://source.test/debian
Suites: bookworm
Components: main
`;

describe('parseAptSources', () => {
  test('reads one source from each line of the one-line format', () => {
    expect(parseAptSources(lines, 'one-line')).toEqual([
      {
        uri: 'http://mirror.test/debian',
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        signedBy: '/usr/share/keyrings/archive.gpg',
      },
      { uri: 'http://mirror.test/debian', suites: ['bookworm-updates'], components: ['main'], signedBy: undefined },
      { uri: 'http://plain.test/debian', suites: ['trixie'], components: ['main'], signedBy: undefined },
    ]);
  });

  test('reads one source for each URI of the deb822 format, without those that are disabled', () => {
    const main = {
      suites: ['bookworm', 'bookworm-updates'],
      components: ['main'],
      signedBy: '/usr/share/keyrings/archive.gpg',
    };
    const [first, second, security, ...others] = parseAptSources(stanzas, 'deb822');
    expect(first).toEqual({ uri: 'http://mirror.test/debian', ...main });
    expect(second).toEqual({ uri: 'https://second.test/debian', ...main });
    expect(security.suites).toEqual(['bookworm-security']);
    expect(others).toEqual([]);
  });

  test('keeps a key that stands in Signed-By itself, line by line', () => {
    const security = parseAptSources(stanzas, 'deb822')[2];
    const written = backportsSource(security, 'bookworm');
    expect(written).toContain('Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDME');
    expect(parseAptSources(written, 'deb822')).toEqual([{ ...security, suites: ['bookworm-backports'] }]);
  });

  test.each(['one-line', 'deb822'] as const)('finds no source in an empty file of the format %s', (format) => {
    expect(parseAptSources('', format)).toEqual([]);
  });
});

describe('findMirror', () => {
  test.each([
    ['one-line', lines],
    ['deb822', stanzas],
  ] as const)('finds the mirror of the main suite in the format %s', (format, text) => {
    expect(findMirror(parseAptSources(text, format), 'bookworm')?.uri).toBe('http://mirror.test/debian');
  });

  test('prefers the mirror that also has updates to a vendor that only uses the name of the suite', () => {
    const vendor = parseAptSources('deb http://vendor.test/apt bookworm main\n', 'one-line');
    expect(findMirror([...vendor, ...parseAptSources(lines, 'one-line')], 'bookworm')?.uri).toBe(
      'http://mirror.test/debian',
    );
    expect(findMirror(vendor, 'bookworm')?.uri).toBe('http://vendor.test/apt');
  });

  test('finds nothing where only a disc or another suite is named', () => {
    const disc = parseAptSources('deb cdrom:[Debian]/ bookworm main\n', 'one-line');
    expect(findMirror(disc, 'bookworm')).toBeUndefined();
    expect(findMirror(parseAptSources(lines, 'one-line'), 'sid')).toBeUndefined();
  });
});

test('backportsSource carries the mirror and its keyring over', () => {
  const mirror = findMirror(parseAptSources(lines, 'one-line'), 'bookworm')!;
  expect(backportsSource(mirror, 'bookworm')).toBe(
    'Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm-backports\nComponents: main\n' +
      'Signed-By: /usr/share/keyrings/archive.gpg\n',
  );
});

test('no script names a host of packages', () => {
  const text = readFileSync(new URL('../../scripts/environment.mjs', import.meta.url), 'utf8');
  expect(text).not.toMatch(/https?:\/\//);
});
