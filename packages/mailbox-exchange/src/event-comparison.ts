import type { CallOptions, Change } from '@tidelock/core';
import { z } from 'zod';
import { decodeCursor, encodeCursor, requireOwn, startWalk, walkOn } from './cursor.ts';
import { protocolError } from './errors.ts';
import { halvesOf, type Part } from './event-parts.ts';
import type { Place } from './event-place.ts';
import type { EventSession } from './event-read.ts';
import { calendarPath, toQuery } from './paths.ts';
import { readPage } from './session.ts';

const OPERATION = 'events.compare';
const PAGE = '1000';

const Row = z.object({
  id: z.string().min(1),
  seriesMasterId: z.string().nullable().optional().catch(undefined),
  '@odata.etag': z.string().optional().catch(undefined),
});

function firstPage(session: EventSession, feed: string, { start, end }: Part): string {
  const query = { startDateTime: start, endDateTime: end, $select: 'id,seriesMasterId,type', $top: PAGE };
  return `${calendarPath(session.mailbox, feed)}/calendarView${toQuery(query)}`;
}

/** What the view shows and nobody told of yet: a series once, whatever of it is shown. */
function untold(items: readonly unknown[], told: Set<string>): readonly Change[] {
  return items.flatMap((item): Change[] => {
    const { data } = Row.safeParse(item);
    if (data === undefined) throw protocolError(OPERATION, 'an entry has no id', 'item');
    const id = data.seriesMasterId || data.id;
    if (told.has(id)) return [];
    told.add(id);
    const version = data['@odata.etag'];
    return [{ kind: 'changed', id, ...(version === undefined ? {} : { version }) }];
  });
}

/**
 * One page of the plain view. Delta is known to leave series out that are there; what only the view shows is told as a
 * change like any other. `told`: what was told in this enumeration by now. Forgetting it costs reads and nothing else.
 */
export async function compareWithView(
  session: EventSession,
  given: { readonly feed: string; readonly place: Place; readonly told: Set<string> },
  options: CallOptions,
): Promise<{ readonly changes: readonly Change[]; readonly place: Place }> {
  const { place, feed, told } = given;
  const [part, ...others] = place.views ?? [];
  if (part === undefined) return { changes: [], place: { ...place, at: 0, views: null, view: null } };
  const { graph, lane, origin } = session;
  const known = place.view === null ? undefined : decodeCursor(place.view, { operation: OPERATION, origin });
  const url = known?.link ?? firstPage(session, feed, part);
  let body: unknown;
  try {
    body = (await graph.send({ operation: OPERATION, url, lane, signal: options.signal })).body;
  } catch (error) {
    return { changes: [], place: { ...place, views: [...halvesOf(part, error), ...others], view: null } };
  }
  const page = readPage(body, OPERATION);
  const changes = untold(page.value, told);
  const link = page['@odata.nextLink'];
  if (link === undefined) {
    const over = others.length === 0;
    return {
      changes,
      place: { ...place, ...(over ? { at: 0, views: null } : { views: others }), view: null },
    };
  }
  requireOwn(link, { operation: OPERATION, origin });
  const walk = walkOn(known ?? startWalk(), { link, items: page.value }, OPERATION);
  return { changes, place: { ...place, view: encodeCursor(walk) } };
}
