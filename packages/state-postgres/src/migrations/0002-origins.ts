/** Where changes come from, values that expire, data keys, pauses. */
export const origins = `
alter table $.history add column intent_id text, add column cause jsonb, add column mapping text,
  add column expired boolean not null default false;
create index history_values on $.history (at) where not expired;
alter table $.intent add column origin jsonb not null default '{"cause":null,"mapping":"","rules":{}}';
alter table $.lane add column paused jsonb;
create table $.data_key (id text collate "C" primary key, tenant_id text collate "C" not null, wrapped bytea not null,
  created_at bigint not null);
create index data_key_tenant on $.data_key (tenant_id, created_at);`;
