import type { SQLInputValue } from 'node:sqlite';
import type { Guard, Intent, LaneCommit, OpenIntents, OpenResult, Side } from '@tidelock/core';
import { AdapterError } from '@tidelock/core/errors';
import type { Database } from '../database.ts';
import { int, intOrNull, json, type Row, text, textOrNull, toJson, word } from '../row.ts';
import { type OpenLane, openGuarded } from './lane-key.ts';
import { foreignRow } from './links.ts';

const OPERATION = 'state.openIntents';

const COLUMNS = `id, lane, link_id, side, op, store, target_id, fence, version, patch, sent, source, before, stamp,
  incarnation, conflicts, cause, origin, run_id, sent_at, owner, state, closed_at`;

const INSERT = `insert into intent (${COLUMNS})
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', null)`;

/** Its id, its link and its target are free: the unique indexes say so, and nobody has to be asked before. */
const OPEN_FREE = `${INSERT} on conflict do nothing`;

/** Opening an intent of the same id again renews it: a second attempt at the same write. */
const OPEN = `${INSERT}
  on conflict (id) do update set link_id = excluded.link_id, side = excluded.side, op = excluded.op,
    store = excluded.store, target_id = excluded.target_id, fence = excluded.fence, version = excluded.version,
    patch = excluded.patch, sent = excluded.sent, source = excluded.source, before = excluded.before,
    stamp = excluded.stamp, incarnation = excluded.incarnation, conflicts = excluded.conflicts,
    cause = excluded.cause, origin = excluded.origin, run_id = excluded.run_id, sent_at = excluded.sent_at, owner = excluded.owner`;

function toIntent(row: Row, laneId: string): Intent {
  return {
    id: text(row, 'id'),
    laneId,
    linkId: text(row, 'link_id'),
    side: word(row, 'side'),
    op: word(row, 'op'),
    store: text(row, 'store'),
    targetId: text(row, 'target_id'),
    fence: int(row, 'fence'),
    version: textOrNull(row, 'version'),
    patch: json(row, 'patch'),
    sent: json(row, 'sent'),
    source: json(row, 'source'),
    before: json(row, 'before'),
    stamp: textOrNull(row, 'stamp'),
    incarnation: int(row, 'incarnation'),
    conflicts: json(row, 'conflicts'),
    cause: text(row, 'cause'),
    origin: json(row, 'origin'),
    runId: text(row, 'run_id'),
    sentAt: int(row, 'sent_at'),
    owner: textOrNull(row, 'owner'),
    state: word(row, 'state'),
    closedAt: intOrNull(row, 'closed_at'),
  };
}

/** What is asked of an intent besides its row. */
interface Named {
  readonly id: string;
  readonly linkId: string;
  readonly side: Side;
  readonly op: string;
  readonly store: string;
  readonly targetId: string;
  readonly stamp: string | null;
}

/** The parameters of `INSERT`, flat, as they cross from one thread to another; the lane's number is null. */
type IntentValues = SQLInputValue[];
const LANE = 1;

function toValues(intent: Intent): IntentValues {
  const { id, linkId, side, op, store, targetId, fence, version, stamp, incarnation, cause, runId } = intent;
  const { sentAt, owner } = intent;
  const origin = toJson(intent.origin);
  const [patch, sent, source] = [toJson(intent.patch), toJson(intent.sent), toJson(intent.source)];
  const [before, conflicts] = [toJson(intent.before), toJson(intent.conflicts)];
  return [
    id,
    null,
    linkId,
    side,
    op,
    store,
    targetId,
    fence,
    version,
    patch,
    sent,
    source,
    before,
    stamp,
    incarnation,
    conflicts,
    cause,
    origin,
    runId,
    sentAt,
    owner,
  ];
}

function namedIn(values: IntentValues): Named {
  const [id, , linkId, side, op, store, targetId, , , , , , , stamp] = values as (string & Side)[];
  return { id, linkId, side, op, store, targetId, stamp: stamp ?? null } as Named;
}

/** `openIntents` as rows. */
export interface IntentRows {
  readonly guard: Guard;
  readonly now: number;
  readonly intents: readonly IntentValues[];
  readonly claims: OpenIntents['claims'];
  readonly reads: OpenIntents['reads'];
}

/** Throws `invalid` for an intent of another lane. */
export function toIntentRows({ guard, now, intents, claims, reads }: OpenIntents): IntentRows {
  if (intents.some(({ laneId }) => laneId !== guard.laneId)) throw foreignRow(OPERATION);
  return { guard, now, intents: intents.map(toValues), claims, reads };
}

/** False when `sql` left it out. */
function insert(db: Database, n: number, of: { values: IntentValues; sql: string }): boolean {
  const values = of.values.with(LANE, n);
  return db.statement(of.sql).run(...values).changes === 1;
}

function isClosedOrForeign(db: Database, n: number, intent: Named): boolean {
  const row = db.statement('select lane, state from intent where id = ?').get(intent.id);
  return row !== undefined && (int(row, 'lane') !== n || text(row, 'state') !== 'open');
}

const LINK_BUSY = "select 1 from intent where lane = ? and link_id = ? and state = 'open' and id <> ?";
const TARGET_BUSY = "select 1 from intent where store = ? and target_id = ? and state = 'open' and id <> ?";
const CLAIMED = 'select 1 from claim where store = ? and key = ? and lane <> ?';
const CLAIM = `insert into claim (store, key, lane, intent_id, at) values (?, ?, ?, ?, ?)
  on conflict (store, key) do update set intent_id = excluded.intent_id, at = excluded.at`;

const SENT_BEFORE = 'select 1 from intent where lane = ? and link_id = ? and stamp = ? and id <> ? limit 1';

/** Asked before or after the row itself is written. */
function isRepeated(db: Database, n: number, { op, linkId, stamp, id }: Named): boolean {
  return op === 'create' && db.statement(SENT_BEFORE).get(n, linkId, stamp, id) !== undefined;
}

type Refusal = OpenResult['refused'][number]['why'];
type Claims = OpenIntents['claims'];

/** An intent, what it claims, and whether its target is newer than it was read. */
interface Asked {
  readonly values: IntentValues;
  readonly intent: Named;
  readonly claims: Claims;
  readonly newer: boolean;
}

function refusalOf(db: Database, n: number, { intent, claims, newer }: Asked): Refusal | null {
  if (db.statement(LINK_BUSY).get(n, intent.linkId, intent.id) !== undefined) return 'link';
  if (db.statement(TARGET_BUSY).get(intent.store, intent.targetId, intent.id) !== undefined) return 'target';
  if (newer) return 'newer';
  const held = claims.some(({ store, key }) => db.statement(CLAIMED).get(store, key, n) !== undefined);
  return held ? 'claim' : null;
}

const NEWER = {
  a: 'select 1 from link where lane = ? and id = ? and seen_a > ?',
  b: 'select 1 from link where lane = ? and id = ? and seen_b > ?',
} as const;

/** A feed has shown a newer one than the one that was read. */
const isNewer = (db: Database, n: number, of: { intent: Named; mono: string | undefined }): boolean =>
  of.mono !== undefined &&
  db.statement(NEWER[of.intent.side]).get(n, of.intent.linkId, of.mono) !== undefined;

function claimsByIntent(claims: Claims): Map<string, Claims[number][]> {
  const grouped = new Map<string, Claims[number][]>();
  for (const claim of claims) {
    const group = grouped.get(claim.intentId);
    if (group === undefined) grouped.set(claim.intentId, [claim]);
    else group.push(claim);
  }
  return grouped;
}

function requireOpenable(db: Database, n: number, intent: Named): void {
  if (!isClosedOrForeign(db, n, intent)) return;
  throw new AdapterError('conflict', 'An intent of this id was closed before.', { operation: OPERATION });
}

/** Why it is refused, or null when it is open now. */
function open(db: Database, n: number, asked: Asked): Refusal | null {
  const { values, intent, claims, newer } = asked;
  if (claims.length === 0 && !newer && insert(db, n, { values, sql: OPEN_FREE })) return null;
  requireOpenable(db, n, intent);
  const why = refusalOf(db, n, asked);
  if (why === null) insert(db, n, { values, sql: OPEN });
  return why;
}

export function openIntents(db: Database, request: IntentRows): OpenResult {
  return db.transaction(OPERATION, () => {
    const { n } = openGuarded(db, request.guard, OPERATION);
    const claimsOf = claimsByIntent(request.claims);
    const readAs = new Map(request.reads?.map(({ intentId, mono }) => [intentId, mono]));
    const opened: string[] = [];
    const repeated: string[] = [];
    const refused: { intentId: string; why: Refusal }[] = [];
    for (const values of request.intents) {
      const intent = namedIn(values);
      const claims = claimsOf.get(intent.id) ?? [];
      const newer = isNewer(db, n, { intent, mono: readAs.get(intent.id) });
      const why = open(db, n, { values, intent, claims, newer });
      if (why !== null) {
        refused.push({ intentId: intent.id, why });
        continue;
      }
      if (isRepeated(db, n, intent)) repeated.push(intent.id);
      for (const { store, key } of claims) db.statement(CLAIM).run(store, key, n, intent.id, request.now);
      opened.push(intent.id);
    }
    return { opened, refused, repeated };
  });
}

/** Intents that end alike. */
export interface ClosedValues {
  readonly state: string;
  readonly conflicts: string;
  readonly ids: string[];
}

/** Mostly one group: a batch that was written without conflicts. */
export function toClosedValues(closed: NonNullable<LaneCommit['closed']>): readonly ClosedValues[] {
  const groups = new Map<string, ClosedValues>();
  for (const { id, state, conflicts: rows } of closed) {
    const conflicts = toJson(rows);
    const group = groups.get(state + conflicts) ?? { state, conflicts, ids: [] };
    group.ids.push(id);
    groups.set(state + conflicts, group);
  }
  return [...groups.values()];
}

/** The unary plus keeps the planner from going through all intents of the lane. */
export const CLOSE = `update intent set state = ?, conflicts = ?, closed_at = ?
  where id in (select value from json_each(?)) and +lane = ? and state = 'open'`;

/** An intent that is not open is left as it is: closing is safe to repeat. */
export function closeIntents(
  db: Database,
  lane: OpenLane,
  at: { readonly closed: readonly ClosedValues[]; readonly now: number },
): void {
  for (const { ids, state, conflicts } of at.closed)
    db.statement(CLOSE).run(state, conflicts, at.now, toJson(ids), lane.n);
}

export function releaseClaims(db: Database, lane: OpenLane, keys: readonly string[]): void {
  for (const key of keys) db.statement('delete from claim where lane = ? and key = ?').run(lane.n, key);
}

export const INTENT_QUERIES = {
  open: "select * from intent where lane = ? and state = 'open' order by sent_at, n",
  link: 'select * from intent where lane = ? and link_id = ? order by sent_at desc, n desc',
} as const;

export function openIntentsOf(db: Database, lane: { n: number; id: string }): Intent[] {
  return db
    .statement(INTENT_QUERIES.open)
    .all(lane.n)
    .map((row) => toIntent(row, lane.id));
}

export function intentsOf(db: Database, lane: { n: number; id: string }, linkId: string): Intent[] {
  return db
    .statement(INTENT_QUERIES.link)
    .all(lane.n, linkId)
    .map((row) => toIntent(row, lane.id));
}
