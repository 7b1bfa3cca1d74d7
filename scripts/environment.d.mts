import type { SpawnSyncOptions, SpawnSyncReturns } from 'node:child_process';

/** Absolute paths; a driver may also be SYSTEM_DRIVER. Undefined: not on this machine. */
export interface System {
  chromium: string | undefined;
  firefox: string | undefined;
  vulkanNode: string | undefined;
  vulkanFirefox: string | undefined;
  vulkanSecond: string | undefined;
}
export const root: string;
export const secondTests: readonly string[];
export const SYSTEM_DRIVER: 'system';
export function ensurePackages(): void;
export function runNpm(parameters: string[], options: SpawnSyncOptions): SpawnSyncReturns<Buffer>;
export function ensureSystem(): System;
export function findSystem(): System;
export function driverVariables(driver: string | undefined): Record<string, string>;
export const QUIET_FLAGS: string[];
export const WEBGPU_FLAGS: string[];
export const QUICK_FLAGS: string[];
