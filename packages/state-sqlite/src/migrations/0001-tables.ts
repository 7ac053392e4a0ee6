const linkSide = (x: 'a' | 'b'): string => `
  ${x}_id text, ${x}_inc integer, ${x}_version text, ${x}_mono text, ${x}_stamp text, ${x}_gen integer,
  shown_${x} text, gone_${x} integer not null,
  dirty_${x} integer not null, clean_${x} integer not null, seen_${x} text not null,`;

const linkSideIndexes = (x: 'a' | 'b'): string => `
create unique index link_native_${x} on link
  (lane, ${x}_id, (case when status in ('tomb', 'merged') then id else '' end)) where ${x}_id <> '';
create index link_stamp_${x} on link (lane, ${x}_stamp) where ${x}_stamp <> '';
create index link_unseen_${x} on link (lane, ${x}_gen)
  where ${x}_id <> '' and status in ('live', 'half', 'out');`;

const tenantTables = `
create table tenant (
  id text primary key, name text not null, sealed_tenant_id blob not null,
  tenant_index text not null unique, created_at integer not null
) strict, without rowid;
create table connection (
  id text primary key, tenant_id text not null references tenant (id) on delete cascade,
  contract text not null check (contract in ('mailbox', 'crm')), adapter text not null, last_ok_at integer,
  state text not null check (state in ('pending', 'connected', 'broken', 'disconnected'))
) strict, without rowid;
create index connection_tenant on connection (tenant_id);
create table public_key (
  tenant_id text not null references tenant (id) on delete cascade, key_name text not null,
  sha256 text not null, not_after integer not null, primary key (tenant_id, key_name)
) strict, without rowid;`;

const laneTables = `
create table lane (
  n integer primary key, id text not null unique, tenant_id text not null, store_a text not null,
  store_b text not null, label text not null, fence integer not null default 0, lease_owner text,
  lease_until integer not null default 0, dirty_seq integer not null default 0,
  done_seq integer not null default 0, due_at integer not null, scope_hash text, held text,
  approved_hash text, last_ok_at integer, error_kind text, error_count integer not null default 0,
  mark_seq integer not null default 0
) strict;
create table feed (
  id text primary key, store text not null, side text not null check (side in ('a', 'b')), key text not null,
  cursor text, gen integer not null default 0, scanning integer not null default 0, scope_hash text,
  fence integer not null default 0, lease_until integer not null default 0, lease_owner text, page_hash text
) strict, without rowid;
create index feed_store on feed (store, id);`;

const linkTables = `
create table link (
  n integer primary key, lane integer not null references lane (n), id text not null,
  status text not null check (status in ('half', 'live', 'tomb', 'out', 'merged', 'detached')),
  ${linkSide('a')} ${linkSide('b')}
  quarantine text, parked_until integer not null, holds text not null, updated_at integer not null,
  is_dirty integer generated always as (dirty_a > clean_a or dirty_b > clean_b) virtual,
  is_work integer generated always as (dirty_a > clean_a or dirty_b > clean_b or status = 'half'
    or ((gone_a or gone_b) and status <> 'tomb')) virtual,
  unique (lane, id)
) strict;
${linkSideIndexes('a')}
${linkSideIndexes('b')}
create index link_work on link (lane, id, parked_until) where is_work = 1;
create index link_parked on link (lane, parked_until) where parked_until > 0;
create index link_tomb on link (updated_at) where status = 'tomb';
create table suspect (
  lane integer not null references lane (n), side text not null check (side in ('a', 'b')), id text not null,
  why text not null check (why in ('unknown', 'removed', 'missing', 'merged', 'review')),
  feed text not null, into_id text, stamp text, stamp_known integer not null, keys text,
  mono text not null, at integer not null, seq integer not null, primary key (lane, side, id)
) strict, without rowid;
create index suspect_why on suspect (lane, why, side, id);
create table blocking (
  lane integer not null references lane (n), side text not null, key text not null, id text not null,
  primary key (lane, side, key, id)
) strict, without rowid;
create index blocking_record on blocking (lane, side, id);`;

const journalTables = `
create table intent (
  n integer primary key, id text not null unique, lane integer not null references lane (n),
  link_id text not null, side text not null check (side in ('a', 'b')),
  op text not null check (op in ('create', 'update', 'delete')), store text not null, target_id text not null,
  fence integer not null, version text, patch text not null, sent text not null, source text not null,
  before text not null, stamp text, incarnation integer not null, conflicts text not null, cause text not null,
  run_id text not null, sent_at integer not null, owner text,
  state text not null check (state in ('open', 'confirmed', 'void')), closed_at integer
) strict;
create unique index intent_open_link on intent (lane, link_id) where state = 'open';
create unique index intent_open_target on intent (store, target_id) where state = 'open';
create index intent_link on intent (lane, link_id, sent_at);
create index intent_closed on intent (closed_at) where state <> 'open';
create table claim (
  store text not null, key text not null, lane integer not null references lane (n),
  intent_id text not null, at integer not null, primary key (store, key)
) strict, without rowid;
create index claim_lane on claim (lane, key);
create index claim_at on claim (at);
create table history (
  n integer primary key, lane integer not null references lane (n), run_id text not null, seq integer not null,
  link_id text not null, side text not null, op text not null, field text, old text not null, new text not null,
  rule text not null, at integer not null
) strict;
create index history_lane on history (lane);
create index history_link on history (lane, link_id);
create index history_run on history (lane, run_id);
create index history_at on history (at);
create table review (
  id text primary key, lane integer not null references lane (n), kind text not null, link_id text,
  a_ids text not null, b_ids text not null, score real, reasons text not null, decision text,
  decided_at integer, at integer not null
) strict, without rowid;
create index review_lane on review (lane, at, id);
create index review_open on review (lane, at, id) where decision is null;
create table run (
  id text primary key, lane integer not null references lane (n), kind text not null,
  started_at integer not null, ended_at integer, counts text not null, stop_reason text
) strict, without rowid;
create index run_lane on run (lane, started_at);`;

export const tables = [tenantTables, laneTables, linkTables, journalTables].join('\n');
