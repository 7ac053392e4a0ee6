import type { Link, ReadResult, Side, StoreRecord, Suspect } from '@tidelock/core';
import { asClean, isParted, refNow, refOf, type Seen, SIDES, seenOn } from './link-plan.ts';
import { SCOPE_FEED } from './scan.ts';

/**
 * Version of a record that a changed scope left out. No store gives it, so whatever the feed reports of the record
 * again is news, and nothing else thaws the pair: a read alone cannot tell what the scope is.
 */
export const OUT_OF_SCOPE = '(out of scope)';

/**
 * A pair that was frozen when its create turned out to have taken effect stays frozen: nothing has been reported. One that was
 * parted meanwhile (unlinked, or its source went into another record) stays so: the late record gets its place in it, and no
 * partner (6.4).
 */
export const stillApart = (link: Link, next: Link): Link =>
  link.status === 'out' || isParted(link) ? { ...next, status: link.status } : next;

/** The pair rests: one of its records left the folder, the filter or the window. */
export function frozen(link: Link, side: Side, record: StoreRecord | undefined): Link {
  const seen = { state: 'out', record } as const;
  const met = side === 'a' ? { ...link, a: refNow(link.a, seen) } : { ...link, b: refNow(link.b, seen) };
  return { ...met, status: link.status === 'live' ? 'out' : link.status };
}

/** What was reported before the enumeration that did not meet it is no news any more. */
function leftOut(at: Link, side: Side): Link {
  const link = side === 'a' ? { ...at, cleanA: at.dirtyA } : { ...at, cleanB: at.dirtyB };
  const mark = (ref: Link['a']): Link['a'] => ref && { ...ref, version: OUT_OF_SCOPE };
  const status = link.status === 'live' || link.status === 'half' ? 'out' : link.status;
  return side === 'a' ? { ...link, status, a: mark(link.a) } : { ...link, status, b: mark(link.b) };
}

const isDirty = (link: Link, side: Side): boolean =>
  side === 'a' ? link.dirtyA > link.cleanA : link.dirtyB > link.cleanB;

/** Was the record left out by a changed scope when it was looked at last? */
export const wasLeftOut = (link: Link, side: Side): boolean => refOf(link, side)?.version === OUT_OF_SCOPE;

/** Left out by a changed scope, and not reported again since. */
export function restsOutside(link: Link): boolean {
  if (link.status !== 'out') return false;
  return SIDES.some((side) => refOf(link, side)?.version === OUT_OF_SCOPE && !isDirty(link, side));
}

/**
 * The sides that we may ask to be looked at: one that a changed scope left out is news only when a feed reports it, and a
 * mark of our own (a recovered write, an answer) must not be taken for that.
 */
export const notLeftOut = (link: Link, sides: readonly Side[]): readonly Side[] =>
  sides.filter((side) => refOf(link, side)?.version !== OUT_OF_SCOPE);

/**
 * Looked at, and still left out on one side; the side that was reported again is no longer left out. The version that
 * was seen is kept, so that a feed that overlaps says nothing new by repeating it.
 */
export function rested(link: Link, seen: Readonly<Record<Side, Seen>>): Link {
  const met = (side: Side): Link['a'] => {
    const ref = refOf(link, side);
    if (ref?.version !== OUT_OF_SCOPE) return refNow(ref, seen[side]);
    return isDirty(link, side) ? refNow({ ...ref, version: '' }, seen[side]) : ref;
  };
  return { ...asClean(link), a: met('a'), b: met('b') };
}

/**
 * What the scope says about a record that an enumeration did not meet: the pair as it is to be stored, or null where
 * the read decides as usual. After a change of the scope nothing becomes a delete, not even what is proven gone; where several lanes
 * share the feed it is the scope of one of them that changed, and the proof counts for the others.
 */
export function scopeVerdict(
  link: Link,
  suspect: Suspect,
  of: { readonly read: ReadResult; readonly shared: boolean },
): Link | null {
  const { read, shared } = of;
  if (suspect.why === 'merged' || read.state === 'merged') return null;
  // Outside the folder or the window as well: being back there does not bring it back into the scope.
  const there = read.state === 'found' || read.state === 'out';
  if (refOf(link, suspect.side)?.version === OUT_OF_SCOPE && there) return link;
  const swept = suspect.feed === SCOPE_FEED && suspect.why === 'missing';
  // Reported since the enumeration that did not meet it: it is inside again.
  const left = swept && seenOn(link, suspect.side) <= suspect.mono;
  return left && (there || !shared) ? leftOut(link, suspect.side) : null;
}
