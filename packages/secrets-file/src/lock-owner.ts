import { readFileSync, readlinkSync } from 'node:fs';
import * as z from 'zod';

/**
 * Who holds a lock, from /proc: enough to tell a living holder from one that was killed, also when its pid has been
 * given to another process or the machine has been started anew. Where there is no /proc all of it is null.
 */
const OwnerSchema = z.strictObject({
  pid: z.int().nullable(),
  /** Changes with every start of the machine. */
  boot: z.string().nullable(),
  /** Start time of the process in clock ticks. */
  start: z.string().nullable(),
  /** Pid namespace: pids of another one mean nothing here. */
  namespace: z.string().nullable(),
  /** Tells two locks of one process apart. */
  nonce: z.string(),
});
export type LockOwner = z.infer<typeof OwnerSchema>;

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

interface Status {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat; the name in field 2 may hold blanks and brackets. */
  readonly start: string | null;
}

function statusOf(process: number | 'self'): Status | null {
  const stat = attempt(() => readFileSync(`/proc/${process}/stat`, 'utf8'));
  if (stat === null) return null;
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  return { pid: Number.parseInt(stat, 10), start };
}

const self = statusOf('self');
const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'));

export function createOwner(nonce: string): LockOwner {
  return { pid: self?.pid ?? null, boot, start: self?.start ?? null, namespace, nonce };
}

export function fromLockText(text: string): LockOwner | null {
  return attempt(() => OwnerSchema.parse(JSON.parse(text)));
}

/** `unknown`: not to be told from here (another container, a system without /proc). */
export function stateOf(owner: LockOwner): 'alive' | 'gone' | 'unknown' {
  if (owner.boot === null || boot === null) return 'unknown';
  if (owner.boot !== boot) return 'gone';
  if (owner.pid === null || owner.start === null || owner.namespace !== namespace) return 'unknown';
  return statusOf(owner.pid)?.start === owner.start ? 'alive' : 'gone';
}
