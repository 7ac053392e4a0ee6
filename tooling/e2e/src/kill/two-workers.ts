import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliRun } from '../cli.ts';
import type { EffectPoint } from './point.ts';
import { requireEnd } from './require-end.ts';
import { type Scene, sync } from './scene.ts';

const BUSY = 6;
const POLL_MS = 10;
/** A lease runs for a minute; a little more by the clock. */
const LEASE_MS = 61_000;

const textOf = ({ effect, when }: EffectPoint): string => `${effect}:${when}`;

/** Is the process stopped, as the kernel sees it? */
function isStopped({ pid }: ChildProcess): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).startsWith('T');
  } catch {
    return false;
  }
}

interface Stopped {
  readonly run: Promise<CliRun>;
  /** False when it ended before it came to the point. */
  readonly reached: boolean;
  wake(): void;
}

/** A sync that is stopped at a point of its own. */
async function stoppedAt(folder: string, point: EffectPoint): Promise<Stopped> {
  let child: ChildProcess | undefined;
  let ended = false;
  const run = sync(folder, {
    env: { TIDELOCK_STOP_AT: textOf(point) },
    onStart: (started) => {
      child = started;
    },
  }).finally(() => {
    ended = true;
  });
  while (!ended && (child === undefined || !isStopped(child))) await sleep(POLL_MS);
  return { run, reached: !ended, wake: () => void child?.kill('SIGCONT') };
}

/**
 * Row 18 with another worker: the first one is stopped, its lease runs out, the other one does the work, and the first
 * one goes on where it stood. Whatever it still sends meets what is there by now.
 */
export async function paused(
  scene: Scene,
  { pause, wait = false }: { readonly pause: EffectPoint; readonly wait?: boolean },
): Promise<boolean> {
  const first = await stoppedAt(scene.folder, pause);
  try {
    if (first.reached && wait) await sleep(LEASE_MS);
    else await scene.endLeases();
    requireEnd(await sync(scene.otherFolder), 'the other worker');
  } finally {
    first.wake();
  }
  requireEnd(await first.run, 'the worker that was paused', [0, 5, BUSY]);
  return first.reached;
}

/** Row 18 where one process works in a folder: nobody takes its place while it sleeps, and it goes on afterwards. */
export async function pausedAlone(scene: Scene, pause: EffectPoint): Promise<boolean> {
  const first = await stoppedAt(scene.folder, pause);
  try {
    if (first.reached) requireEnd(await sync(scene.folder), 'the second process in the folder', [BUSY]);
  } finally {
    first.wake();
  }
  requireEnd(await first.run, 'the process that was paused');
  return first.reached;
}

/** Row 1 as another worker meets it: the lane of a dead one is taken once its lease has run out, and not before. */
export async function otherAfterDeath(scene: Scene, point: EffectPoint): Promise<boolean> {
  const first = await sync(scene.folder, { env: { TIDELOCK_CRASH_AT: textOf(point) } });
  await scene.endLeases();
  requireEnd(await sync(scene.otherFolder), 'the other worker');
  return first.code === 'SIGKILL';
}

/** Two workers at once over the same lanes; the first one dies on the way, the other one goes on. */
export async function sideBySide(scene: Scene, point: EffectPoint): Promise<boolean> {
  const [first, second] = await Promise.all([
    sync(scene.folder, { env: { TIDELOCK_CRASH_AT: textOf(point) } }),
    sync(scene.otherFolder),
  ]);
  requireEnd(second, 'the other worker', [0, 5, BUSY]);
  requireEnd(first, 'the worker that dies', [0, 5, BUSY, 'SIGKILL']);
  await scene.endLeases();
  return true;
}
