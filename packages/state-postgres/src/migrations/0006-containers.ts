/** In which folder a record was when it was last read. */
export const containers = `
alter table $.link add column a_container text;
alter table $.link add column b_container text;
`;
