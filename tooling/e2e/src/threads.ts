import { readdirSync, readFileSync } from 'node:fs';

const OF_THIS_PROCESS = '/proc/self/task';
/** Running, or ready and waiting for a processor; and waiting for the disk. */
const AT_WORK: ReadonlySet<string | undefined> = new Set(['R', 'D']);

/** State of a thread as the kernel tells it. Its name, in parentheses, may hold anything. */
const toState = (stat: string): string | undefined => stat.slice(stat.lastIndexOf(')') + 2)[0];

function stateOf(thread: string): string | undefined {
  try {
    return toState(readFileSync(`${OF_THIS_PROCESS}/${thread}/stat`, 'latin1'));
  } catch {
    // It has ended since it was listed.
    return undefined;
  }
}

function threads(): readonly string[] {
  try {
    return readdirSync(OF_THIS_PROCESS);
  } catch {
    return [];
  }
}

/**
 * Whether a thread of this process other than the main one has something to do, also one that has not had its turn yet: neither processor
 * time nor a list of Node's tells of a signature that waits in a pool for a processor. To be asked by the main thread.
 * Linux tells; elsewhere nobody seems to be at work.
 */
export function areOthersAtWork(): boolean {
  const main = String(process.pid);
  return threads().some((thread) => thread !== main && AT_WORK.has(stateOf(thread)));
}
