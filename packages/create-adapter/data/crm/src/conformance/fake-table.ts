import { refuse } from './fake-fields.ts';

export interface Row {
  readonly id: string;
  version: number;
  /** Position in the order of all changes. */
  sequence: number;
  at: number;
  key: string | null;
  fields: Readonly<Record<string, unknown>>;
  deleted: boolean;
}

export interface Operation {
  readonly op: 'create' | 'update' | 'delete';
  readonly id?: string;
  readonly version?: number;
  readonly external_key?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

type Values = Readonly<Record<string, unknown>>;

/** A contact as the service shows it. */
export const shown = ({ id, version, sequence, at, key, fields }: Row) => ({
  id,
  version,
  sequence,
  changed_at: new Date(at).toISOString(),
  external_key: key,
  fields,
});

/** The service keeps no blanks. */
const kept = (fields: Values): Values =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** The contacts of the service, and its rules for writing them. `now`: the clock that the tests move. */
export function createTable(now: () => number) {
  const rows = new Map<string, Row>();
  let sequence = 0;

  const touch = (row: Row, change: Partial<Row>): Row => {
    sequence += 1;
    return Object.assign(row, change, { sequence, version: row.version + 1, at: now() });
  };
  const insert = (fields: Values, key: string | null): Row => {
    const id = `C${rows.size + 1}`;
    const row: Row = { id, version: 0, sequence: 0, at: 0, key, fields: {}, deleted: false };
    rows.set(id, row);
    return touch(row, { fields: kept(fields) });
  };
  const living = (): Row[] => [...rows.values()].filter((row) => !row.deleted);
  const find = (id: string): Row | undefined => {
    const row = rows.get(id);
    return row?.deleted === false ? row : undefined;
  };
  const change = (row: Row, fields: Values, key = row.key): Row =>
    touch(row, { fields: kept({ ...row.fields, ...fields }), key });

  const create = ({ fields = {}, external_key }: Operation): object => {
    const key = external_key ?? null;
    const twin = key === null ? undefined : living().find((row) => row.key === key);
    if (twin) return { status: 409, id: twin.id };
    return refuse(fields, 'whole') ?? { status: 201, contact: shown(insert(fields, key)) };
  };

  return {
    insert,
    living,
    find,
    change,
    all: (): Row[] => [...rows.values()],
    position: () => sequence,
    remove: (row: Row) => touch(row, { deleted: true }),
    /** One write of a batch. */
    apply(operation: Operation): object {
      if (operation.op === 'create') return create(operation);
      const row = find(operation.id ?? '');
      if (row === undefined) return { status: 404 };
      if (operation.version !== row.version) return { status: 412 };
      if (operation.op === 'delete') {
        touch(row, { deleted: true });
        return { status: 204, id: row.id };
      }
      const { fields = {}, external_key } = operation;
      return refuse(fields, 'part') ?? { status: 200, contact: shown(change(row, fields, external_key)) };
    },
  };
}

export type Table = ReturnType<typeof createTable>;
