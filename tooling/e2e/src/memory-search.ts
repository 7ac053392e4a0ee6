import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const PART = 4 * 1024 * 1024;
/** A pattern may lie across two parts. */
const OVERLAP = 4096;

interface Region {
  readonly start: number;
  readonly end: number;
}

/** Memory that the process can write to: stacks, heaps, whatever was allocated. */
function regionsOf(pid: number): Region[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, start, end, rights] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
      if (start === undefined || end === undefined || !rights?.startsWith('rw')) return [];
      if (line.endsWith('[vvar]') || line.endsWith('[vsyscall]')) return [];
      return [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }];
    });
}

/** Names of the patterns that stand anywhere in the writable memory of a process. Linux. */
export function findInMemory(pid: number, patterns: ReadonlyMap<string, Buffer>): Set<string> {
  const found = new Set<string>();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const part = Buffer.allocUnsafeSlow(PART + OVERLAP);
  try {
    for (const { start, end } of regionsOf(pid))
      for (let at = start; at < end; at += PART) {
        const length = readPart(memory, part, { at, length: Math.min(PART + OVERLAP, end - at) });
        for (const [name, pattern] of patterns)
          if (!found.has(name) && part.subarray(0, length).includes(pattern)) found.add(name);
      }
  } finally {
    closeSync(memory);
    part.fill(0);
  }
  return found;
}

/** A page that is reserved and not there cannot be read; it holds nothing. */
function readPart(memory: number, part: Buffer, { at, length }: { at: number; length: number }): number {
  try {
    return readSync(memory, part, 0, length, at);
  } catch {
    return 0;
  }
}
