const native = (x: 'a' | 'b'): string => `
drop index link_native_${x};
create unique index link_native_${x} on link (lane, ${x}_id, holder) where ${x}_id <> '';
drop index link_unseen_${x};
create index link_unseen_${x} on link (lane, ${x}_gen) where ${x}_id <> '' and at_rest = 0;`;

/**
 * A link that goes on in another status keeps its place in these indexes: they ask columns that change only when it ends
 * (\`holder\`: '' while its records are its own, its id afterwards; \`at_rest\`: nobody looks whether a feed still reports
 * it). The counts are kept by the statements that put links, once per transaction; rows are deleted by pruning only.
 */
export const steadyIndexes = `
alter table link add column holder text not null default '';
alter table link add column at_rest integer not null default 0;
update link set holder = id where status in ('tomb', 'merged');
update link set at_rest = 1 where status not in ('live', 'half', 'out');
${native('a')} ${native('b')}
drop trigger link_count_insert;
drop trigger link_count_update;
`;
