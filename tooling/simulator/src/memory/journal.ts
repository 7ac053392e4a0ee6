import type {
  DeleteCounts,
  HistoryRow,
  Intent,
  LaneCommit,
  LaneCounts,
  Link,
  LinkStatus,
  OpenIntents,
  OpenResult,
  Review,
  RunRow,
  Side,
  SyncState,
} from '@tidelock/core';
import { isDirty, withPuts } from './links.ts';
import { forgetKeys, putKeys, refineSuspects, settleSuspects } from './suspects.ts';
import { byText, checkLane, guarded, keyOf, type LaneTable, refused, type Tables } from './tables.ts';

type Refusal = OpenResult['refused'][number]['why'];

/** A feed has shown a newer one than the one that was read. */
function isNewer(tables: Tables, { laneId, linkId, side }: Intent, mono: string | undefined): boolean {
  const link = tables.lanes.get(laneId)?.links.get(linkId)?.link;
  return link !== undefined && mono !== undefined && (side === 'a' ? link.seenA : link.seenB) > mono;
}

function refusalOf(
  tables: Tables,
  intent: Intent,
  of: { keys: readonly string[]; mono: string | undefined },
): Refusal | null {
  for (const other of tables.intents.values()) {
    if (other.state !== 'open' || other.id === intent.id) continue;
    if (other.laneId === intent.laneId && other.linkId === intent.linkId) return 'link';
    if (other.store === intent.store && other.targetId === intent.targetId) return 'target';
  }
  if (isNewer(tables, intent, of.mono)) return 'newer';
  const taken = of.keys.some((key) => (tables.claims.get(key)?.laneId ?? intent.laneId) !== intent.laneId);
  return taken ? 'claim' : null;
}

/** The stamp may have reached the store: an earlier intent of the link carried it. */
function isRepeated(tables: Tables, { id, op, laneId, linkId, stamp }: Intent): boolean {
  if (op !== 'create' || stamp === null) return false;
  for (const other of tables.intents.values())
    if (other.laneId === laneId && other.linkId === linkId && other.stamp === stamp && other.id !== id)
      return true;
  return false;
}

export function openIntents(tables: Tables, request: OpenIntents): OpenResult {
  const operation = 'state.openIntents';
  const lane = guarded(tables, request.guard, operation);
  checkLane(lane.row.id, request.intents);
  for (const { id } of request.intents) {
    const known = tables.intents.get(id);
    if (known !== undefined && (known.laneId !== lane.row.id || known.state !== 'open'))
      throw refused('An intent of this id was closed before.', operation);
  }
  const opened: string[] = [];
  const repeated: string[] = [];
  const refusals: { intentId: string; why: Refusal }[] = [];
  for (const intent of request.intents) {
    const keys = request.claims
      .filter((claim) => claim.intentId === intent.id)
      .map((claim) => keyOf(claim.store, claim.key));
    const mono = request.reads?.find((read) => read.intentId === intent.id)?.mono;
    const why = refusalOf(tables, intent, { keys, mono });
    if (why !== null) {
      refusals.push({ intentId: intent.id, why });
      continue;
    }
    if (isRepeated(tables, intent)) repeated.push(intent.id);
    tables.intents.set(intent.id, { ...intent, state: 'open', closedAt: null });
    for (const key of keys)
      tables.claims.set(key, { laneId: lane.row.id, intentId: intent.id, at: request.now });
    opened.push(intent.id);
  }
  return { opened, refused: refusals, repeated };
}

function closeIntents(tables: Tables, lane: LaneTable, commit: LaneCommit): void {
  for (const { id, state, conflicts } of commit.closed ?? []) {
    const intent = tables.intents.get(id);
    if (intent?.state !== 'open' || intent.laneId !== lane.row.id) continue;
    tables.intents.set(id, { ...intent, state, conflicts, closedAt: commit.now });
  }
}

function putReview(tables: Tables, review: Review): void {
  const old = tables.reviews.get(review.id);
  if (old === undefined) tables.reviews.set(review.id, review);
  else {
    const { decision, decidedAt } = old.decision === null ? review : old;
    tables.reviews.set(review.id, { ...review, at: old.at, decision, decidedAt });
  }
}

function forgetTomb(lane: LaneTable, link: Link): void {
  if (link.status !== 'tomb') return;
  if (link.a !== null) forgetKeys(lane, 'a', link.a.id);
  if (link.b !== null) forgetKeys(lane, 'b', link.b.id);
}

function release(tables: Tables, lane: LaneTable, keys: readonly string[]): void {
  for (const [at, claim] of tables.claims) {
    const name = at.slice(at.indexOf('\u0000') + 1);
    if (claim.laneId === lane.row.id && keys.includes(name)) tables.claims.delete(at);
  }
}

/** In the order that the contract's suite looks for: keys are forgotten after links were put, named keys come last. */
export function commitLane(tables: Tables, commit: LaneCommit): void {
  const lane = guarded(tables, commit.guard, 'state.commitLane');
  const reviews = commit.reviews ?? [];
  for (const rows of [commit.suspects, commit.history, reviews]) checkLane(lane.row.id, rows);
  if (reviews.some((review) => (tables.reviews.get(review.id)?.laneId ?? lane.row.id) !== lane.row.id))
    throw refused('Another lane holds a review of this id.', 'state.commitLane');
  const { links, sequence } = withPuts(lane, commit.links ?? []);
  lane.links = links;
  lane.sequence = sequence;
  for (const { link } of commit.links ?? []) forgetTomb(lane, link);
  settleSuspects(lane, commit.settled ?? []);
  refineSuspects(lane, commit.suspects ?? []);
  for (const record of commit.keys ?? []) putKeys(lane, record);
  closeIntents(tables, lane, commit);
  lane.history.push(...(commit.history ?? []));
  for (const review of reviews) putReview(tables, review);
  release(tables, lane, commit.released ?? []);
  if (commit.held !== undefined) lane.row = { ...lane.row, held: commit.held };
}

export function openOf(tables: Tables, laneId: string): Intent[] {
  const found: Intent[] = [];
  for (const intent of tables.intents.values())
    if (intent.state === 'open' && intent.laneId === laneId) found.push(intent);
  return found.sort((x, y) => x.sentAt - y.sentAt);
}

export const intentsOf = (tables: Tables, laneId: string, linkId: string): Intent[] =>
  [...tables.intents.values()]
    .filter((intent) => intent.laneId === laneId && intent.linkId === linkId)
    .reverse()
    .sort((x, y) => y.sentAt - x.sentAt);

export function reviewsOf(
  tables: Tables,
  laneId: string,
  query: { readonly open?: boolean; readonly ids?: readonly string[] },
): Review[] {
  const { open, ids } = query;
  const found: Review[] = [];
  for (const review of tables.reviews.values()) {
    if (review.laneId !== laneId || (open !== undefined && (review.decision === null) !== open)) continue;
    if (ids === undefined || ids.includes(review.id)) found.push(review);
  }
  return found.sort((x, y) => x.at - y.at || byText(x.id, y.id));
}

export const runsOf = (tables: Tables, laneId: string, limit: number): RunRow[] =>
  [...tables.runs.values()]
    .filter((run) => run.laneId === laneId)
    .sort((x, y) => y.startedAt - x.startedAt || byText(y.id, x.id))
    .slice(0, limit);

export function countDeletes(
  tables: Tables,
  laneId: string,
  since: Parameters<SyncState['deletesSince']>[1],
): DeleteCounts {
  const tenantId = tables.lanes.get(laneId)?.row.tenantId;
  const deletesOf = ({ history }: LaneTable, from: number): HistoryRow[] =>
    history.filter((row) => row.op === 'delete' && row.at >= from);
  const lanes = [...tables.lanes.values()].filter(({ row }) => row.tenantId === tenantId);
  const own = lanes.filter(({ row }) => row.id === laneId).flatMap((lane) => deletesOf(lane, since.lane));
  const on = (side: Side): number => own.filter((row) => row.side === side).length;
  const tenant = lanes.reduce((sum, lane) => sum + deletesOf(lane, since.tenant).length, 0);
  return { lane: { a: on('a'), b: on('b') }, tenant };
}

export function countLane(tables: Tables, lane: LaneTable, now: number): LaneCounts {
  const stored = [...lane.links.values()];
  const of = (status: LinkStatus): number => stored.filter((row) => row.link.status === status).length;
  return {
    live: of('live'),
    half: of('half'),
    out: of('out'),
    tomb: of('tomb'),
    merged: of('merged'),
    detached: of('detached'),
    dirty: stored.filter((row) => isDirty(row.link)).length,
    parked: stored.filter((row) => row.parkedUntil > now).length,
    suspects: lane.suspects.size,
    reviews: reviewsOf(tables, lane.row.id, { open: true }).length,
    openIntents: openOf(tables, lane.row.id).length,
  };
}

function removeWhere<K, V>(map: Map<K, V>, remove: (value: V) => boolean): number {
  let removed = 0;
  for (const [key, value] of map) if (remove(value) && map.delete(key)) removed++;
  return removed;
}

function pruneRuns({ runs, lanes }: Tables, before: number): number {
  const all = [...runs.values()];
  const isNamed = (run: RunRow): boolean =>
    lanes.get(run.laneId)?.history.some(({ runId }) => runId === run.id) === true;
  const isLast = (run: RunRow): boolean =>
    !all.some((other) => other.laneId === run.laneId && other.startedAt > run.startedAt);
  return removeWhere(
    runs,
    (run) => run.startedAt < before && run.endedAt !== null && !isNamed(run) && !isLast(run),
  );
}

export function prune(
  tables: Tables,
  before: {
    readonly intents: number;
    readonly claims: number;
    readonly tombstones: number;
    readonly values: number;
    readonly history: number;
    readonly runs?: number | undefined;
  },
): number {
  const { intents, lanes, claims } = tables;
  let removed = removeWhere(intents, ({ closedAt }) => closedAt !== null && closedAt < before.intents);
  removed += removeWhere(
    claims,
    ({ at, intentId }) => at < before.claims && intents.get(intentId)?.state !== 'open',
  );
  const busy = (link: Link): boolean =>
    openOf(tables, link.laneId).some((intent) => intent.linkId === link.id);
  for (const lane of lanes.values()) {
    removed += removeWhere(
      lane.links,
      ({ link }) =>
        link.status === 'tomb' && link.updatedAt < before.tombstones && !isDirty(link) && !busy(link),
    );
    const kept = lane.history.filter((row) => row.at >= before.history);
    removed += lane.history.length - kept.length;
    const expired = kept.map((row) =>
      row.at < before.values ? { ...row, old: null, new: null, expired: true as const } : row,
    );
    lane.history.splice(0, lane.history.length, ...expired);
  }
  removed += pruneRuns(tables, before.runs ?? 0);
  return removed;
}
