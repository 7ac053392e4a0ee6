/** Profiles and assignments as they were last in force; the audit trail, which only grows. */
export const administration = `
create table profile (
  tenant_id text not null, name text not null, document text not null, at integer not null,
  primary key (tenant_id, name)
) strict, without rowid;
create table assignment (
  tenant_id text not null, mailbox_id text not null, address text not null, lane_id text not null, profile text,
  rule text not null, crm_user text, matched_by text, decided text, blocked text, removed_at integer,
  at integer not null, primary key (tenant_id, mailbox_id)
) strict, without rowid;
create table audit (
  n integer primary key autoincrement, id text not null unique, tenant_id text not null, at integer not null,
  who text not null, act text not null, subject text not null, lane_id text, before text, after text
) strict;
create index audit_tenant on audit (tenant_id, n);
create trigger audit_no_update before update on audit begin
  select raise(abort, 'the audit trail only grows');
end;
create trigger audit_no_delete before delete on audit begin
  select raise(abort, 'the audit trail only grows');
end;
`;
