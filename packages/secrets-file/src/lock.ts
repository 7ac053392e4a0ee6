import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@tidelock/core';
import { createFailure, fromSystem, systemCode } from './errors.ts';
import { createOwner, fromLockText, stateOf } from './lock-owner.ts';

/** Longest wait for other writers; one write takes a few milliseconds. */
const DEADLINE_MS = 15_000;
const RETRY_MS = 4;

/** A lock whose holder cannot be looked at from here is given up as abandoned after this time. */
const UNKNOWN_MS = 60_000;

async function remove(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
}

async function contentOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

/**
 * Node has no `flock`. The lock is a file that says who holds it, published by `link(2)`, which either creates it
 * whole or fails: a lock made with `open('wx')` and filled afterwards can be left empty by a kill, and nobody may
 * break an empty lock.
 */
async function claim(lock: string): Promise<boolean> {
  const nonce = randomBytes(6).toString('hex');
  const temporary = `${lock}.${nonce}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(createOwner(nonce)));
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, lock);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await remove(temporary);
  }
}

async function isAbandoned(lock: string, text: string, now: number): Promise<boolean> {
  const owner = fromLockText(text);
  const state = owner === null ? 'unknown' : stateOf(owner);
  if (state !== 'unknown') return state === 'gone';
  const status = await stat(lock).catch(() => null);
  return status !== null && now - status.mtimeMs > UNKNOWN_MS;
}

/** Breaks a lock only if its owner is gone, only under a second lock made the same way, and only after a second look. */
async function breakIfAbandoned(lock: string, now: number): Promise<void> {
  const seen = await contentOf(lock);
  if (seen === null || !(await isAbandoned(lock, seen, now))) return;
  const breaker = `${lock}.break`;
  if (!(await claim(breaker))) {
    const other = await contentOf(breaker);
    if (other !== null && (await isAbandoned(breaker, other, now))) await remove(breaker);
    return;
  }
  try {
    if ((await contentOf(lock)) === seen) await remove(lock);
  } finally {
    await remove(breaker);
  }
}

/** Private files of claimants that were killed between writing and linking. */
async function removeAbandonedClaims(lock: string, now: number): Promise<void> {
  const prefix = `${path.basename(lock)}.`;
  const names = await readdir(path.dirname(lock)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix) || !/^(?:break\.)?[0-9a-f]{12}$/.test(name.slice(prefix.length))) continue;
    const file = path.join(path.dirname(lock), name);
    const text = await contentOf(file);
    if (text !== null && (await isAbandoned(file, text, now))) await remove(file);
  }
}

export interface Locking {
  readonly clock: Clock;
  readonly operation: string;
}

/** Runs `work` while no other process of this machine does. Throws `unavailable` (LOCK_TIMEOUT) after 15 s. */
export async function withLock<T>(lock: string, locking: Locking, work: () => Promise<T>): Promise<T> {
  const { clock, operation } = locking;
  const deadline = clock.mono() + DEADLINE_MS;
  try {
    while (!(await claim(lock))) {
      await breakIfAbandoned(lock, clock.now());
      if (clock.mono() >= deadline) {
        const remedy = `If no process of this machine uses it, delete ${lock}.`;
        throw createFailure('LOCK_TIMEOUT', {
          operation,
          text: `${lock} is held by another process`,
          remedy,
        });
      }
      await clock.sleep(RETRY_MS);
    }
  } catch (error) {
    throw fromSystem(error, operation, lock);
  }
  try {
    await removeAbandonedClaims(lock, clock.now());
    return await work();
  } finally {
    await remove(lock);
  }
}
