import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@tidelock/core';
import { createFailure, fromSystem, systemCode } from './errors.ts';
import { bootId, isRunning, ownPid, startOf } from './machine.ts';

/** Longest wait for other writers; one write takes a few milliseconds. */
const DEADLINE_MS = 15_000;
const RETRY_MS = 4;

/**
 * Node has no `flock`. The lock is a file that says who holds it, published by `link(2)`, which either creates it
 * whole or fails: a lock made with `open('wx')` and filled afterwards can be left empty by a kill, and nobody may
 * break an empty lock. Valid between processes of one machine and one pid namespace.
 */
interface Owner {
  readonly pid: number;
  readonly boot: string | null;
  readonly start: string | null;
}

function isOwner(value: unknown): value is Owner {
  return typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number';
}

function fromText(text: string): Owner | null {
  try {
    const value: unknown = JSON.parse(text);
    return isOwner(value) ? value : null;
  } catch {
    return null;
  }
}

function isDead(text: string): boolean {
  const owner = fromText(text);
  if (owner === null) return false;
  if (owner.boot !== bootId) return true;
  if (owner.start === null) return !isRunning(owner.pid);
  return startOf(owner.pid) !== owner.start;
}

async function remove(file: string): Promise<void> {
  await unlink(file).catch(() => undefined);
}

async function contentOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

async function claim(lock: string): Promise<boolean> {
  const temporary = `${lock}.${ownPid}.${randomBytes(6).toString('hex')}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    const owner: Owner = { pid: ownPid, boot: bootId, start: startOf(ownPid) };
    await handle.writeFile(JSON.stringify({ ...owner, nonce: randomBytes(6).toString('hex') }));
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

/** Breaks a lock only if its owner is gone, only under a second lock made the same way, and only after a second look. */
async function breakIfDead(lock: string): Promise<void> {
  const seen = await contentOf(lock);
  if (seen === null || !isDead(seen)) return;
  const breaker = `${lock}.break`;
  if (!(await claim(breaker))) {
    const other = await contentOf(breaker);
    if (other !== null && isDead(other)) await remove(breaker);
    return;
  }
  try {
    if ((await contentOf(lock)) === seen) await remove(lock);
  } finally {
    await remove(breaker);
  }
}

/** Private files of claimants that were killed between writing and linking. */
async function removeAbandonedClaims(lock: string): Promise<void> {
  const prefix = `${path.basename(lock)}.`;
  const names = await readdir(path.dirname(lock)).catch(() => []);
  for (const name of names) {
    const match = /^(?:break\.)?(\d+)\.[0-9a-f]{12}$/.exec(
      name.startsWith(prefix) ? name.slice(prefix.length) : '',
    );
    if (match && !isRunning(Number(match[1]))) await remove(path.join(path.dirname(lock), name));
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
      await breakIfDead(lock);
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
    await removeAbandonedClaims(lock);
    return await work();
  } finally {
    await remove(lock);
  }
}
