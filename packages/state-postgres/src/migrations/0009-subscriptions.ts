const TEXT = 'text collate "C"';

/** Subscriptions at the mailbox service, and which process keeps them. */
export const subscriptions = `
create table $.subscription (
  tenant_id ${TEXT} not null, mailbox_id ${TEXT} not null,
  kind ${TEXT} not null check (kind in ('contact', 'event')), rev bigint not null,
  state ${TEXT} not null check (state in ('creating', 'live', 'waiting')), subscription_id ${TEXT},
  secret_hash ${TEXT} not null, path ${TEXT} not null, origin text not null, expires_at bigint, due_at bigint not null,
  failures bigint not null, problem text, primary key (tenant_id, mailbox_id, kind)
);
create table $.keeper (tenant_id ${TEXT} primary key, owner ${TEXT} not null, until bigint not null);
`;
