/** A place in the order of a store's own stamps, then ids. String order of stamps is time order. */
export interface PolledKey {
  readonly stamp: string;
  readonly id: string;
}

/**
 * Where a feed that is polled by modification time stands. What was read once is read again until it is certain that
 * nothing can appear below it any more, and never after that:
 *
 * - `floor`: every row up to and including this stamp has been delivered, those that became visible late included.
 * - `head`: the greatest key delivered. Rows between the two may still get company.
 * - A round starts at the floor while few rows lie above it (one page for the old and the new), and no oftener than they are worth:
 *   whoever is told of each change reads many times a second. Other rounds start at the head, or as far before it as the adapter
 *   thinks right. After a mass change all do, and one starts at the floor when `due` is older than the overlap on the server's clock.
 * - When the server's clock is past `head` by the overlap, the floor is the head: an idle round repeats nothing.
 *
 * Stamps are the server's, always of rows seen; its clock only tells when an overlap is over.
 */
export interface PolledWindow {
  readonly floor: string | null;
  readonly head: PolledKey | null;
  /** Place inside a round; null between rounds. */
  readonly at: PolledKey | null;
  /** The round starts, or started, at the floor. */
  readonly full: boolean;
  /** Greatest stamp when the last full round ended. */
  readonly due: string | null;
  /** Rows delivered above the stamp that the floor can rise to at best. */
  readonly above: number;
  /** Server's clock at the first page of the latest round, in milliseconds. */
  readonly clock: number | null;
  /** The same of the latest round that started at the floor. */
  readonly swept: number | null;
}

export interface PolledPage {
  /** Keys of the rows, in order. */
  readonly keys: readonly PolledKey[];
  readonly more: boolean;
  /** Milliseconds; null where the answer told no time. */
  readonly serverTime: number | null;
}

/** Longest time, in milliseconds, between a row's stamp and the moment when the feed shows it. */
export interface PolledOverlap {
  readonly overlapMs: number;
}

/** A repeated window of at most this many rows costs nothing: it shares the page with what is new. */
const SMALL_WINDOW = 1000;
/** So few are repeated by every round. */
const TINY_WINDOW = 100;
/** Milliseconds from round to round for each row that they repeat: some fifty rows a second, however often is read. */
const MS_A_ROW = 40;

const toStamp = (ms: number): string => new Date(ms).toISOString();
const later = (a: string | null, b: string): string => (a !== null && a > b ? a : b);
const isBefore = (a: PolledKey, b: PolledKey): boolean =>
  a.stamp < b.stamp || (a.stamp === b.stamp && a.id < b.id);

/**
 * The first round after a full enumeration: it begins below `mark`, the newest row that existed before the first page,
 * by the overlap. Stamps must be ISO 8601 in UTC.
 */
export function startPolling(
  after: { readonly mark: PolledKey | null; readonly clock: number | null },
  { overlapMs }: PolledOverlap,
): PolledWindow {
  const { mark, clock } = after;
  return {
    floor: mark === null ? null : toStamp(Date.parse(mark.stamp) - overlapMs),
    head: mark,
    at: null,
    full: true,
    due: null,
    above: 0,
    clock,
    swept: null,
  };
}

/** The key behind which the next page begins; null: behind the floor. */
export function polledFrom(window: PolledWindow): PolledKey | null {
  return window.at ?? (window.full ? null : window.head);
}

/**
 * Whether the next round starts at the floor, as far as that is a question of what it costs. A round that did so itself and came
 * long enough after the one before says that rounds are rare.
 */
function isCheap({ above, clock }: PolledWindow, swept: number | null): boolean {
  if (above <= TINY_WINDOW) return true;
  if (above > SMALL_WINDOW) return false;
  return clock === null || swept === null || clock - swept >= above * MS_A_ROW;
}

function endRound<W extends PolledWindow>(of: W, settled: string | null): W {
  const { head, swept } = of;
  const window: W = of.full ? { ...of, swept: of.clock } : of;
  if (head === null) return { ...window, at: null, full: true };
  if (!window.full) {
    const isDue = settled === null || window.due === null || settled >= window.due;
    return { ...window, at: null, full: isDue || isCheap(window, swept) };
  }
  const reach = settled === null ? null : settled < head.stamp ? settled : head.stamp;
  const floor = reach === null ? window.floor : later(window.floor, reach);
  const isSettled = floor === head.stamp;
  return {
    ...window,
    at: null,
    floor,
    full: isSettled || settled === null || isCheap(window, swept),
    due: head.stamp,
    above: isSettled ? 0 : window.above,
  };
}

/**
 * Whether a round that started at the head has ended, and it is time for one that starts at the floor: it is read at once, so that
 * whoever was told of a change that became visible late finds it.
 */
export const isFollowed = (before: PolledWindow, after: PolledWindow): boolean =>
  !before.full && after.full && after.at === null;

/** The window behind a page. Pure: the same page gives the same window. */
export function advancePolling<W extends PolledWindow>(
  window: W,
  page: PolledPage,
  { overlapMs }: PolledOverlap,
): W {
  const clock = window.at === null ? (page.serverTime ?? window.clock) : window.clock;
  const settled = clock === null ? null : toStamp(clock - overlapMs);
  const last = page.keys.at(-1) ?? null;
  const head = last !== null && (window.head === null || isBefore(window.head, last)) ? last : window.head;
  const before = window.at === null && window.full ? 0 : window.above;
  // A round that starts at the head may repeat what lies just before it.
  const { full, head: known } = window;
  const isNew = (key: PolledKey): boolean => full || known === null || isBefore(known, key);
  const isAbove = ({ stamp }: PolledKey): boolean => settled === null || stamp > settled;
  const above = before + page.keys.filter((key) => isAbove(key) && isNew(key)).length;
  const next: W = { ...window, clock, head, above };
  if (page.more && last !== null) return { ...next, at: last };
  return endRound(next, settled);
}
