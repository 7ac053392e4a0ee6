/** Feeds that lanes share have a pace of their own. */
export const due = `
alter table $.feed add column due_at bigint not null default 0;
`;
