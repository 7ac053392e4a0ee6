import {
  constants,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { install } from 'undici';

type Collection = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail };

/** What the heap of the main thread may come to before it is looked through again, where what lives in it allows that. Bytes. */
const ROOM = 90 * 1024 * 1024;
/** Per cent by which old memory may grow between two collections. V8 lets it grow by 8 MB at least. */
const GROWTH = { least: 15, most: 80 };

/**
 * Per cent by which old memory may grow until the next collection, by the bytes that live in it now. V8 takes the percentage
 * that is set when that collection ends, of what lives then: so even where all that is new stays, twice the growth fits into the room.
 */
export function growthFor(living: number): number {
  const percent = Math.round((Math.sqrt(ROOM / living) - 1) * 100);
  return Math.min(GROWTH.most, Math.max(GROWTH.least, percent));
}

const isMajor = (entry: PerformanceEntry): boolean =>
  (entry as Collection).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;

/**
 * For a process that syncs and does little else: old memory is looked through before it has grown by much, and by a seventh where
 * much lives in it, not by several times. Looking through it costs by what lives, so a small process does it less often
 * (docs/benchmarks.md). And `Headers`, `Request` and `Response` are those of the client that is loaded anyway: Node would load its own at
 * their first use, 12 MB.
 */
export function keepMemoryLow(): void {
  let set = 0;
  const adapt = (): void => {
    const growth = growthFor(getHeapStatistics().used_heap_size);
    if (growth === set) return;
    set = growth;
    setFlagsFromString(`--heap-growing-percent=${growth}`);
  };
  adapt();
  // Wakes nobody: where nothing is allocated, nothing is collected.
  new PerformanceObserver((list) => {
    if (list.getEntries().some(isMajor)) adapt();
  }).observe({ entryTypes: ['gc'] });
  install();
}
