/** Subscriptions at the mailbox service, and which process keeps them. */
export const subscriptions = `
create table subscription (
  tenant_id text not null, mailbox_id text not null, kind text not null check (kind in ('contact', 'event')),
  rev integer not null, state text not null check (state in ('creating', 'live', 'waiting')), subscription_id text,
  secret_hash text not null, path text not null, origin text not null, expires_at integer, due_at integer not null,
  failures integer not null, problem text, primary key (tenant_id, mailbox_id, kind)
) strict, without rowid;
create table keeper (tenant_id text primary key, owner text not null, until integer not null) strict, without rowid;
`;
