/** Who may come in: people, their sessions, tokens of programs, tickets that work once, and how often what was tried. */
export const access = `
create table account (
  id text primary key, identity text not null unique, via text not null, name text not null,
  role text check (role in ('viewer', 'operator', 'setup')), role_by text not null check (role_by in ('rule', 'person')),
  password_hash text, disabled_at integer, created_at integer not null, signed_in_at integer
) strict, without rowid;
create table session (
  hash text primary key, account_id text not null references account (id), started_at integer not null,
  seen_at integer not null, ends_at integer not null
) strict, without rowid;
create index session_account on session (account_id);
create index session_ends on session (ends_at);
create table api_token (
  id text primary key, hash text not null, owner_id text not null references account (id), name text not null,
  role text not null check (role in ('viewer', 'operator', 'setup')), created_at integer not null,
  ends_at integer not null, used_at integer, revoked_at integer
) strict, without rowid;
create table ticket (
  kind text not null, hash text not null, bound text not null, value blob not null, ends_at integer not null,
  primary key (kind, hash)
) strict, without rowid;
create index ticket_bound on ticket (kind, bound);
create index ticket_ends on ticket (ends_at);
create table tries (
  key text primary key, count integer not null, since integer not null, last_at integer not null,
  refused integer not null
) strict, without rowid;
create index tries_last on tries (last_at);
`;
