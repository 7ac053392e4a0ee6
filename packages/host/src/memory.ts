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
/** What the heap of the main thread may come to before V8 looks through it again, where what lives in it allows that. Bytes. */
const ROOM = 90 * MB;
/** Per cent by which old memory may grow between two collections. V8 lets it grow by 8 MB at least. */
const GROWTH = { least: 15, most: 80 };
/** What it may come to before everything is looked through at once. Bytes. */
const ROOM_AT_ONCE = 82 * MB;
/** Per cent by which V8 lets old memory grow while we collect, so that it does not begin before: for all threads, so not by any number. */
const MOST_AT_ONCE = 200;

/**
 * Per cent by which old memory may grow until V8's next collection, by the bytes that live in it now. V8 takes the percentage
 * that is set when that collection ends, of what lives then: so even where all that is new stays, twice the growth fits into the room.
 */
export function growthFor(living: number): number {
  const percent = Math.round((Math.sqrt(ROOM / living) - 1) * 100);
  return Math.min(GROWTH.most, Math.max(GROWTH.least, percent));
}

export interface Bounds {
  /** Bytes of heap from which on everything is looked through at once; null = V8 does it by itself, bit by bit. */
  readonly collectAt: number | null;
  /** `--heap-growing-percent` until the next collection. */
  readonly percent: number;
}

/**
 * When old memory is looked through next, by the bytes that live in it now, in a process that may stand still for it: when the room is
 * full, or, where that leaves too little for what is new, when it has grown by as much as V8 would be allowed. Never left to V8 half way: its
 * limit was set by what lived before, and lies at twice of what is wanted (0784).
 */
export function boundsFor(living: number): Bounds {
  const collectAt = Math.max(ROOM_AT_ONCE, living * (1 + growthFor(living) / 100));
  const percent = Math.ceil(((collectAt * 1.5) / living - 1) * 100);
  return { collectAt, percent: Math.min(MOST_AT_ONCE, percent) };
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

export interface MemoryOptions {
  /**
   * Nobody waits for an answer of this process: it stands still for 20 to 50 ms where everything is looked through. Default: V8 does it bit by
   * bit, beside the work, which costs almost twice the processor time and no longer pause than a few milliseconds.
   */
  readonly atOnce?: boolean;
}

/**
 * For a process that syncs and does little else: old memory is looked through before it has grown by much, and by a seventh where
 * much lives in it, not by several times. Looking through it costs by what lives, so a small process does it less often
 * (docs/benchmarks.md, docs/decisions/0783). And `Headers`, `Request` and `Response` are those of the client that is loaded anyway: Node would load its own at
 * their first use, 12 MB.
 */
export function keepMemoryLow({ atOnce = false }: MemoryOptions = {}): void {
  const collect = atOnce ? collector() : undefined;
  let bounds: Bounds = { collectAt: null, percent: 0 };
  const adapt = (): void => {
    const living = getHeapStatistics().used_heap_size;
    const next = atOnce ? boundsFor(living) : { collectAt: null, percent: growthFor(living) };
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
      collect?.({ type: 'major', execution: 'sync' });
      // At once: told of it later, what has died since would be taken for living.
      adapt();
    }
  }).observe({ entryTypes: ['gc'] });
  install();
}
