import {
  constants,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { install } from 'undici';

type Collection = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail };

const MB = 1024 * 1024;
/** What the heap of the main thread may come to before its old memory is looked through, where what lives in it allows that. Bytes. */
const ROOM = 82 * MB;
/** By how much it may grow at least between two collections, where more than the room lives in it. */
const LEAST_GROWTH = 0.15;
/** From so much that lives on, V8 looks through it bit by bit: all at once would stop everything for a tenth of a second. Bytes. */
const LARGE = 100 * MB;
/** Per cent by which V8 lets old memory grow until it begins by itself, which it must not while we collect: for all threads, so not by any number. */
const MOST_PERCENT = 200;

export interface Bounds {
  /** Bytes of heap from which on everything is looked through at once; null = V8 does it by itself. */
  readonly collectAt: number | null;
  /** `--heap-growing-percent` until the next collection. */
  readonly percent: number;
}

/** When old memory is looked through next, by the bytes that live in it now. */
export function boundsFor(living: number): Bounds {
  if (living > LARGE) return { collectAt: null, percent: LEAST_GROWTH * 100 };
  const collectAt = Math.max(ROOM, Math.round(living * (1 + LEAST_GROWTH)));
  const percent = Math.ceil(((collectAt * 1.5) / living - 1) * 100);
  return { collectAt, percent: Math.min(MOST_PERCENT, percent) };
}

type Collect = (how: { readonly type: 'major'; readonly execution: 'sync' }) => void;

/** V8's own function, which Node shows to nobody unless it is asked to when it starts. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return collect;
}

const isMajor = (entry: PerformanceEntry): boolean =>
  (entry as Collection).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;

/**
 * For a process that syncs and does little else: old memory is looked through before it has grown by much, and all at once. V8 would begin
 * earlier, beside the work: what dies meanwhile stays until the next time, what is written is noted down, and each look costs almost twice
 * the processor time (docs/decisions/0783). A process in which much lives is left to V8. And `Headers`, `Request` and `Response` are those of the client that is
 * loaded anyway: Node would load its own at their first use, 12 MB.
 */
export function keepMemoryLow(): void {
  const collect = collector();
  let bounds: Bounds = { collectAt: ROOM, percent: 0 };
  const adapt = (): void => {
    const next = boundsFor(getHeapStatistics().used_heap_size);
    if (next.percent !== bounds.percent) setFlagsFromString(`--heap-growing-percent=${next.percent}`);
    bounds = next;
  };
  adapt();
  // Wakes nobody: where nothing is allocated, nothing is collected.
  new PerformanceObserver((list) => {
    const { collectAt } = bounds;
    if (collectAt === null) {
      if (list.getEntries().some(isMajor)) adapt();
    } else if (getHeapStatistics().used_heap_size > collectAt) {
      collect({ type: 'major', execution: 'sync' });
      // At once: told of it later, what has died since would be taken for living.
      adapt();
    }
  }).observe({ entryTypes: ['gc'] });
  install();
}
