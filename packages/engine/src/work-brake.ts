import { type Side, standing } from '@tidelock/core';
import { type BrakeInput, type BrakeResult, brake, type FolderDeletes } from './brake.ts';
import { countUnits, eventOf, foldersOf } from './brake-units.ts';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import { SIDES } from './link-plan.ts';
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
  /** Links by side and folder, as far as folders are known. */
  readonly folders: Readonly<Record<Side, Map<string, string[]>>>;
  /** The event that a link is a date of. */
  readonly units: Map<string, string>;
}

export const emptyTally = (): Tally => ({
  deletes: { a: [], b: [] },
  blankings: [],
  folders: { a: new Map(), b: new Map() },
  units: new Map(),
});

/** Counts what these plans would delete or empty. */
export function countInto(tally: Tally, items: readonly Work[]): void {
  for (const work of items) {
    if (work.plan.action !== 'delete') continue;
    const { link } = work.plan;
    const side = link.goneA || work.seen.a.state === 'gone' ? 'b' : 'a';
    tally.deletes[side].push(link.id);
    const counted = tally.folders[side];
    for (const folder of foldersOf(link)) {
      const there = counted.get(folder);
      if (there === undefined) counted.set(folder, [link.id]);
      else there.push(link.id);
    }
  }
  tally.blankings.push(...blankings(items));
  for (const { plan } of items) noteEvent(tally, plan.link.id, [plan.link.a?.id, plan.link.b?.id]);
}

/** Notes which event a link is a date of. */
export function noteEvent(tally: Tally, linkId: string, ids: readonly (string | undefined)[]): void {
  const event = eventOf(ids);
  if (event !== null) tally.units.set(linkId, event);
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

/**
 * Folders that lose more than the brake lets go anyway, with the pairs they hold. Only then are the lane's pairs counted:
 * that takes a look at all of them.
 */
function* crowdedFolders(pass: Pass, tally: Tally): Core<readonly FolderDeletes[]> {
  const { least } = pass.lane.policy.brake;
  const found = SIDES.flatMap((side) =>
    [...tally.folders[side]].flatMap(([folder, { length }]) =>
      length > least ? [{ side, folder, deletes: length }] : [],
    ),
  );
  if (found.length === 0) return [];
  const live = new Map<string, number>();
  for (let after = ''; ; ) {
    const links = yield* state('links', pass.lane.spec.id, { by: 'page', after, limit: LIVE_CHUNK });
    const living = links.filter((link) => link.status === 'live');
    for (const folder of living.flatMap(foldersOf)) live.set(folder, (live.get(folder) ?? 0) + 1);
    const last = links.at(-1);
    if (last === undefined || links.length < LIVE_CHUNK) break;
    after = last.id;
  }
  return found.map(({ side, folder, deletes }) => ({ side, deletes, live: live.get(folder) ?? deletes }));
}

/** The brake over what was counted; `approved`: links that were approved by name. */
export function* brakeOn(pass: Pass, tally: Tally, approved?: ReadonlySet<string>): Core<BrakeResult> {
  const { deletes, blankings: emptied } = tally;
  const wall = yield* now();
  const laneId = pass.lane.spec.id;
  const [lane] = yield* state('lanes', [laneId]);
  if (deletes.a.length + deletes.b.length + emptied.length === 0) {
    if (lane?.held) yield* state('commitLane', { guard: pass.guard, now: wall, held: null });
    return { held: null, stopped: new Set(), waiting: [] };
  }
  const counts = yield* state('counts', laneId, wall);
  const since = { lane: wall - DAY_MS, tenant: wall - EVERYWHERE_MS };
  const made = yield* state('deletesSince', laneId, since);
  const granted = standing(lane?.approved ?? [], wall);
  const input: BrakeInput = {
    deletes,
    blankings: emptied,
    live: yield* liveNow(pass, counts.live),
    folders: yield* crowdedFolders(pass, tally),
    recent: made.lane,
    everywhere: made.tenant,
    policy: pass.lane.policy.brake,
    approvedHashes: granted.map(({ hash }) => hash),
    approvedIds: new Set([...granted.flatMap(({ linkIds }) => linkIds), ...(approved ?? [])]),
  };
  const each = brake(input);
  // Dates of series are counted as events only where they would be stopped one by one: that takes a look at all pairs.
  const result =
    each.held === null || tally.units.size === 0
      ? each
      : brake({ ...input, ...(yield* countUnits(pass, tally, { since: since.lane, recent: made.lane })) });
  pass.counts.held = result.stopped.size;
  if (pass.sketch === null || result.held !== null)
    yield* state('commitLane', { guard: pass.guard, now: wall, held: result.held });
  return result;
}
