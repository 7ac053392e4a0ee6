import type { Link, ReadResult, Side, StoreRecord, Suspect } from '@tidelock/core';
import { asClean, refNow, refOf, SIDES } from './link-plan.ts';
import { SCOPE_FEED } from './scan.ts';

/**
 * Version of a record that a changed scope left out. No store gives it, so whatever the feed reports of the record
 * again is news, and nothing else thaws the pair: a read alone cannot tell what the scope is.
 */
export const OUT_OF_SCOPE = '(out of scope)';

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

/** Left out by a changed scope, and not reported again since. */
export function restsOutside(link: Link): boolean {
  if (link.status !== 'out') return false;
  return SIDES.some((side) => refOf(link, side)?.version === OUT_OF_SCOPE && !isDirty(link, side));
}

/** Looked at, and still left out on one side; the side that was reported again is no longer left out. */
export function rested(link: Link): Link {
  const met = (side: Side): Link['a'] => {
    const ref = refOf(link, side);
    return ref?.version === OUT_OF_SCOPE && isDirty(link, side) ? { ...ref, version: '' } : ref;
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
  if (suspect.why === 'merged' || read.state === 'merged' || read.state === 'out') return null;
  const outside = refOf(link, suspect.side)?.version === OUT_OF_SCOPE;
  if (outside && read.state === 'found') return link;
  const left = suspect.feed === SCOPE_FEED && suspect.why === 'missing';
  return left && (read.state === 'found' || !shared) ? leftOut(link, suspect.side) : null;
}
