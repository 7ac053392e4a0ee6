import type { AccessToken, AdapterError } from '@tidelock/core';

/** A token with both clocks' view of its end: the wall clock can be set back, the other can stop in a suspend. */
export interface Held {
  readonly token: AccessToken;
  readonly endsMono: number;
  /** Wall clock of the request. Much less than that now means that the clock was set back. */
  readonly since: number;
  readonly refreshMono: number;
  /** With less left than this it is not handed out. */
  readonly floorMs: number;
}

/** What is known of one tenant and scope. */
export interface Entry {
  held: Held | null;
  flight: Promise<Held> | null;
  fails: number;
  /** Monotonic; no request before it. */
  nextTryMono: number;
  error: AdapterError | null;
  /** Monotonic instant of the last renewal that somebody forced. */
  forcedMono: number;
}

export interface Entries {
  get(tenant: string, scope: string): Entry | undefined;
  /** Makes room by dropping the entry that was made longest ago and is not being renewed. */
  open(tenant: string, scope: string): Entry;
  forget(tenant: string): void;
  clear(): void;
  readonly size: number;
}

export function createEntries(maxEntries: number): Entries {
  const entries = new Map<string, Entry>();
  const keyOf = (tenant: string, scope: string): string => `${tenant} ${scope}`;

  const makeRoom = (): void => {
    if (entries.size < maxEntries) return;
    for (const [key, entry] of entries) {
      if (entry.flight) continue;
      entries.delete(key);
      return;
    }
  };

  return {
    get: (tenant, scope) => entries.get(keyOf(tenant, scope)),
    open(tenant, scope) {
      makeRoom();
      const entry: Entry = {
        held: null,
        flight: null,
        fails: 0,
        nextTryMono: Number.NEGATIVE_INFINITY,
        error: null,
        forcedMono: Number.NEGATIVE_INFINITY,
      };
      entries.set(keyOf(tenant, scope), entry);
      return entry;
    },
    forget(tenant) {
      for (const key of entries.keys()) if (key.startsWith(`${tenant} `)) entries.delete(key);
    },
    clear: () => entries.clear(),
    get size() {
      return entries.size;
    },
  };
}
