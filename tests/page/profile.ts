import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import puppeteer from 'puppeteer-core';
import type { TestProject } from 'vitest/node';
import { findSystem } from '../../scripts/environment.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of profiles, one of them that of a Firefox which has started once. */
    profiles: string;
  }
}

const used = (profiles: string) => join(profiles, 'used');

/** Firefox starts in half the time with a profile that is not new: in a new one it compiles and stores all of itself. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const profiles = await mkdtemp(join(tmpdir(), 'firefox-profiles-'));
  project.provide('profiles', profiles);
  const { firefox } = findSystem();
  if (firefox) {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: firefox,
      userDataDir: used(profiles),
      timeout: 60_000,
    });
    const page = await browser.newPage();
    await page.goto('data:text/html,');
    await browser.close();
  }
  return () => rm(profiles, { recursive: true, force: true, maxRetries: 5 });
}

/** A copy that one Firefox may change. */
export async function copyProfile(profiles: string): Promise<string> {
  const profile = await mkdtemp(join(profiles, 'copy-'));
  const isNoLock = (path: string) => !/lock$/.test(basename(path));
  await cp(used(profiles), profile, { recursive: true, filter: isNoLock });
  return profile;
}
