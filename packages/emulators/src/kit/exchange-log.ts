/** One request and its answer. `at` is the emulator's time at the answer; `inBatch` is the seq of the outer batch request. */
export interface Exchange {
  seq: number;
  at: number;
  method: string;
  url: string;
  path: string;
  requestHeaders: Record<string, string>;
  requestBody?: unknown;
  status: number | 'lost';
  responseHeaders: Record<string, string>;
  responseBody?: unknown;
  inBatch?: number;
}

export interface ExchangeLog {
  /** Oldest first. */
  readonly entries: readonly Exchange[];
  /** Counts every exchange since creation or `clear`, kept or not. */
  count(filter?: { method?: string; path?: RegExp }): number;
  on(listener: (e: Exchange) => void): () => void;
  clear(): void;
  /** Ring size; 0 keeps none but still counts. */
  keep: number;
}

/** The emulator's side of the log. `reserve` gives a seq ahead of time, for the inner requests of a batch to point at. */
export interface ExchangeRecorder extends ExchangeLog {
  reserve(): number;
  record(exchange: Omit<Exchange, 'seq'>, seq?: number): void;
}

export function createExchangeLog(keep = 10_000): ExchangeRecorder {
  const entries: Exchange[] = [];
  const listeners = new Set<(e: Exchange) => void>();
  const counts = new Map<string, Map<string, number>>();
  let lastSeq = 0;

  const addCount = (method: string, path: string): void => {
    const byPath = counts.get(method) ?? new Map<string, number>();
    counts.set(method, byPath);
    byPath.set(path, (byPath.get(path) ?? 0) + 1);
  };

  const log: ExchangeRecorder = {
    entries,
    keep,
    count(filter = {}) {
      let total = 0;
      for (const [method, byPath] of counts) {
        if (filter.method !== undefined && filter.method.toUpperCase() !== method) continue;
        for (const [path, times] of byPath) {
          if (filter.path === undefined || path.search(filter.path) >= 0) total += times;
        }
      }
      return total;
    },
    on(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    clear() {
      entries.length = 0;
      counts.clear();
    },
    reserve() {
      lastSeq += 1;
      return lastSeq;
    },
    record(exchange, seq) {
      const entry: Exchange = { seq: seq ?? log.reserve(), ...exchange };
      addCount(entry.method.toUpperCase(), entry.path);
      entries.push(entry);
      while (entries.length > log.keep) entries.shift();
      for (const listener of listeners) listener(entry);
    },
  };
  return log;
}
