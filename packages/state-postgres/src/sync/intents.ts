import {
  AdapterError,
  type Intent,
  type LaneCommit,
  type OpenIntents,
  type OpenResult,
} from '@tidelock/core';
import type { Database } from '../database.ts';
import type { Session } from '../database-session.ts';
import { int, intOrNull, json, type Row, text, textOrNull, word } from '../row.ts';
import { toJson } from '../row-text.ts';
import { foreignRow, openGuarded } from './lane-key.ts';
import { createOccupancy, type Occupancy, type Refusal } from './occupancy.ts';

const OPERATION = 'state.openIntents';

/** Columns with their types, as `jsonb_to_recordset` reads them. */
const COLUMNS = {
  ...{
    id: 'text',
    link_id: 'text',
    side: 'text',
    op: 'text',
    store: 'text',
    target_id: 'text',
    fence: 'bigint',
  },
  ...{ version: 'text', patch: 'jsonb', sent: 'jsonb', source: 'jsonb', before: 'jsonb', stamp: 'text' },
  ...{
    incarnation: 'bigint',
    conflicts: 'jsonb',
    cause: 'text',
    origin: 'jsonb',
    run_id: 'text',
    sent_at: 'bigint',
    owner: 'text',
  },
} as const;

const names = Object.keys(COLUMNS);
const record = Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

/** Opening an intent of the same id again renews it: a second attempt at the same write. */
const OPEN = `insert into $.intent as i (lane, state, ${names.join(', ')})
  select $1::bigint, 'open', ${names.join(', ')} from jsonb_to_recordset($2::jsonb) as r(${record})
  on conflict (id) do update set ${names
    .filter((name) => name !== 'id')
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}
  where i.lane = excluded.lane and i.state = 'open'`;

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

const fromIntent = (intent: Intent) => ({
  ...{ id: intent.id, link_id: intent.linkId, side: intent.side, op: intent.op, store: intent.store },
  ...{ target_id: intent.targetId, fence: intent.fence, version: intent.version, patch: intent.patch },
  ...{ sent: intent.sent, source: intent.source, before: intent.before, stamp: intent.stamp },
  ...{ incarnation: intent.incarnation, conflicts: intent.conflicts, cause: intent.cause },
  ...{ origin: intent.origin, run_id: intent.runId, sent_at: intent.sentAt, owner: intent.owner },
});

/**
 * What lanes can contend for is locked first, in one order for all: whoever gets on then sees what the others have
 * committed. The locks end with the transaction.
 */
const CONTEND = `with k as materialized (select distinct hashtextextended(w, 0) as h
    from unnest($1::text[]) as w order by h) select pg_advisory_xact_lock(h) from k`;

/** Whatever could refuse one of these intents, what feeds have shown of what was read, and earlier ones that carried a stamp of them. */
const TAKEN = `
  select 'intent' as what, i.id, i.lane, i.state, i.link_id, i.store, i.target_id as key
    from $.intent i where i.id = any($2::text[])
  union all
  select 'intent', i.id, i.lane, i.state, i.link_id, i.store, i.target_id
    from $.intent i where i.lane = $1 and i.state = 'open' and i.link_id = any($3::text[])
  union all
  select 'intent', i.id, i.lane, i.state, i.link_id, i.store, i.target_id
    from jsonb_to_recordset($4::jsonb) as r(store text, key text)
    join $.intent i on i.store = r.store and i.target_id = r.key and i.state = 'open'
  union all
  select 'claim', '', c.lane, '', '', c.store, c.key
    from jsonb_to_recordset($5::jsonb) as r(store text, key text)
    join $.claim c on c.store = r.store and c.key = r.key and c.lane <> $1
  union all
  select 'stamp', i.id, i.lane, i.state, i.link_id, '', i.stamp
    from jsonb_to_recordset($6::jsonb) as r(link text, stamp text)
    join $.intent i on i.lane = $1 and i.link_id = r.link and i.stamp = r.stamp
  union all
  select 'newer', r.id, l.lane, '', l.id, '', ''
    from jsonb_to_recordset($7::jsonb) as r(id text, link text, side text, mono text)
    join $.link l on l.lane = $1 and l.id = r.link
      and case r.side when 'a' then l.seen_a else l.seen_b end > r.mono collate "C"`;

const CLAIM = `insert into $.claim (store, key, lane, intent_id, at)
  select store, key, $1::bigint, intent_id, $2::bigint
  from jsonb_to_recordset($3::jsonb) as r(store text, key text, intent_id text)
  on conflict (store, key) do update set intent_id = excluded.intent_id, at = excluded.at`;

type Claims = OpenIntents['claims'];

function claimsByIntent(claims: Claims): Map<string, Claims[number][]> {
  const grouped = new Map<string, Claims[number][]>();
  for (const claim of claims) {
    const group = grouped.get(claim.intentId);
    if (group === undefined) grouped.set(claim.intentId, [claim]);
    else group.push(claim);
  }
  return grouped;
}

async function readTaken(session: Session, n: number, request: OpenIntents): Promise<Occupancy> {
  const { intents, claims } = request;
  const targets = intents.map(({ store, targetId }) => ({ store, key: targetId }));
  const keys = claims.map(({ store, key }) => ({ store, key }));
  const words = [
    ...targets.map(({ store, key }) => `target ${store} ${key}`),
    ...keys.map(({ store, key }) => `claim ${store} ${key}`),
  ];
  await session.all(CONTEND, [words]);
  const ids = intents.map((intent) => intent.id);
  const links = intents.map((intent) => intent.linkId);
  const stamps = intents.flatMap(({ op, linkId, stamp }) =>
    op === 'create' && stamp !== null ? [{ link: linkId, stamp }] : [],
  );
  const byId = new Map(intents.map((intent) => [intent.id, intent]));
  const reads = (request.reads ?? []).flatMap(({ intentId: id, mono }) => {
    const intent = byId.get(id);
    return intent === undefined ? [] : [{ id, link: intent.linkId, side: intent.side, mono }];
  });
  const lists = [targets, keys, stamps, reads].map((list) => toJson(list));
  return createOccupancy(n, await session.all(TAKEN, [n, ids, links, ...lists]));
}

interface Decided {
  readonly opened: readonly Intent[];
  readonly claims: Claims;
  readonly refused: readonly { readonly intentId: string; readonly why: Refusal }[];
}

/** One after the other, each against what the ones before it took. */
function decide(request: OpenIntents, taken: Occupancy): Decided {
  const claimsOf = claimsByIntent(request.claims);
  const opened: Intent[] = [];
  const granted: Claims[number][] = [];
  const refused: { intentId: string; why: Refusal }[] = [];
  for (const intent of request.intents) {
    const claims = claimsOf.get(intent.id) ?? [];
    const why = taken.refusalOf(intent, claims);
    if (why !== null) {
      refused.push({ intentId: intent.id, why });
      continue;
    }
    taken.take(intent);
    opened.push(intent);
    granted.push(...claims);
  }
  return { opened, claims: granted, refused };
}

function closedBefore(): AdapterError {
  return new AdapterError('conflict', 'An intent of this id was closed before.', { operation: OPERATION });
}

async function store(session: Session, at: { n: number; now: number }, decided: Decided): Promise<void> {
  const rows = new Map(decided.opened.map((intent) => [intent.id, fromIntent(intent)]));
  if (rows.size > 0) {
    const stored = await session.run(OPEN, [at.n, toJson([...rows.values()])]);
    // A lane that is not this one took the id meanwhile.
    if (stored < rows.size) throw closedBefore();
  }
  const claims = new Map(
    decided.claims.map(({ intentId, store, key }) => [
      JSON.stringify([store, key]),
      { store, key, intent_id: intentId },
    ]),
  );
  if (claims.size > 0) await session.run(CLAIM, [at.n, at.now, toJson([...claims.values()])]);
}

/** Five statements, however many intents there are. */
export async function openIntents(db: Database, request: OpenIntents): Promise<OpenResult> {
  return db.transaction(OPERATION, async (session) => {
    const { n, id } = await openGuarded(session, request.guard, OPERATION);
    if (request.intents.some((intent) => intent.laneId !== id)) throw foreignRow(OPERATION);
    if (request.intents.length === 0) return { opened: [], refused: [], repeated: [] };
    const taken = await readTaken(session, n, request);
    if (request.intents.some((intent) => taken.isClosed(intent.id))) throw closedBefore();
    const decided = decide(request, taken);
    await store(session, { n, now: request.now }, decided);
    return {
      opened: decided.opened.map((intent) => intent.id),
      refused: decided.refused,
      repeated: decided.opened.filter(taken.isRepeated).map((intent) => intent.id),
    };
  });
}

const CLOSE = `update $.intent i set state = r.state, conflicts = r.conflicts, closed_at = $2::bigint
  from jsonb_to_recordset($3::jsonb) as r(id text, state text, conflicts jsonb)
  where i.id = r.id and i.lane = $1 and i.state = 'open'`;

/** An intent that is not open is left as it is: closing is safe to repeat. Of two outcomes the first one counts. */
export async function closeIntents(
  session: Session,
  n: number,
  at: { readonly closed: NonNullable<LaneCommit['closed']>; readonly now: number },
): Promise<void> {
  const first = new Map<string, { id: string; state: string; conflicts: unknown }>();
  for (const { id, state, conflicts } of at.closed) {
    if (!first.has(id)) first.set(id, { id, state, conflicts });
  }
  if (first.size > 0) await session.run(CLOSE, [n, at.now, toJson([...first.values()])]);
}

export async function releaseClaims(session: Session, n: number, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await session.run('delete from $.claim where lane = $1 and key = any($2::text[])', [n, keys]);
}

export const INTENT_QUERIES = {
  open: "select * from $.intent where lane = $1 and state = 'open' order by sent_at, n",
  link: 'select * from $.intent where lane = $1 and link_id = $2 order by sent_at desc, n desc',
} as const;

interface Lane {
  readonly n: number;
  readonly id: string;
}

export async function openIntentsOf(session: Session, lane: Lane): Promise<Intent[]> {
  return (await session.all(INTENT_QUERIES.open, [lane.n])).map((row) => toIntent(row, lane.id));
}

export async function intentsOf(session: Session, lane: Lane, linkId: string): Promise<Intent[]> {
  return (await session.all(INTENT_QUERIES.link, [lane.n, linkId])).map((row) => toIntent(row, lane.id));
}
