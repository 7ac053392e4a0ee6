/**
 * Blocking keys refer to their record by number: native ids are long, and stood in eight index rows a record. Suspects
 * that are merely unknown come and go by the thousand in a first sync and are found by the primary key; only the others
 * have an index by reason.
 */
export const narrowKeys = `
create table keyed (
  n integer primary key, lane integer not null references lane (n), side text not null, id text not null,
  keys text not null, unique (lane, side, id)
) strict;
insert into keyed (lane, side, id, keys)
  select lane, side, id, json_group_array(key) from blocking group by lane, side, id;
create table blocking_by_number (
  lane integer not null, side text not null, key text not null, record integer not null,
  primary key (lane, side, key, record)
) strict, without rowid;
insert into blocking_by_number (lane, side, key, record)
  select blocking.lane, blocking.side, blocking.key, keyed.n from blocking join keyed using (lane, side, id);
drop table blocking;
alter table blocking_by_number rename to blocking;
drop index suspect_why;
create index suspect_why on suspect (lane, why, side, id) where why <> 'unknown';
`;
