import type {
  ConflictRow,
  Fields,
  FieldValue,
  HistoryRow,
  Intent,
  LaneCommit,
  Link,
  SyncState,
} from '@tidelock/core';
import { type Difference, differenceOf, withDifference } from './difference.ts';
import type { FieldPlace, FieldSealer } from './field-seal.ts';
import type { AskForSealer } from './sealer-source.ts';

/** Name of the only member of fields that are sealed: no mapped field can have it. */
const SEALED = '~sealed';

const placeOf = {
  link: (link: Pick<Link, 'laneId' | 'id'>): FieldPlace => ({
    ...{ table: 'link', column: 'shown', row: `${link.laneId}/${link.id}` },
  }),
  intent: (laneId: string, id: string, column: string): FieldPlace => ({
    ...{ table: 'intent', column, row: `${laneId}/${id}` },
  }),
  history: ({ laneId, linkId, runId, seq, intentId }: HistoryRow): FieldPlace => ({
    ...{ table: 'history', column: 'values' },
    row: [laneId, linkId, runId, seq, intentId ?? ''].join('/'),
  }),
};

const sealedOf = (fields: Fields | null): string | null => {
  const value = fields?.[SEALED];
  return typeof value === 'string' ? value : null;
};

type Shown = readonly [a: Fields | null, b: Fields | null];
/** Side B as it differs from side A, where both have shown something; rows of earlier versions hold both whole. */
type KeptShown = Shown | readonly [a: Fields, ...Difference];

function sealLink(sealer: FieldSealer, link: Link): Link {
  const { shownA, shownB } = link;
  if (shownA === null && shownB === null) return link;
  const kept: KeptShown =
    shownA === null || shownB === null ? [shownA, shownB] : [shownA, ...differenceOf(shownB, shownA)];
  return { ...link, shownA: { [SEALED]: sealer.seal(placeOf.link(link), kept) }, shownB: null };
}

function openShown(sealer: FieldSealer, link: Link, sealed: string): Shown {
  const kept = sealer.open(placeOf.link(link), sealed) as KeptShown;
  if (kept.length === 2) return kept;
  const [shownA, ...difference] = kept;
  return [shownA, withDifference(shownA, difference)];
}

function openLink(sealer: FieldSealer, link: Link): Link {
  const sealed = sealedOf(link.shownA);
  if (sealed === null) return link;
  const [shownA, shownB] = openShown(sealer, link, sealed);
  return { ...link, shownA, shownB };
}

/** What a link that is opened later needs for it, under a name that nobody meets who copies or lists its members. */
const OPENS = Symbol('opens');

interface OpensLater {
  [OPENS]: () => Shown;
}

/** The same two functions for all links: with functions of its own, each would be a hash table of five times the size. */
const LATER: PropertyDescriptorMap & ThisType<OpensLater> = {
  shownA: {
    get() {
      return this[OPENS]()[0];
    },
    enumerable: true,
    configurable: true,
  },
  shownB: {
    get() {
      return this[OPENS]()[1];
    },
    enumerable: true,
    configurable: true,
  },
};

/**
 * Opened by whoever looks at what was shown: a feed that repeats what is known is told by versions alone, of thousands of
 * links. Throws then what `links` would have thrown.
 */
function openLinkLater(sealer: FieldSealer, link: Link): Link {
  const sealed = sealedOf(link.shownA);
  if (sealed === null) return link;
  let shown: Shown | undefined;
  const value = (): Shown => {
    shown ??= openShown(sealer, link, sealed);
    return shown;
  };
  const { shownA: _a, shownB: _b, ...rest } = link;
  Object.defineProperty(rest, OPENS, { value });
  return Object.defineProperties(rest, LATER) as Link;
}

type Conflicts = readonly ConflictRow[];

function sealConflicts(
  sealer: FieldSealer,
  of: { laneId: string; id: string; conflicts: Conflicts },
): Conflicts {
  if (of.conflicts.length === 0) return of.conflicts;
  const kept = sealer.seal(placeOf.intent(of.laneId, of.id, 'conflicts'), of.conflicts);
  return [{ field: SEALED, winner: 'a', kept, lost: null, rule: '', certainty: 'certain' }];
}

function openConflicts(sealer: FieldSealer, { laneId, id, conflicts }: Intent): Conflicts {
  const [only] = conflicts;
  if (only?.field !== SEALED || typeof only.kept !== 'string') return conflicts;
  return sealer.open(placeOf.intent(laneId, id, 'conflicts'), only.kept) as Conflicts;
}

const NO_FIELDS: Fields = {};

type Contents = readonly [patch: Fields, sent: Fields, source: Fields, before: Fields];
/** The source as it differs from what is sent; rows of earlier versions hold it whole. */
type KeptContents = Partial<Contents> | readonly [...Contents, missing: readonly string[]];

function sealIntent(sealer: FieldSealer, intent: Intent): Intent {
  const { laneId, id, patch, sent, source, before } = intent;
  const [changed, missing] = differenceOf(source, sent);
  const kept: KeptContents = [patch, sent, changed, before, missing];
  const sealed = sealer.seal(placeOf.intent(laneId, id, 'contents'), kept);
  return {
    ...intent,
    ...{ patch: { [SEALED]: sealed }, sent: NO_FIELDS, source: NO_FIELDS, before: NO_FIELDS },
    conflicts: sealConflicts(sealer, intent),
  };
}

function openIntent(sealer: FieldSealer, intent: Intent): Intent {
  const sealed = sealedOf(intent.patch);
  if (sealed === null) return intent;
  const place = placeOf.intent(intent.laneId, intent.id, 'contents');
  const [patch = {}, sent = {}, kept = {}, before = {}, missing] = sealer.open(place, sealed) as KeptContents;
  const source = missing === undefined ? kept : withDifference(sent, [kept, missing]);
  return { ...intent, patch, sent, source, before, conflicts: openConflicts(sealer, intent) };
}

/** Both values in one record; `null` stays where there is nothing to hide. */
function sealHistory(sealer: FieldSealer, row: HistoryRow): HistoryRow {
  if (row.old === null && row.new === null) return row;
  return { ...row, old: [SEALED, sealer.seal(placeOf.history(row), [row.old, row.new])], new: null };
}

function openHistory(sealer: FieldSealer, row: HistoryRow): HistoryRow {
  if (!Array.isArray(row.old) || row.old.length !== 2 || row.old[0] !== SEALED) return row;
  const [old, now] = sealer.open(placeOf.history(row), row.old[1]) as [FieldValue, FieldValue];
  return { ...row, old, new: now };
}

function sealCommit(sealer: FieldSealer, commit: LaneCommit): LaneCommit {
  const { links, history, closed, guard } = commit;
  const { laneId } = guard;
  return {
    ...commit,
    ...(links && { links: links.map((put) => ({ ...put, link: sealLink(sealer, put.link) })) }),
    ...(history && { history: history.map((row) => sealHistory(sealer, row)) }),
    ...(closed && {
      closed: closed.map((item) => ({
        ...item,
        conflicts: sealConflicts(sealer, { ...item, laneId }),
      })),
    }),
  };
}

type Texts<R> = (row: R) => readonly (string | null)[];

const textsOfIntent: Texts<Intent> = ({ patch, conflicts: [only] }) => {
  const kept = only?.field === SEALED && typeof only.kept === 'string' ? only.kept : null;
  return [sealedOf(patch), kept];
};
const textsOfHistory: Texts<HistoryRow> = ({ old }) =>
  Array.isArray(old) && old.length === 2 && old[0] === SEALED ? [String(old[1])] : [];

/** A sealer that opens all of them: another process may have begun to seal with a key that this one has not met. */
async function sealerFor<R>(sealer: AskForSealer, rows: readonly R[], texts: Texts<R>): Promise<FieldSealer> {
  const present = await sealer();
  const known = rows.every((row) => texts(row).every((text) => text === null || present.knows(text)));
  return known ? present : sealer(true);
}

/**
 * `state@1` over another one that never sees people's data in clear: what pairs last showed, what writes send and
 * replace, and the values of history. Ids, versions, times, rules and field names pass as they are. `sealer` is asked
 * for once a call, so a batch costs one promise however many rows it has; and what was sealed is waited for by nobody here: it would be kept
 * until it is stored, and grow old.
 */
export function sealSyncState(sync: SyncState, sealer: AskForSealer): SyncState {
  const sealed: Partial<SyncState> = {
    async commitLane(commit) {
      const by = await sealer();
      return sync.commitLane(sealCommit(by, commit));
    },
    async openIntents(request) {
      const by = await sealer();
      return sync.openIntents({
        ...request,
        intents: request.intents.map((intent) => sealIntent(by, intent)),
      });
    },
    async links(laneId, query) {
      const links = await sync.links(laneId, query);
      if (links.length === 0) return links;
      const by = await sealerFor(sealer, links, ({ shownA }) => [sealedOf(shownA)]);
      const open = query.by === 'native' ? openLinkLater : openLink;
      return links.map((link) => open(by, link));
    },
    async knownRecords(storeB, ids) {
      const known = await sync.knownRecords(storeB, ids);
      const links = known.flatMap((lane) => lane.links);
      if (links.length === 0) return known;
      const by = await sealerFor(sealer, links, ({ shownA }) => [sealedOf(shownA)]);
      return known.map((lane) => ({ ...lane, links: lane.links.map((link) => openLinkLater(by, link)) }));
    },
    async openIntentsOf(laneId) {
      const intents = await sync.openIntentsOf(laneId);
      if (intents.length === 0) return intents;
      const by = await sealerFor(sealer, intents, textsOfIntent);
      return intents.map((intent) => openIntent(by, intent));
    },
    async intentsOf(laneId, linkId) {
      const intents = await sync.intentsOf(laneId, linkId);
      if (intents.length === 0) return intents;
      const by = await sealerFor(sealer, intents, textsOfIntent);
      return intents.map((intent) => openIntent(by, intent));
    },
    async history(laneId, query) {
      const rows = await sync.history(laneId, query);
      if (rows.length === 0) return rows;
      const by = await sealerFor(sealer, rows, textsOfHistory);
      return rows.map((row) => openHistory(by, row));
    },
  };
  return new Proxy(sync, {
    get(target, name) {
      const own = sealed[name as keyof SyncState];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
