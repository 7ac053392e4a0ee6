import { readFileSync } from 'node:fs';
import { env, geteuid, kill, pid } from 'node:process';

/**
 * What this adapter must know about the machine and cannot be handed: who owns files, who holds a lock, and the
 * places where an operator puts a key. The only file here that looks at the process.
 */
export const ownPid: number = pid;

/** Effective user id, or null where the system has none. */
export function ownUid(): number | null {
  return geteuid?.() ?? null;
}

export function environmentValue(name: string): string | undefined {
  return env[name];
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Changes with every start of the machine; null where the system does not tell. */
export const bootId: string | null = readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? null;

/** Start time of a process in clock ticks (field 22 of /proc/PID/stat), which tells two owners of one pid apart. */
export function startOf(process: number): string | null {
  const stat = readOrNull(`/proc/${process}/stat`);
  if (stat === null) return null;
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

export function isRunning(process: number): boolean {
  try {
    return kill(process, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
