import type { Side } from '@tidelock/core';
import { type BrakeResult, brake } from './brake.ts';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import { isSketched } from './sketch.ts';
import type { Work } from './work.ts';

const DAY_MS = 86_400_000;
/** Within this, the deletes of all lanes of a tenant are counted together. */
const EVERYWHERE_MS = 600_000;

function blankings(items: readonly Work[]): { linkId: string; side: Side; field: string }[] {
  return items.flatMap((work) =>
    work.plan.writes.flatMap((write) =>
      write.op !== 'update'
        ? []
        : write.changes
            .filter((change) => change.new === null)
            .map((change) => ({ linkId: work.plan.link.id, side: write.side, field: change.field })),
    ),
  );
}

/** What the brake counts. */
export interface Tally {
  readonly deletes: Readonly<Record<Side, string[]>>;
  readonly blankings: { readonly linkId: string; readonly side: Side; readonly field: string }[];
}

export const emptyTally = (): Tally => ({ deletes: { a: [], b: [] }, blankings: [] });

/** Counts what these plans would delete or empty. */
export function countInto(tally: Tally, items: readonly Work[]): void {
  for (const work of items) {
    if (work.plan.action === 'delete')
      tally.deletes[work.plan.link.goneA || work.seen.a.state === 'gone' ? 'b' : 'a'].push(work.plan.link.id);
  }
  tally.blankings.push(...blankings(items));
}

/** Counts what would be deleted or emptied before anything is sent, and stops what is too much. */
export function* applyBrake(pass: Pass, items: readonly Work[]): Core<BrakeResult> {
  const tally = emptyTally();
  countInto(tally, items);
  return yield* brakeOn(pass, tally);
}

const LIVE_CHUNK = 500;

/** Live links as the pass sees them: a preview has drawn some, and ended others. */
function* liveNow(pass: Pass, stored: number): Core<number> {
  const drawn = [...(pass.sketch?.links.values() ?? [])];
  const known = drawn.map((link) => link.id).filter((id) => !isSketched(id));
  let live = stored + drawn.filter((link) => link.status === 'live').length;
  for (let start = 0; start < known.length; start += LIVE_CHUNK) {
    const ids = known.slice(start, start + LIVE_CHUNK);
    const before = yield* state('links', pass.lane.spec.id, { by: 'id', ids });
    live -= before.filter((link) => link.status === 'live').length;
  }
  return live;
}

/** The brake over what was counted; `approved`: links that were approved by name. */
export function* brakeOn(pass: Pass, tally: Tally, approved?: ReadonlySet<string>): Core<BrakeResult> {
  const { deletes, blankings: emptied } = tally;
  const wall = yield* now();
  const laneId = pass.lane.spec.id;
  const lane = (yield* state('lanes')).find((row) => row.id === laneId);
  if (deletes.a.length + deletes.b.length + emptied.length === 0) {
    if (lane?.held) yield* state('commitLane', { guard: pass.guard, now: wall, held: null });
    return { held: null, stopped: new Set(), waiting: [] };
  }
  const counts = yield* state('counts', laneId, wall);
  const since = { lane: wall - DAY_MS, tenant: wall - EVERYWHERE_MS };
  const made = yield* state('deletesSince', laneId, since);
  const granted = lane?.approved ?? [];
  const result = brake({
    deletes,
    blankings: emptied,
    live: yield* liveNow(pass, counts.live),
    recent: made.lane,
    everywhere: made.tenant,
    policy: pass.lane.policy.brake,
    approvedHashes: granted.map(({ hash }) => hash),
    approvedIds: new Set([...granted.flatMap(({ linkIds }) => linkIds), ...(approved ?? [])]),
  });
  pass.counts.held = result.stopped.size;
  if (pass.sketch === null || result.held !== null)
    yield* state('commitLane', { guard: pass.guard, now: wall, held: result.held });
  return result;
}
