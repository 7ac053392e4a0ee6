import type { Link, LinkPut, Side } from '@tidelock/core';
import { restsOutside } from './freeze.ts';
import { idOf } from './stamp.ts';

/**
 * The pair goes on with another record of this side, on the same base, in a link of its own: what was seen of the old
 * record (versions, times) says nothing about the new one. The old link stays as a tombstone that names both.
 */
export function rebound(of: {
  readonly side: Side;
  readonly link: Link;
  readonly into: string;
  readonly stamp: string | null;
  /** What feeds have shown of the new record: whatever is older says nothing about it. */
  readonly mono?: string;
}): LinkPut[] {
  const { side, link, into, stamp, mono = '' } = of;
  const id = idOf('rebound', link.laneId, link.id, into);
  const inc = link[side]?.inc ?? 0;
  const moved = { id: into, inc, version: '', mono, stamp, gen: 0 };
  const next: Link = { ...link, id, quarantine: null, goneA: false, goneB: false };
  const fresh: Link = side === 'a' ? { ...next, a: moved, seenA: '' } : { ...next, b: moved, seenB: '' };
  const old: Link = { ...link, status: 'tomb', goneA: false, goneB: false };
  // The old record may be back: what was reported of it since is looked at.
  const clean = side === 'a' ? { cleanB: link.dirtyB } : { cleanA: link.dirtyA };
  return [
    { link: { ...old, quarantine: null, ...clean } },
    { link: fresh, mark: restsOutside(link) ? [side] : ['a', 'b'] },
  ];
}
