/** Where changes come from, values that expire, data keys, pauses. */
export const origins = `
alter table history add column intent_id text;
alter table history add column cause text;
alter table history add column mapping text;
alter table history add column expired integer not null default 0;
create index history_values on history (at) where expired = 0;
alter table intent add column origin text not null default '{"cause":null,"mapping":"","rules":{}}';
alter table lane add column paused text;
create table data_key (
  id text primary key, tenant_id text not null, wrapped blob not null, created_at integer not null
) strict, without rowid;
create index data_key_tenant on data_key (tenant_id, created_at);
`;
