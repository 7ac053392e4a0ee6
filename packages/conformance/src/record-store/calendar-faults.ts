import type {
  EventTime,
  Fields,
  FieldValue,
  Occurrences,
  RecordStore,
  Recurrence,
  StoreRecord,
  Write,
} from '@tidelock/core';
import { cases, editOutcomes, editResults, editWrites, type StoreFault } from './fault.ts';

type Needs = NonNullable<StoreFault['needs']>;

const needsEvents: Needs = ({ capabilities }) =>
  capabilities.events ? null : 'the store holds no events: events is not declared';

const needsFull: Needs = ({ capabilities }) =>
  capabilities.events?.recurrence === 'full'
    ? null
    : `occurrences cannot be changed in place: events.recurrence is "${capabilities.events?.recurrence ?? 'no events'}"`;

const needsSeries: Needs = (traits) =>
  traits.capabilities.events?.recurrence === 'create-only' ? null : needsFull(traits);

const needsNone: Needs = (traits) =>
  needsEvents(traits) ?? (traits.capabilities.events?.recurrence === 'none' ? null : 'rules are kept');

const needsMeetings: Needs = (traits) =>
  needsEvents(traits) ?? (traits.events?.userMeetOnline ? null : 'the fixture knows no online meetings');

const needsInvitations: Needs = (traits) =>
  needsEvents(traits) ??
  (traits.events?.userInvited ? null : 'the fixture knows no invitations from outside');

type Kind = 'time' | 'recurrence' | 'occurrences';

const hasKind = (value: FieldValue | undefined, kind: Kind): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;

/** Values of one kind, changed; everything else as it is. */
function editFields(fields: Fields, kind: Kind, edit: (value: never) => FieldValue): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      hasKind(value, kind) ? edit(value as never) : value,
    ]),
  );
}

function editWritten(
  store: RecordStore,
  kind: Kind,
  edit: (value: never) => FieldValue,
): Partial<RecordStore> {
  return editWrites(store, (write): Write => {
    if (write.op === 'create') return { ...write, fields: editFields(write.fields, kind, edit) };
    return write.op === 'update' ? { ...write, patch: editFields(write.patch, kind, edit) } : write;
  });
}

function editRead(store: RecordStore, edit: (record: StoreRecord) => StoreRecord): Partial<RecordStore> {
  return editResults(store, (result) =>
    result.state === 'found' ? { ...result, record: edit(result.record) } : result,
  );
}

const withFields =
  (kind: Kind, edit: (value: never) => FieldValue): StoreFault['breaks'] =>
  (store) =>
    editRead(store, (record) => ({ ...record, fields: editFields(record.fields, kind, edit) }));

const laterEnd = (time: EventTime): EventTime =>
  time.start.length === 10
    ? { ...time, end: new Date(Date.parse(`${time.end}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10) }
    : time;

const withoutCancelled = ({ byStart }: Occurrences): FieldValue => {
  const kept = Object.entries(byStart).filter(([, child]) => child !== 'cancelled');
  return kept.length === 0 ? null : { kind: 'occurrences', byStart: Object.fromEntries(kept) };
};

/** Mistakes that only stores of events can make. */
export const calendarFaults: readonly StoreFault[] = [
  {
    name: 'wall times are taken for UTC',
    noticedBy: cases('094'),
    needs: needsEvents,
    breaks: (store) =>
      editWritten(store, 'time', (time: EventTime) => (time.zone ? { ...time, zone: 'UTC' } : time)),
  },
  {
    name: 'the last day of an all-day event is one too many',
    noticedBy: cases('095'),
    needs: needsEvents,
    breaks: withFields('time', laterEnd),
  },
  {
    name: 'an update cannot change what an event is',
    noticedBy: cases('096'),
    needs: needsEvents,
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'update') return write;
        const kept = Object.entries(write.patch).filter(([, value]) => !hasKind(value, 'time'));
        return { ...write, patch: Object.fromEntries(kept) };
      }),
  },
  {
    name: 'a body is written without asking for its block',
    noticedBy: cases('097'),
    needs: needsMeetings,
    breaks: (store) =>
      editOutcomes(store, (outcomes, batch) =>
        outcomes.map((each, at) =>
          each.status === 'rejected' && each.code === 'protected'
            ? { status: 'ok', id: batch[at]?.op === 'update' ? batch[at].id : '' }
            : each,
        ),
      ),
  },
  {
    name: "copies of others look like meetings of one's own",
    noticedBy: cases('098'),
    needs: needsInvitations,
    breaks: (store) =>
      editRead(store, (record) => {
        const { writable: _, ...own } = record;
        return own;
      }),
  },
  {
    name: 'a rule ends one occurrence early',
    noticedBy: cases('100'),
    needs: needsSeries,
    breaks: (store) =>
      editWritten(store, 'recurrence', (rule: Recurrence) =>
        rule.count === undefined ? rule : { ...rule, count: rule.count - 1 },
      ),
  },
  {
    name: 'changed occurrences are not written',
    noticedBy: cases('101'),
    needs: needsFull,
    breaks: (store) => editWritten(store, 'occurrences', () => null),
  },
  {
    name: 'cancelled occurrences are not seen',
    noticedBy: cases('102'),
    needs: needsFull,
    breaks: withFields('occurrences', withoutCancelled),
  },
  {
    name: 'a rescheduled series forgets its exceptions',
    noticedBy: cases('103', '104'),
    needs: needsFull,
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'update') return write;
        const moves = Object.values(write.patch).some(
          (value) => hasKind(value, 'time') || hasKind(value, 'recurrence'),
        );
        const held = Object.entries(write.current.fields).find(([, value]) => hasKind(value, 'occurrences'));
        return moves && held ? { ...write, patch: { ...write.patch, [held[0]]: null } } : write;
      }),
  },
  {
    name: 'exceptions are never taken back',
    noticedBy: cases('105'),
    needs: needsFull,
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'update') return write;
        const present = Object.values(write.current.fields).find((value) => hasKind(value, 'occurrences'));
        const byStart = present ? (present as Occurrences).byStart : {};
        const patch = editFields(write.patch, 'occurrences', (value: Occurrences) => ({
          kind: 'occurrences',
          byStart: { ...byStart, ...value.byStart },
        }));
        return { ...write, patch };
      }),
  },
  {
    name: 'a series never becomes a single event',
    noticedBy: cases('106'),
    needs: needsFull,
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'update') return write;
        const kept = Object.entries(write.patch).filter(
          ([name, value]) => value !== null || !hasKind(write.current.fields[name], 'recurrence'),
        );
        return { ...write, patch: Object.fromEntries(kept) };
      }),
  },
  {
    name: 'a rule that cannot be kept is dropped in silence',
    noticedBy: cases('107'),
    needs: needsNone,
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'create') return write;
        const kept = Object.entries(write.fields).filter(([, value]) => !hasKind(value, 'recurrence'));
        return { ...write, fields: Object.fromEntries(kept) };
      }),
  },
];
