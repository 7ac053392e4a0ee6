/**
 * Blocking keys are put into their index when somebody looks for candidates on that side (`filed`), all at once and in
 * order: one by one each of them lands on another page.
 */
export const keysFiledLater = `
alter table keyed add column filed integer not null default 1;
create index keyed_unfiled on keyed (lane, side) where filed = 0;
`;
