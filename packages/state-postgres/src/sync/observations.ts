import { AdapterError, type FeedCommit } from '@tidelock/core';
import type { Database } from '../database.ts';
import type { Session } from '../database-session.ts';
import { int, text } from '../row.ts';
import { toJson } from '../row-text.ts';
import { createSequence, type OpenLane, oldFence, unknownLane } from './lane-key.ts';
import {
  applyMark,
  fromMarkedLink,
  type MarkedLink,
  READ_MARKED,
  toMarkedLink,
  WRITE_MARKED,
} from './marks.ts';
import { putSuspects } from './suspects.ts';

const OPERATION = 'state.commitObservations';

const SAVE_CURSOR = `update $.feed set cursor = $3, gen = $4, scanning = $5, scope_hash = $6, page_hash = $7,
    scanned_at = case when scanning and not $5 then $8::bigint else scanned_at end
  where id = $1 and fence = $2 and lease_owner is not null`;

/** Locks in the order of numbers, so that two pages over the same lanes do not wait for each other in a circle. */
const LOCK_LANES = `select n, id, mark_seq from $.lane where id = any($1::text[]) order by n for no key update`;

const FLUSH = `update $.lane l set mark_seq = coalesce(r.mark_seq, l.mark_seq), dirty_seq = l.dirty_seq + r.bumps,
    due_at = case when r.bumps > 0 then least(l.due_at, $2::bigint) else l.due_at end
  from jsonb_to_recordset($1::jsonb) as r(n bigint, mark_seq bigint, bumps bigint) where l.n = r.n`;

type Entry = FeedCommit['lanes'][number];

function lostLink(): AdapterError {
  return new AdapterError('conflict', 'A mark names a link that is gone. Nothing was changed.', {
    operation: OPERATION,
    code: 'unknown-link',
    remedy: 'Read the links again and classify the page anew.',
  });
}

async function lockLanes(session: Session, entries: readonly Entry[]): Promise<Map<string, OpenLane>> {
  const ids = [...new Set(entries.map((entry) => entry.laneId))];
  const rows = ids.length === 0 ? [] : await session.all(LOCK_LANES, [ids]);
  if (rows.length < ids.length) throw unknownLane(OPERATION);
  return new Map(
    rows.map((row) => {
      const id = text(row, 'id');
      return [id, { n: int(row, 'n'), id, sequence: createSequence(int(row, 'mark_seq')) }];
    }),
  );
}

const linkKey = (lane: number, id: string): string => `${lane}/${id}`;

interface Placed {
  readonly lane: number;
  readonly id: string;
  link: MarkedLink;
}

type Lanes = readonly { readonly entry: Entry; readonly lane: OpenLane }[];

/** All links that the page marks, in one read. The locks on their lanes keep other writers out. */
async function readMarked(session: Session, lanes: Lanes): Promise<Map<string, Placed>> {
  const named = new Map<string, { lane: number; id: string }>();
  for (const { entry, lane } of lanes) {
    for (const { linkId } of entry.marks) named.set(linkKey(lane.n, linkId), { lane: lane.n, id: linkId });
  }
  if (named.size === 0) return new Map();
  const numbers = lanes.map(({ lane }) => lane.n);
  const rows = await session.all(READ_MARKED, [toJson([...named.values()]), numbers]);
  if (rows.length < named.size) throw lostLink();
  return new Map(
    rows.map((row) => {
      const [lane, id] = [int(row, 'lane'), text(row, 'id')];
      return [linkKey(lane, id), { lane, id, link: toMarkedLink(row) }];
    }),
  );
}

async function writeAll(session: Session, lanes: Lanes): Promise<void> {
  const links = await readMarked(session, lanes);
  const reports = [];
  for (const { entry, lane } of lanes) {
    for (const mark of entry.marks) {
      const placed = links.get(linkKey(lane.n, mark.linkId));
      if (placed === undefined) throw lostLink();
      placed.link = applyMark(placed.link, mark, lane.sequence.next);
    }
    for (const suspect of entry.suspects) {
      reports.push({ ...suspect, lane: lane.n, seq: lane.sequence.next() });
    }
  }
  if (links.size > 0) {
    const rows = [...links.values()].map(({ lane, id, link }) => ({ lane, id, ...fromMarkedLink(link) }));
    const numbers = lanes.map(({ lane }) => lane.n);
    await session.run(WRITE_MARKED, [toJson(rows), numbers]);
  }
  await putSuspects(session, reports);
}

/** Marks that change nothing a pass would look at do not make the lane due, or two idle lanes would never rest. */
const wakes = ({ marks, suspects }: Entry): boolean =>
  suspects.length > 0 || marks.some((mark) => mark.kind === 'dirty');

/** Seven statements at most, however many lanes, marks and suspects there are. */
export async function commitObservations(db: Database, commit: FeedCommit): Promise<void> {
  const { feed, fence, cursor, gen, scanning, scopeHash, pageHash, now } = commit;
  await db.transaction(OPERATION, async (session) => {
    const saved = await session.run(SAVE_CURSOR, [
      ...[feed, fence, cursor, gen, scanning, scopeHash, pageHash],
      now,
    ]);
    if (saved === 0) throw oldFence(OPERATION);
    const open = await lockLanes(session, commit.lanes);
    const lanes = commit.lanes.flatMap((entry) => {
      const lane = open.get(entry.laneId);
      return lane === undefined ? [] : [{ entry, lane }];
    });
    await writeAll(session, lanes);
    const moved = [...open.values()].flatMap(({ n, id, sequence }) => {
      const bumps = commit.lanes.filter((entry) => entry.laneId === id && wakes(entry)).length;
      const taken = sequence.taken();
      return taken === null && bumps === 0 ? [] : [{ n, mark_seq: taken, bumps }];
    });
    if (moved.length > 0) await session.run(FLUSH, [toJson(moved), now]);
  });
}
