import type { Change, KnownRecords, Link, Side, Suspect, SuspectWhy } from '@tidelock/core';
import { type Core, state } from './effect.ts';
import type { Lane } from './lane.ts';
import { leftOut } from './left-out.ts';
import {
  type Knowledge,
  type LaneNotes,
  type NewSuspect,
  notesOf,
  type Reader,
  type Reports,
} from './observe.ts';
import { SCOPE_FEED } from './scan.ts';
import { waitingHere } from './waiting-here.ts';

/** One page, or several that are stored together. */
export interface Page {
  readonly changes: readonly Change[];
  readonly gen: number;
  readonly scanning: boolean;
  /** It is the first of an enumeration. */
  readonly begins: boolean;
  readonly now: number;
}

type ReportsById = ReadonlyMap<string, Reports>;

const NOBODY: ReadonlyMap<string, Suspect> = new Map();
const NO_REPORT: Reports = { changed: null, removed: null };
const NO_IDS: ReadonlySet<string> = new Set();
const NOTHING: Knowledge = { links: new Map(), reviewed: NOBODY, unplaced: NO_IDS, left: NO_IDS };

function byRecord(changes: readonly Change[]): ReportsById {
  const reports = new Map<string, Reports>();
  for (const change of changes) {
    const entry = reports.get(change.id) ?? { changed: null, removed: null };
    if (change.kind === 'changed') entry.changed = change;
    else entry.removed = change;
    reports.set(change.id, entry);
  }
  return reports;
}

function byNativeId(links: readonly Link[], side: Side): Map<string, Link> {
  const known = new Map<string, Link>();
  for (const link of links) {
    const id = link[side]?.id;
    if (id !== undefined && link.status !== 'tomb') known.set(id, link);
  }
  return known;
}

/** When a record was reported that the enumeration under way has not met: before it. */
export const DOUBTED_AT = 0;

/**
 * An enumeration begins: what was removed before it is reported by nobody. Records that still wait to be placed and are not
 * met by it may be among them, so what was known of them counts no more; they are read before they get a place.
 */
function* doubtWaiting({ side }: Reader, lane: Lane, met: ReportsById): Core<NewSuspect[]> {
  const waiting = yield* waitingHere(lane, side, ['unknown']);
  const left = [...waiting.values()].filter(({ id }) => !met.has(id));
  for (const { id } of left) lane.cache.drop(side, id);
  return left.map(({ id, feed, mono }) => ({ side, id, why: 'unknown', feed, mono, at: DOUBTED_AT }));
}

/**
 * Links once more, of removed records that neither had a link nor waited: whoever placed one between the two questions took it from
 * the second to the first. Its removal would be nobody's, and the cursor goes on.
 */
function* placedMeanwhile(lane: Lane, side: Side, ids: readonly string[]): Core<ReadonlyMap<string, Link>> {
  if (ids.length === 0) return new Map();
  return byNativeId(yield* state('links', lane.spec.id, { by: 'native', side, ids }), side);
}

/** What one lane knows, asked for as far as the page needs it. */
function* knowledgeOf({ side }: Reader, lane: Lane, reports: ReportsById): Core<Knowledge> {
  const found = yield* state('links', lane.spec.id, { by: 'native', side, ids: [...reports.keys()] });
  if (reports.size === 0) return NOTHING;
  const links = byNativeId(found, side);
  const free = [...reports].filter(([id]) => !links.has(id));
  const removed = free.flatMap(([id, report]) => (report.removed === null ? [] : [id]));
  const why: readonly SuspectWhy[] = removed.length === 0 ? ['review'] : ['review', 'unknown'];
  const waiting = free.length === 0 ? NOBODY : yield* waitingHere(lane, side, why);
  const gone = removed.filter((id) => !waiting.has(id));
  for (const [id, link] of yield* placedMeanwhile(lane, side, gone)) links.set(id, link);
  const left = links.size > 0 ? yield* leftOut(lane, side) : NO_IDS;
  const reviewed = new Map([...waiting].filter(([, row]) => row.why === 'review'));
  const unplaced = new Set([...waiting.keys()].filter((id) => !reviewed.has(id)));
  return { links, reviewed, unplaced, left };
}

/** Records that are asked for together at first, and rows that an answer may have: lanes that take everything know much. */
const ASK = { first: 100, least: 20, most: 1_000, rows: 5_000 };

const toKnowledge = ({ links, suspects }: KnownRecords): Knowledge => {
  const waiting = (why: Suspect['why']): [string, Suspect][] =>
    suspects.flatMap((row) => (row.why === why ? [[row.id, row]] : []));
  const missing = waiting('missing').filter(([, { feed }]) => feed === SCOPE_FEED);
  return {
    links: byNativeId(links, 'b'),
    reviewed: new Map(waiting('review')),
    unplaced: new Set(waiting('unknown').map(([id]) => id)),
    left: new Set(missing.map(([id]) => id)),
  };
};

type Shares = ReadonlyMap<Lane, ReadonlyMap<string, Reports>>;

const ownerOf = ({ changed, removed }: Reports): string | undefined =>
  // What the feed carried of a record that it reports as removed as well proves nothing.
  removed === null ? changed?.record?.owner : undefined;

/** Lanes whose record it could be by its owner. */
function takersOf(lanes: readonly Lane[]): (report: Reports) => readonly Lane[] {
  const open = lanes.filter(({ policy }) => policy.owners === null);
  const owned = lanes.flatMap((lane) => (lane.policy.owners ?? []).map((owner) => ({ owner, lane })));
  const byOwner = Map.groupBy(owned, ({ owner }) => owner);
  return (report) => {
    if (report.changed === null) return [];
    const owner = ownerOf(report);
    if (owner === undefined) return lanes;
    return [...open, ...(byOwner.get(owner) ?? []).map(({ lane }) => lane)];
  };
}

/** What each lane is told of: the records that it knows, and those that could be its own. */
function sharesOf(
  takers: ReturnType<typeof takersOf>,
  reports: ReportsById,
  known: ReadonlyMap<Lane, Knowledge>,
): Shares {
  const ids = ({ links, reviewed, unplaced, left }: Knowledge): readonly string[] => [
    ...new Set([...links.keys(), ...reviewed.keys(), ...unplaced, ...left]),
  ];
  const knowing = [...known].flatMap(([lane, of]) => ids(of).map((id) => ({ id, lane })));
  const knowers = Map.groupBy(knowing, ({ id }) => id);
  const shares = new Map<Lane, Map<string, Reports>>();
  for (const [id, report] of reports) {
    const told = new Set([...(knowers.get(id) ?? []).map(({ lane }) => lane), ...takers(report)]);
    for (const lane of told) {
      const share = shares.get(lane) ?? new Map<string, Reports>();
      shares.set(lane, share.set(id, report));
    }
  }
  return shares;
}

interface Asked {
  readonly reports: ReportsById;
  readonly found: readonly KnownRecords[];
  readonly takers: ReturnType<typeof takersOf>;
  readonly byId: ReadonlyMap<string, Lane>;
}

type Told = Omit<Page, 'begins'> & { readonly reports: ReportsById };

/** Notes of the lanes that these records concern. */
function tell(reader: Reader, at: Told, { reports, found, takers, byId }: Asked): LaneNotes[] {
  const { lanes, side } = reader;
  const known = new Map(
    found.flatMap((row) => {
      const lane = byId.get(row.laneId);
      return lane === undefined ? [] : [[lane, toKnowledge(row)] as const];
    }),
  );
  const shares = sharesOf(takers, reports, known);
  // Content that was carried earlier must not be used any more, whoever has it.
  const removed = [...reports].flatMap(([id, report]) => (report.removed === null ? [] : [id]));
  for (const id of removed)
    for (const lane of lanes) if (shares.get(lane)?.has(id) !== true) lane.cache.drop(side, id);
  return lanes.flatMap((lane) => {
    const own = shares.get(lane);
    const what = { ...at, known: known.get(lane) ?? NOTHING };
    return own === undefined ? [] : [notesOf(reader, lane, { ...what, reports: own })];
  });
}

/** The same for all lanes that share the store of side B. Costs what changed, and what is known of that, not what lanes there are. */
function* sharedNotes(reader: Reader, at: Told): Core<LaneNotes[]> {
  const takers = takersOf(reader.lanes);
  const byId = new Map(reader.lanes.map((lane) => [lane.spec.id, lane]));
  const ids = [...at.reports.keys()];
  const notes: LaneNotes[] = [];
  let size = ASK.first;
  while (ids.length > 0) {
    const asked = ids.splice(0, size);
    const reports = new Map(asked.map((id) => [id, at.reports.get(id) ?? NO_REPORT]));
    const found = yield* state('knownRecords', reader.feed.store, asked);
    notes.push(...tell(reader, at, { reports, found, takers, byId }));
    const rows = found.reduce((sum, { links, suspects }) => sum + links.length + suspects.length, 0);
    const fits = Math.floor((asked.length * ASK.rows) / Math.max(1, rows));
    size = Math.min(ASK.most, Math.max(ASK.least, fits));
  }
  return notes;
}

function* ownNotes(reader: Reader, at: Told): Core<LaneNotes[]> {
  const notes: LaneNotes[] = [];
  for (const lane of reader.lanes) {
    const known = yield* knowledgeOf(reader, lane, at.reports);
    notes.push(notesOf(reader, lane, { ...at, known }));
  }
  return notes;
}

/** One entry a lane. */
function merged(notes: readonly LaneNotes[]): readonly LaneNotes[] {
  if (notes.length < 2) return notes;
  return [...Map.groupBy(notes, ({ laneId }) => laneId)].map(([laneId, parts]) => ({
    laneId,
    marks: parts.flatMap(({ marks }) => marks),
    suspects: parts.flatMap(({ suspects }) => suspects),
  }));
}

/** What a page means for the lanes that read it: marks on known links, suspects for the rest. Lanes that it says nothing to are left out. */
export function* notesOn(reader: Reader, page: Page): Core<readonly LaneNotes[]> {
  const reports = byRecord(page.changes);
  const notes: LaneNotes[] = [];
  for (const lane of page.begins ? reader.lanes : []) {
    const suspects = yield* doubtWaiting(reader, lane, reports);
    notes.push({ laneId: lane.spec.id, marks: [], suspects });
  }
  const isShared = reader.side === 'b' && reader.lanes.length > 1;
  const { changes, gen, scanning, now } = page;
  const told = { changes, gen, scanning, now, reports };
  notes.push(...(yield* (isShared ? sharedNotes : ownNotes)(reader, told)));
  return merged(notes).filter(({ marks, suspects }) => marks.length + suspects.length > 0);
}
