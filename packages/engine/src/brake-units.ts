import type { DeleteCounts, Link, Side } from '@tidelock/core';
import type { BrakeInput } from './brake.ts';
import { type Core, state } from './effect.ts';
import { seriesOf } from './expand.ts';
import type { Pass } from './lane.ts';
import { SIDES } from './link-plan.ts';

const CHUNK = 500;
/** Rows of a day's history that are looked at; deletes behind them count one by one. */
const MOST_HISTORY = 5_000;

/** The event that a pair of these records is a date of, where a series is seen as single events; null = it is none. */
export function eventOf(ids: readonly (string | undefined)[]): string | null {
  for (const id of ids) {
    const series = id === undefined ? null : seriesOf(id);
    if (series !== null) return `series ${series}`;
  }
  return null;
}

const unitOf = ({ id, a, b }: Link): string => eventOf([a?.id, b?.id]) ?? id;

/** The folders in which the two records of a pair are, by names that differ between the sides. */
export const foldersOf = (link: Link): string[] =>
  SIDES.flatMap((side) => {
    const container = link[side]?.container;
    return container === undefined ? [] : [`${side}${container}`];
  });

/** What would be deleted or emptied, and which of its links are dates of which event. */
interface Counted {
  readonly folders: Readonly<Record<Side, ReadonlyMap<string, readonly string[]>>>;
  readonly units: ReadonlyMap<string, string>;
}

interface Live {
  readonly all: Set<string>;
  readonly byFolder: Map<string, Set<string>>;
}

function noteLive({ all, byFolder }: Live, link: Link): void {
  if (link.status !== 'live') return;
  const unit = unitOf(link);
  all.add(unit);
  for (const folder of foldersOf(link)) byFolder.set(folder, (byFolder.get(folder) ?? new Set()).add(unit));
}

/** Live events, of all and by folder, as the pass sees them: a preview has drawn some links, and ended others. */
function* liveEvents(pass: Pass): Core<Live> {
  const live: Live = { all: new Set(), byFolder: new Map() };
  const drawn = pass.sketch?.links ?? new Map<string, Link>();
  for (let after = ''; ; ) {
    const links = yield* state('links', pass.lane.spec.id, { by: 'page', after, limit: CHUNK });
    for (const link of links) if (!drawn.has(link.id)) noteLive(live, link);
    const last = links.at(-1);
    if (last === undefined || links.length < CHUNK) break;
    after = last.id;
  }
  for (const link of drawn.values()) noteLive(live, link);
  return live;
}

/** Deletes of the last day, counted as events; of what is not known any more each is one. */
function* recentEvents(
  pass: Pass,
  of: { readonly since: number; readonly recent: DeleteCounts['lane'] },
): Core<Record<Side, number>> {
  const { recent, since } = of;
  if (recent.a + recent.b === 0) return { a: 0, b: 0 };
  const laneId = pass.lane.spec.id;
  const rows = yield* state('history', laneId, { since, limit: MOST_HISTORY });
  const deletes = rows.filter(({ op }) => op === 'delete');
  const ids = [...new Set(deletes.map(({ linkId }) => linkId))];
  const units = new Map<string, string>();
  for (let start = 0; start < ids.length; start += CHUNK)
    for (const link of yield* state('links', laneId, { by: 'id', ids: ids.slice(start, start + CHUNK) }))
      units.set(link.id, unitOf(link));
  const countOn = (side: Side): number => {
    const found = deletes.filter((row) => row.side === side).map(({ linkId }) => units.get(linkId) ?? linkId);
    return new Set(found).size + Math.max(0, recent[side] - found.length);
  };
  return { a: countOn('a'), b: countOn('b') };
}

/** What the brake counts, with all dates of a series as the one event that they are to whoever moved or deleted it (0545). */
export function* countUnits(
  pass: Pass,
  tally: Counted,
  of: { readonly since: number; readonly recent: DeleteCounts['lane'] },
): Core<Required<Pick<BrakeInput, 'units' | 'live' | 'folders' | 'recent'>>> {
  const { units } = tally;
  const live = yield* liveEvents(pass);
  const recent = yield* recentEvents(pass, of);
  const folders = SIDES.flatMap((side) =>
    [...tally.folders[side]].map(([folder, ids]) => {
      const deletes = new Set(ids.map((id) => units.get(id) ?? id)).size;
      return { side, deletes, live: live.byFolder.get(folder)?.size ?? deletes };
    }),
  );
  return { units, live: live.all.size, folders, recent };
}
