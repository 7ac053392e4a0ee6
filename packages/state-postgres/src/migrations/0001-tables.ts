/** Byte order, as every other store of this contract has it; also what `like` and index ranges need. */
const TEXT = 'text collate "C"';

const PARTITIONS = 16;

const linkSide = (x: 'a' | 'b'): string => `
  ${x}_id ${TEXT}, ${x}_inc bigint, ${x}_version ${TEXT}, ${x}_mono ${TEXT}, ${x}_stamp ${TEXT}, ${x}_gen bigint,
  shown_${x} jsonb, gone_${x} boolean not null,
  dirty_${x} bigint not null, clean_${x} bigint not null, seen_${x} ${TEXT} not null,`;

/** Tombstones and merged links leave the identity free, so their own id tells them apart. */
const linkSideIndexes = (x: 'a' | 'b'): string => `
create unique index link_native_${x} on $.link
  (lane, ${x}_id, (case when status in ('tomb', 'merged') then id else '' end)) where ${x}_id <> '';
create index link_stamp_${x} on $.link (lane, ${x}_stamp) where ${x}_stamp <> '';`;

const partitions = Array.from(
  { length: PARTITIONS },
  (_, i) => `create table $.link_${String(i).padStart(2, '0')} partition of $.link
  for values with (modulus ${PARTITIONS}, remainder ${i})
  with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);`,
).join('\n');

const tenantTables = `
create table $.tenant (
  id ${TEXT} primary key, name text not null, sealed_tenant_id bytea not null,
  tenant_index ${TEXT} not null unique, created_at bigint not null
);
create table $.connection (
  id ${TEXT} primary key, tenant_id ${TEXT} not null references $.tenant (id) on delete cascade,
  contract text not null check (contract in ('mailbox', 'crm')), adapter text not null, last_ok_at bigint,
  state text not null check (state in ('pending', 'connected', 'broken', 'disconnected'))
);
create index connection_tenant on $.connection (tenant_id);
create table $.public_key (
  tenant_id ${TEXT} not null references $.tenant (id) on delete cascade, key_name ${TEXT} not null,
  sha256 text not null, not_after bigint not null, primary key (tenant_id, key_name)
);`;

/**
 * No index on lease columns, so that renewing a lease stays within its page. `lane_due` serves
 * `where due_at <= now and lease_until <= now order by due_at limit n for update skip locked`.
 */
const laneTables = `
create table $.lane (
  n bigint generated always as identity primary key, id ${TEXT} not null unique, tenant_id ${TEXT} not null,
  store_a text not null, store_b text not null, label text not null, fence bigint not null default 0,
  lease_owner text, lease_until bigint not null default 0, dirty_seq bigint not null default 0,
  done_seq bigint not null default 0, due_at bigint not null, scope_hash text, held jsonb,
  approved_hash text, last_ok_at bigint, error_kind text, error_count bigint not null default 0,
  mark_seq bigint not null default 0
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index lane_due on $.lane (due_at);
create table $.feed (
  id ${TEXT} primary key, store ${TEXT} not null, side text not null check (side in ('a', 'b')), key text not null,
  cursor text, gen bigint not null default 0, scanning boolean not null default false, scope_hash text,
  fence bigint not null default 0, lease_until bigint not null default 0, lease_owner text, page_hash text
) with (fillfactor = 70);
create index feed_store on $.feed (store, id);`;

/**
 * Rows of a lane carry its number and no foreign key: lanes are never deleted, and whoever writes holds the lane's
 * row. Indexes keep off columns that every put changes, so that most puts stay within their page.
 */
const linkTables = `
create table $.link (
  lane bigint not null, id ${TEXT} not null,
  status text not null check (status in ('half', 'live', 'tomb', 'out', 'merged', 'detached')),
  ${linkSide('a')} ${linkSide('b')}
  quarantine jsonb, parked_until bigint not null, holds jsonb not null, updated_at bigint not null,
  primary key (lane, id)
) partition by hash (lane);
${partitions}
${linkSideIndexes('a')}
${linkSideIndexes('b')}
create index link_work on $.link (lane, id, parked_until) where dirty_a > clean_a or dirty_b > clean_b
  or status = 'half' or ((gone_a or gone_b) and status <> 'tomb');
create index link_parked on $.link (lane, parked_until) where parked_until > 0;
create index link_status on $.link (lane, status);
create index link_tomb on $.link (id) where status = 'tomb';
create table $.suspect (
  lane bigint not null, side ${TEXT} not null check (side in ('a', 'b')), id ${TEXT} not null,
  why text not null check (why in ('unknown', 'removed', 'missing', 'merged', 'review')),
  feed text not null, into_id text, stamp text, stamp_known boolean not null, keys jsonb,
  mono ${TEXT} not null, at bigint not null, seq bigint not null, primary key (lane, side, id)
);
create table $.blocking (
  lane bigint not null, side ${TEXT} not null, key ${TEXT} not null, id ${TEXT} not null,
  primary key (lane, side, key, id)
);
create index blocking_record on $.blocking (lane, side, id);`;

const journalTables = `
create table $.intent (
  n bigint generated always as identity primary key, id ${TEXT} not null unique, lane bigint not null,
  link_id ${TEXT} not null, side text not null check (side in ('a', 'b')),
  op text not null check (op in ('create', 'update', 'delete')), store ${TEXT} not null, target_id ${TEXT} not null,
  fence bigint not null, version text, patch jsonb not null, sent jsonb not null, source jsonb not null,
  before jsonb not null, stamp text, incarnation bigint not null, conflicts jsonb not null, cause text not null,
  run_id text not null, sent_at bigint not null, owner text,
  state text not null check (state in ('open', 'confirmed', 'void')), closed_at bigint
) with (fillfactor = 85);
create unique index intent_open_link on $.intent (lane, link_id) where state = 'open';
create unique index intent_open_target on $.intent (store, target_id) where state = 'open';
create index intent_link on $.intent (lane, link_id, sent_at);
create index intent_closed on $.intent (closed_at) where state <> 'open';
create table $.claim (
  store ${TEXT} not null, key ${TEXT} not null, lane bigint not null, intent_id ${TEXT} not null,
  at bigint not null, primary key (store, key)
);
create index claim_lane on $.claim (lane, key);
create index claim_at on $.claim (at);
create table $.history (
  n bigint generated always as identity primary key, lane bigint not null, run_id ${TEXT} not null,
  seq bigint not null, link_id ${TEXT} not null, side text not null, op text not null, field text, old jsonb,
  new jsonb, rule text not null, at bigint not null
);
create index history_lane on $.history (lane, n);
create index history_link on $.history (lane, link_id, n);
create index history_run on $.history (lane, run_id, n);
create index history_at on $.history (at);
create table $.review (
  id ${TEXT} primary key, lane bigint not null, kind text not null, link_id text, a_ids jsonb not null,
  b_ids jsonb not null, score double precision, reasons jsonb not null, decision text, decided_at bigint,
  at bigint not null
);
create index review_lane on $.review (lane, at, id);
create index review_open on $.review (lane, at, id) where decision is null;
create table $.run (
  id ${TEXT} primary key, lane bigint not null, kind text not null, started_at bigint not null, ended_at bigint,
  counts jsonb not null, stop_reason text
);
create index run_lane on $.run (lane, started_at, id);`;

export const tables = [tenantTables, laneTables, linkTables, journalTables].join('\n');
