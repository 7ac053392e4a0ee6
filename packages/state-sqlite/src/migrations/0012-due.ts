/** Who is due is asked for many times a minute, and feeds that lanes share have a pace of their own. */
export const due = `
create index lane_due on lane (due_at);
alter table feed add column due_at integer not null default 0;
`;
