import type { Fields } from '@tidelock/core';
import { DESCRIBED } from './fake-fields.ts';
import { createTable, type Operation, type Row, shown, type Table } from './fake-table.ts';

// The service, in memory and behind HTTP: what your adapter talks to until you have an account, and what every later
// test runs on. Put each quirk of the real service that you find here, with a link to where it is documented.

export const ORIGIN = 'https://api.acme.example';
export const TOKEN = 'acme-token-4f1c';
const LIST_PAGE = 10;
const FEED_PAGE = 5;

export interface FakeUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly active: boolean;
}

/** Stands between the adapter and the service. */
type Fault = (request: Request, answer: () => Promise<Response>) => Promise<Response>;

interface State {
  /** Cursors of an earlier epoch are dead. */
  epoch: number;
  requests: number;
  fault: Fault | null;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

export const error = (status: number, code: string, headers?: Record<string, string>): Response =>
  json(status, { error: { code } }, headers);

/** Ordered by the last change: what changes during an enumeration moves to its end. */
function feed(table: Table, epoch: number, cursor: string | null): Response {
  const at = cursor === null ? [epoch, 0, table.position()] : cursor.split('.').map(Number);
  const [age, after = 0, since = 0] = at;
  if (age !== epoch) return error(410, 'cursor_expired');
  const waiting = table
    .all()
    .filter((row) => row.sequence > after)
    .sort((one, other) => one.sequence - other.sequence);
  const page = waiting.slice(0, FEED_PAGE);
  // Deletions from before the enumeration concern nobody.
  const told = page.filter((row) => !row.deleted || row.sequence > since);
  const items = told.map((row) => ({
    id: row.id,
    sequence: row.sequence,
    ...(row.deleted ? {} : { contact: shown(row) }),
  }));
  const next = `${epoch}.${page.at(-1)?.sequence ?? after}.${since}`;
  return json(200, { items, cursor: next, more: waiting.length > page.length });
}

function list(table: Table, after: string | null): Response {
  const all = table.living().sort((one, other) => (one.id < other.id ? -1 : 1));
  const rest = after === null ? all : all.filter(({ id }) => id > after);
  const page = rest.slice(0, LIST_PAGE);
  return json(200, { items: page.map(shown), next: rest.length > page.length ? page.at(-1)?.id : null });
}

function search(table: Table, { field, values }: { field: string; values: readonly string[] }): Response {
  const wanted = new Set(values.map((value) => value.toLowerCase()));
  const held = (row: Row): string => String((field === 'external_key' ? row.key : row.fields[field]) ?? '');
  return json(200, {
    items: table
      .living()
      .filter((row) => wanted.has(held(row).toLowerCase()))
      .map(shown),
  });
}

function read(table: Table, { ids }: { ids: readonly string[] }): Response {
  const items = ids.map((id) => {
    const row = table.find(id);
    return row === undefined ? { id, status: 404 } : { id, status: 200, contact: shown(row) };
  });
  return json(200, { items });
}

function batch(table: Table, { operations }: { operations: readonly Operation[] }): Response {
  return json(200, { results: operations.map((each, index) => ({ index, ...table.apply(each) })) });
}

async function route(
  request: Request,
  { table, state, users }: { table: Table; state: State; users: readonly FakeUser[] },
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (request.headers.get('authorization') !== `Bearer ${TOKEN}`) return error(401, 'unauthorized');
  const body = async <T>(): Promise<T> => (await request.json()) as T;
  switch (`${request.method} ${pathname}`) {
    case 'GET /v1/fields':
      return json(200, { items: DESCRIBED });
    case 'GET /v1/users':
      return json(200, { items: users });
    case 'GET /v1/changes':
      return feed(table, state.epoch, searchParams.get('cursor'));
    case 'GET /v1/contacts':
      return list(table, searchParams.get('after'));
    case 'POST /v1/contacts/read':
      return read(table, await body());
    case 'POST /v1/contacts/search':
      return search(table, await body());
    case 'POST /v1/contacts/batch':
      return batch(table, await body());
    default:
      return error(404, 'no_such_address');
  }
}

/** `now`: the clock that the tests move. */
export function createFakeRemote(now: () => number) {
  const table = createTable(now);
  const users: FakeUser[] = [];
  const state: State = { epoch: 1, requests: 0, fault: null };
  return {
    state,
    users,
    rows: table.living,
    /** A person at the service's own screen. */
    person: {
      create: (fields: Fields): string => table.insert(fields, null).id,
      update(id: string, fields: Fields): void {
        const row = table.find(id);
        if (row) table.change(row, fields);
      },
      remove(id: string): void {
        const row = table.find(id);
        if (row) table.remove(row);
      },
    },
    async fetch(input: string | URL, init?: RequestInit): Promise<Response> {
      const request = new Request(input, init);
      state.requests += 1;
      const answer = () => route(request, { table, state, users });
      return state.fault ? state.fault(request, answer) : answer();
    },
  };
}

export type FakeRemote = ReturnType<typeof createFakeRemote>;
