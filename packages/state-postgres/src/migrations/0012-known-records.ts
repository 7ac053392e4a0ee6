/**
 * A feed that lanes share asks which of them know a record: by the record's id, in whichever lane. Within one lane these indexes
 * serve as the ones before did. Suspects of mailboxes are by far the most, come and go by the thousand, and are not asked for so.
 */
export const knownRecords = `
drop index $.link_native_b;
create unique index link_native_b on $.link
  (b_id, lane, (case when status in ('tomb', 'merged') then id else '' end)) where b_id <> '';
create index suspect_b on $.suspect (id) where side = 'b';
`;
