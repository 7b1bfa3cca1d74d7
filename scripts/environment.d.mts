import type { SpawnSyncOptions, SpawnSyncReturns } from 'node:child_process';

/** Absolute paths; a driver may also be SYSTEM_DRIVER. Undefined: not on this machine. */
export interface System {
  chromium: string | undefined;
  firefox: string | undefined;
  /** The quickest that Dawn accepts: a GPU's own if there is one. */
  vulkanNode: string | undefined;
  /** That of most tests: `vulkanNode`, or SwiftShader where that is the second already. */
  vulkanFirst: string | undefined;
  vulkanFirefox: string | undefined;
  /** lavapipe, which has all optional features there are to hide. */
  vulkanSecond: string | undefined;
}
export const root: string;
export const secondTests: readonly string[];
export const SYSTEM_DRIVER: 'system';
export function ensurePackages(): void;
export function npmCommand(parameters: string[]): { command: string; parameters: string[]; shell: boolean };
export function runNpm(parameters: string[], options: SpawnSyncOptions): SpawnSyncReturns<Buffer>;
export function ensureSystem(): System;
export function findSystem(): System;
/** One URI of a source of apt's packages. `signedBy` is the path of a keyring, a fingerprint or a whole key. */
export interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
  signedBy: string | undefined;
}
export function parseAptSources(text: string, format: 'one-line' | 'deb822'): AptSource[];
export function findMirror(sources: AptSource[], codename: string): AptSource | undefined;
export function backportsSource(mirror: AptSource, codename: string): string;
export function driverVariables(driver: string | undefined): Record<string, string>;
export const QUIET_FLAGS: string[];
export const WEBGPU_FLAGS: string[];
export const QUICK_FLAGS: string[];
