import type { Link, LinkPut, Side, StoreRecord } from '@tidelock/core';
import { without } from './compare.ts';
import { restsOutside } from './freeze.ts';
import { type CompiledMapping, getFields, type MappedField } from './lens.ts';
import { other } from './merge-draft.ts';
import { idOf } from './stamp.ts';

/** Is the value of this field on that side only ever what the other side says? */
export const isToldOnly = ({ flows }: MappedField, side: Side): boolean =>
  flows[side] === 'never' && flows[other(side)] !== 'never';

/**
 * A pair that goes on with a record which others were merged into: where that one is blank in what only the other side says, nobody took
 * the value away there. It meets it for the first time, and has no base of it. A record that shows no such value does not show the base
 * either, so it looks edited no more than before.
 */
export function unaware(
  mapping: CompiledMapping,
  link: Link,
  { side, record }: { readonly side: Side; readonly record: StoreRecord | undefined },
): Link {
  if (record === undefined) return link;
  const [seen, shown] = [getFields(mapping, side, record), side === 'a' ? link.shownA : link.shownB];
  const blank = mapping.fields.flatMap((field) => {
    const { name } = field;
    return isToldOnly(field, side) && seen[name] === null && shown?.[name] != null ? name : [];
  });
  const left = without(shown, new Set(blank));
  return side === 'a' ? { ...link, shownA: left } : { ...link, shownB: left };
}

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
