import type { ErrorKind } from '@tidelock/core';

/** Failures that say something about a connection, and nothing about the mailbox that met them. */
const OF_CONNECTION: ReadonlySet<ErrorKind> = new Set(['auth', 'unavailable', 'rate_limited']);

/** Different lanes that have to fail one after the other before the others are kept from trying. */
const LEAST = 5;
const FIRST_MS = 5_000;
const MOST_MS = 300_000;

/** Keeps a thousand mailboxes from finding out one by one that a service is down. */
export interface Circuit {
  /** How many lanes may work side by side now, of so many; 1 while a single one tries. */
  allows(slots: number, now: number): number;
  succeeded(): void;
  failed(laneId: string, kind: ErrorKind, now: number): void;
  /** Milliseconds since the epoch until which nobody tries; null = closed. */
  readonly openUntil: number | null;
}

/** Pure but for what it remembers. All instants are milliseconds since the epoch. */
export function createCircuit(): Circuit {
  const failing = new Set<string>();
  let until: number | null = null;
  let opened = 0;
  return {
    allows: (slots, now) => (until === null ? slots : now >= until ? 1 : 0),
    succeeded() {
      failing.clear();
      until = null;
      opened = 0;
    },
    failed(laneId, kind, now) {
      if (!OF_CONNECTION.has(kind)) return;
      failing.add(laneId);
      if (failing.size < LEAST || (until !== null && now < until)) return;
      until = now + Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(opened, 10));
      opened += 1;
    },
    get openUntil() {
      return until;
    },
  };
}
