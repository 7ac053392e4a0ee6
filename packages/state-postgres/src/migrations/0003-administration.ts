const TEXT = 'text collate "C"';

/** Profiles and assignments as they were last in force; the audit trail, which only grows. */
export const administration = `
create table $.profile (
  tenant_id ${TEXT} not null, name ${TEXT} not null, document text not null, at bigint not null,
  primary key (tenant_id, name)
);
create table $.assignment (
  tenant_id ${TEXT} not null, mailbox_id ${TEXT} not null, address text not null, lane_id ${TEXT} not null,
  profile text, rule text not null, crm_user jsonb, matched_by text, decided jsonb, blocked text, removed_at bigint,
  at bigint not null, primary key (tenant_id, mailbox_id)
);
create table $.audit (
  n bigint generated always as identity primary key, id ${TEXT} not null unique, tenant_id ${TEXT} not null,
  at bigint not null, who text not null, act text not null, subject text not null, lane_id ${TEXT},
  before jsonb, after jsonb
);
create index audit_tenant on $.audit (tenant_id, n);
create function $.audit_only_grows() returns trigger language plpgsql as
  'begin raise exception ''the audit trail only grows''; end';
create trigger audit_no_change before update or delete on $.audit
  for each row execute function $.audit_only_grows();
create trigger audit_no_truncate before truncate on $.audit
  for each statement execute function $.audit_only_grows();
`;
