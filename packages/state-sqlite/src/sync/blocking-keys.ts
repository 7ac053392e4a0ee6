import type { Side } from '@tidelock/core';
import type { Database } from '../database.ts';
import { bool, int, json, type Row, text, toJson } from '../row.ts';

const KEYED = 'select id, n, keys, filed from keyed where lane = ? and side = ? and id';
export const KEYED_OF_ALL = `${KEYED} in (select value from json_each(?))`;

/** Blocking keys of a record as text, in a form that equal keys have in common. */
export type KeyValues = readonly [side: Side, id: string, keyText: string];

export const NO_KEYS = '[]';
const isInOrder = (keys: readonly string[]): boolean =>
  keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key);

export const toKeyText = (keys: readonly string[]): string =>
  toJson(isInOrder(keys) ? keys : [...new Set(keys)].sort());

/** Replaces what was known of a record. */
function putKeyText(
  db: Database,
  n: number,
  of: { readonly put: KeyValues; readonly present: Row | undefined },
): void {
  const { put, present } = of;
  const [side, id, keyText] = put;
  if (present === undefined ? keyText === NO_KEYS : present.keys === keyText) return;
  if (present === undefined) {
    const insert = db.statement('insert into keyed (lane, side, id, keys, filed) values (?, ?, ?, ?, 0)');
    insert.run(n, side, id, keyText);
    return;
  }
  const number = int(present, 'n');
  if (bool(present, 'filed')) {
    const forget = db.statement(
      'delete from blocking where lane = ? and side = ? and key = ? and record = ?',
    );
    for (const key of json<readonly string[]>(present, 'keys')) forget.run(n, side, key, number);
  }
  if (keyText === NO_KEYS) db.statement('delete from keyed where n = ?').run(number);
  else db.statement('update keyed set keys = ?, filed = 0 where n = ?').run(keyText, number);
}

const presentOf = (db: Database, n: number, [side, id]: KeyValues): Row | undefined =>
  db.statement(`${KEYED} = ?`).get(n, side, id);

/** By side and id, asked for together. */
function presentOfAll(db: Database, n: number, puts: readonly KeyValues[]): Map<string, Row> {
  const all = db.statement(KEYED_OF_ALL);
  return new Map(
    [...Map.groupBy(puts, ([side]) => side)].flatMap(([side, group]) =>
      all
        .all(n, side, toJson(group.map(([, id]) => id)))
        .map((row) => [side + text(row, 'id'), row] as const),
    ),
  );
}

/** Blocking keys of records; replaces what was known. They are filed when somebody looks for candidates. */
export function putKeys(db: Database, n: number, puts: readonly KeyValues[]): void {
  if (puts.length === 0) return;
  const present = presentOfAll(db, n, puts);
  const taken = new Set<string>();
  for (const put of puts) {
    const name = put[0] + put[1];
    // Of a record that is named twice, the first put may have changed the row.
    putKeyText(db, n, { put, present: taken.has(name) ? presentOf(db, n, put) : present.get(name) });
    taken.add(name);
  }
}

/** Records whose keys are filed in one transaction. */
const FILE_AT_ONCE = 5_000;

/** What is not filed yet, in the order of the index, so that each page of it is written once. */
export const FILING = {
  records: `select n from keyed indexed by keyed_unfiled where lane = ? and side = ? and filed = 0
    order by n limit ${FILE_AT_ONCE}`,
  keys: `insert into blocking (lane, side, key, record) select lane, side, json_each.value, n
    from keyed cross join json_each(keyed.keys) where n in (select value from json_each(?1)) order by 3, 4`,
  done: 'update keyed set filed = 1 where n in (select value from json_each(?))',
} as const;

/** Must not run inside a transaction. Safe to repeat: a batch is filed wholly or not at all. */
function fileKeys(db: Database, n: number, side: Side): void {
  for (;;) {
    const rows = db.statement(FILING.records).all(n, side);
    if (rows.length === 0) return;
    const numbers = toJson(rows.map((row) => int(row, 'n')));
    db.transaction('state.candidates', () => {
      db.statement(FILING.keys).run(numbers);
      db.statement(FILING.done).run(numbers);
    });
    if (rows.length < FILE_AT_ONCE) return;
  }
}

/** One row per key that somebody has, at most the cap and one more of them. */
export const CANDIDATES = `select value as key, (
    select json_group_array(id) from (
      select keyed.id from blocking cross join keyed on keyed.n = blocking.record
      where blocking.lane = ?1 and blocking.side = ?2 and blocking.key = value limit ?3
    )
  ) as ids
  from json_each(?4)
  where exists (select 1 from blocking where lane = ?1 and side = ?2 and key = value)`;

/** Every key asked for answers, with no ids where nothing shares it. */
export function findCandidates(
  db: Database,
  n: number,
  query: { side: Side; keys: readonly string[]; cap: number },
): Map<string, readonly string[]> {
  fileKeys(db, n, query.side);
  const found = new Map<string, readonly string[]>(query.keys.map((key) => [key, []]));
  const rows = db.statement(CANDIDATES).all(n, query.side, query.cap + 1, toJson(query.keys));
  for (const row of rows) found.set(text(row, 'key'), json<string[]>(row, 'ids').sort());
  return found;
}
