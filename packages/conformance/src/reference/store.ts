import type {
  Attendee,
  CallOptions,
  Fields,
  Logger,
  ReadResult,
  RecordStore,
  StoreCapabilities,
  Write,
} from '@tidelock/core';
import { assertRunning, sharedOf, toError, toRecord, toResult } from './answers.ts';
import { catalogueOf } from './calendar.ts';
import { readChanges } from './feed.ts';
import { arrive, liveRows, type Row, type ServerState } from './server.ts';
import { writeBatch } from './writing.ts';

export interface ReferenceOptions {
  readonly server: ServerState;
  readonly capabilities: StoreCapabilities;
  readonly log?: Logger;
}

const FEED = { key: 'people', label: 'People', scopeHash: 'all' };

function holds(row: Row, by: 'stamp' | 'email', value: string): boolean {
  if (by === 'stamp') return row.stamp === value;
  return String(row.fields.email ?? '').toLowerCase() === value.toLowerCase();
}

type Request = <T>(operation: string, options: CallOptions | undefined, work: () => T) => Promise<T>;

function createRequest(reference: ReferenceOptions): Request {
  return async (operation, options, work) => {
    assertRunning(options, operation);
    try {
      await arrive(reference.server, 'read');
      return work();
    } catch (error) {
      const failure = toError(error, operation);
      reference.log?.warn('request.failed', { operation, kind: failure.kind, status: failure.status });
      throw failure;
    }
  };
}

function guestsOf({ guests }: Fields): readonly Attendee[] {
  return typeof guests === 'object' && guests !== null && 'attendees' in guests ? guests.attendees : [];
}

const invited = (fields: Fields): readonly string[] =>
  guestsOf(fields).map(({ email }) => email.toLowerCase());

/** The suite's own guests are known here, and nobody else. */
const isKnown = ({ email }: Attendee): boolean => /^guest\d+@example\.com$/i.test(email);

/** Whom a write would put on an event, and nobody is. */
function strangersOf(write: Write): readonly Attendee[] {
  if (write.op === 'delete') return [];
  return guestsOf(write.op === 'create' ? write.fields : write.patch).filter((guest) => !isKnown(guest));
}

/** Who hears of a write: everybody who is invited now, and everybody who was. */
function audienceOf(write: Write): readonly string[] {
  if (write.op === 'update' && write.current.writable === false) return [];
  if (write.op === 'create') return [...new Set(invited(write.fields))];
  const now = write.op === 'update' ? invited({ ...write.current.fields, ...write.patch }) : [];
  return [...new Set([...invited(write.current?.fields ?? {}), ...now])];
}

function eventMethods(reference: ReferenceOptions, request: Request): Partial<RecordStore> {
  const { server, capabilities } = reference;
  return {
    findShared: (keys, options) =>
      request('people.find', options, () =>
        keys.map((key) =>
          liveRows(server)
            .filter((row) => sharedOf(row.id) === key)
            .map((row) => toRecord(row, capabilities)),
        ),
      ),
    strangers: (batch, options) => request('people.match', options, () => batch.map(strangersOf)),
    ...(capabilities.events?.notifies ? { audience: audienceOf } : {}),
  };
}

/**
 * The smallest store that keeps every clause of the contract: an in-memory server behind requests that can fail, and
 * the adapter in front of it. Worth reading before writing an adapter; its capabilities can be switched.
 */
export function createReferenceStore(reference: ReferenceOptions): RecordStore {
  const { server, capabilities } = reference;
  const request = createRequest(reference);
  const size = capabilities.batch.read;
  /** The server says nothing of the first id when it was told to; that proves nothing about the record. */
  const answerTo = (id: string, place: number): ReadResult => {
    if (place > 0 || !server.dropRead)
      return toResult(id, server.rows.get(id), { capabilities, foreign: server.foreign.has(id) });
    server.dropRead = false;
    return { state: 'failed', id, kind: 'protocol' };
  };
  const store: RecordStore = {
    probe: (options) =>
      request('people.describe', options, () => ({
        capabilities,
        catalogue: catalogueOf(capabilities),
        findings: [],
      })),
    feeds: async () => [FEED],
    changes: (_feed, cursor, options) =>
      request('people.changes', options, () => readChanges(reference, cursor)),
    list: (_feed, page, options) =>
      request('people.list', options, () => {
        const rows = [...liveRows(server)].sort((a, b) => (a.id < b.id ? -1 : 1));
        const rest = page === null ? rows : rows.filter((row) => row.id > page);
        const records = rest.slice(0, size).map((row) => toRecord(row, capabilities));
        return { records, next: rest.length > records.length ? (records.at(-1)?.id ?? null) : null };
      }),
    async read(ids, options) {
      const results: ReadResult[] = [];
      for (let at = 0; at < ids.length; at += size) {
        const chunk = ids.slice(at, at + size);
        const answer = () => chunk.map((id, place) => answerTo(id, place));
        results.push(...(await request('people.read', options, answer)));
      }
      return results;
    },
    find: (by, values, options) =>
      request('people.find', options, () =>
        values.map((value) =>
          liveRows(server)
            .filter((row) => holds(row, by, value))
            .map((row) => toRecord(row, capabilities)),
        ),
      ),
    write: (batch, options) =>
      writeBatch(
        { server, capabilities, findStamps: (values) => store.find('stamp', values, options) },
        batch,
        options,
      ),
  };
  return capabilities.events === undefined ? store : { ...store, ...eventMethods(reference, request) };
}
