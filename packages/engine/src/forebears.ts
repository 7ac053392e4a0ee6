import type { Link, Side } from '@tidelock/core';
import { linksNow } from './conclude.ts';
import type { Core } from './effect.ts';
import type { Pass } from './lane.ts';
import { idOf } from './stamp.ts';

/** Does this pair go on from that tombstone: behind a move or a merge (`rebound`), or with a partner made again (`reborn`)? */
function goesOnFrom({ laneId, id, a, b }: Link, tomb: Link): boolean {
  const [inA, inB] = [a?.id ?? '', b?.id ?? ''];
  const ids = [inA, inB].map((into) => idOf('rebound', laneId, tomb.id, into));
  return [...ids, idOf('reborn', laneId, tomb.id, inA, inB)].includes(id);
}

/** The links in which this pair stood before it went on in one of its own, nearest first, as far as they name this record. */
export function* forebears(pass: Pass, link: Link, side: Side): Core<Link[]> {
  const ids = [link[side]?.id ?? ''];
  const tombs = (yield* linksNow(pass, { by: 'native', side, ids, ended: true })).filter(
    ({ status }) => status === 'tomb',
  );
  const line: Link[] = [];
  let next = tombs.find((tomb) => goesOnFrom(link, tomb));
  while (next !== undefined && !line.includes(next)) {
    const last = next;
    line.push(last);
    next = tombs.find((tomb) => goesOnFrom(last, tomb));
  }
  return line;
}
