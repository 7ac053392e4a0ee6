import type {
  ChangePage,
  Exception,
  Fields,
  FieldValue,
  Mapping,
  ReadResult,
  RecordStore,
  StoreRecord,
  Write,
} from '@tidelock/core';
import { isEventValue } from './event-canon.ts';

/** What is told of a veiled event: when it is, and that its owner is not free. */
const TOLD: ReadonlySet<string> = new Set([
  'time',
  'recurrence',
  'occurrences',
  'showAs',
  'sensitivity',
  'uid',
]);
const PRIVATE: ReadonlySet<string> = new Set(['private', 'confidential']);

export interface VeilOptions {
  readonly mapping: Mapping;
  /** `private`: events that their owner marked private or confidential. `all`: every event. */
  readonly veils: 'private' | 'all';
}

/** Of exceptions only when they are, and which are cancelled. */
function timesOnly(value: FieldValue): FieldValue {
  if (!isEventValue(value) || value.kind !== 'occurrences') return value;
  const byStart: Record<string, 'cancelled' | Exception> = {};
  for (const [key, child] of Object.entries(value.byStart)) {
    if (child === 'cancelled') byStart[key] = child;
    else if (child.time !== undefined) byStart[key] = { time: child.time };
  }
  return { kind: 'occurrences', byStart };
}

function veiled({ mapping, veils }: VeilOptions, record: StoreRecord): StoreRecord {
  const sensitivity = mapping.fields.find(({ field }) => field === 'sensitivity')?.mailbox ?? 'sensitivity';
  const shown = record.fields[sensitivity];
  if (veils === 'private' && !(typeof shown === 'string' && PRIVATE.has(shown))) return record;
  const hidden = new Set(mapping.fields.flatMap(({ field, mailbox }) => (TOLD.has(field) ? [] : [mailbox])));
  const told: Fields = Object.fromEntries(
    Object.entries(record.fields)
      .filter(([property]) => !hidden.has(property))
      .map(([property, value]) => [property, timesOnly(value)]),
  );
  return { ...record, fields: told };
}

/** The write as it is for who gets mail: a guest list is hidden from the CRM, and not from the service that sends the mail. */
function unveiled(behind: WeakMap<StoreRecord, StoreRecord>, write: Write): Write {
  if (write.op === 'create' || write.current === undefined) return write;
  return { ...write, current: behind.get(write.current) ?? write.current };
}

/**
 * A calendar of which private events, or all of them, show only when they are. What is veiled is absent, which is not blank: it
 * is neither written to the other side nor taken from there, so that nobody's subject is lost by it.
 */
export function createVeiledStore(store: RecordStore, options: VeilOptions): RecordStore {
  const behind = new WeakMap<StoreRecord, StoreRecord>();
  const veil = (record: StoreRecord): StoreRecord => {
    const told = veiled(options, record);
    if (told !== record) behind.set(told, record);
    return told;
  };
  const read = (one: ReadResult): ReadResult => {
    if (one.state === 'found') return { ...one, record: veil(one.record) };
    return one.state === 'out' && one.record ? { ...one, record: veil(one.record) } : one;
  };
  const page = (one: ChangePage): ChangePage => ({
    ...one,
    changes: one.changes.map((change) =>
      change.kind === 'changed' && change.record ? { ...change, record: veil(change.record) } : change,
    ),
  });
  const { audience, findShared } = store;
  return {
    probe: (call) => store.probe(call),
    feeds: (call) => store.feeds(call),
    changes: async (...given) => page(await store.changes(...given)),
    async list(...given) {
      const { records, next } = await store.list(...given);
      return { records: records.map(veil), next };
    },
    read: async (...given) => (await store.read(...given)).map(read),
    find: async (...given) => (await store.find(...given)).map((records) => records.map(veil)),
    async write(...given) {
      const outcomes = await store.write(...given);
      return outcomes.map((outcome) =>
        outcome.status === 'ok' && outcome.record ? { ...outcome, record: veil(outcome.record) } : outcome,
      );
    },
    ...(audience === undefined ? {} : { audience: (write) => audience.call(store, unveiled(behind, write)) }),
    ...(findShared === undefined
      ? {}
      : {
          findShared: async (keys, call) =>
            (await findShared.call(store, keys, call)).map((records) => records.map(veil)),
        }),
  };
}
