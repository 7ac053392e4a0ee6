/** Whether only somebody else can change a record, as it was when it was last read. */
export const closedRecords = `
alter table $.link add column a_closed boolean;
alter table $.link add column b_closed boolean;
`;
