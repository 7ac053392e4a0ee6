const TEXT = 'text collate "C"';

/** Who may come in: people, their sessions, tokens of programs, tickets that work once, and how often what was tried. */
export const access = `
create table $.account (
  id ${TEXT} primary key, identity ${TEXT} not null unique, via text not null, name text not null,
  role text check (role in ('viewer', 'operator', 'setup')), role_by text not null check (role_by in ('rule', 'person')),
  password_hash text, disabled_at bigint, created_at bigint not null, signed_in_at bigint
);
create table $.session (
  hash ${TEXT} primary key, account_id ${TEXT} not null references $.account (id), started_at bigint not null,
  seen_at bigint not null, ends_at bigint not null
);
create index session_account on $.session (account_id);
create index session_ends on $.session (ends_at);
create table $.api_token (
  id ${TEXT} primary key, hash text not null, owner_id ${TEXT} not null references $.account (id), name text not null,
  role text not null check (role in ('viewer', 'operator', 'setup')), created_at bigint not null,
  ends_at bigint not null, used_at bigint, revoked_at bigint
);
create table $.ticket (
  kind ${TEXT} not null, hash ${TEXT} not null, bound ${TEXT} not null, value bytea not null, ends_at bigint not null,
  primary key (kind, hash)
);
create index ticket_bound on $.ticket (kind, bound);
create index ticket_ends on $.ticket (ends_at);
create table $.tries (
  key ${TEXT} primary key, count bigint not null, since bigint not null, last_at bigint not null,
  refused boolean not null
);
create index tries_last on $.tries (last_at);
`;
