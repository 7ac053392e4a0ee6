import type { Fields, FieldValue, Outcome, StoreRecord, Write } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core';
import type { BatchStep } from './batch.ts';
import { CUSTOM_PREFIX, EMAIL_SLOTS, PHONE_SLOTS } from './catalogue.ts';
import type { Answer } from './errors.ts';
import { type Layout, toGraph } from './map.ts';
import { notesOf } from './outcome.ts';
import { contactPath, contactsPath } from './paths.ts';
import { readRecord, type Session } from './session.ts';
import { isTouched } from './slots.ts';

export const WRITE = 'contacts.write';

/** `folder`: where new contacts go. */
export function toStep(session: Session, write: Write, folder: string): BatchStep {
  const { mailbox, layout } = session;
  if (write.op === 'create') {
    const body = toGraph(write.fields, layout, { stamp: write.stamp });
    return { method: 'POST', url: contactsPath(mailbox, folder), body };
  }
  const url = contactPath(mailbox, write.id);
  const headers = { 'If-Match': write.version };
  if (write.op === 'delete') return { method: 'DELETE', url, headers };
  const given = write.stamp === undefined ? {} : { stamp: write.stamp };
  const body = toGraph(write.patch, layout, { before: write.current, ...given });
  return { method: 'PATCH', url, headers, body };
}

const blankable = (value: FieldValue | undefined): FieldValue | undefined => (value === '' ? null : value);

/** Own properties after the write. Answers to writes do not show them, so they are what was sent. */
function customAfter(write: Exclude<Write, { op: 'delete' }>, layout: Layout): Fields {
  const fields: Record<string, FieldValue> = {};
  for (const name of layout.custom) {
    const property = `${CUSTOM_PREFIX}${name}`;
    const value =
      write.op === 'create'
        ? (write.fields[property] ?? null)
        : (write.patch[property] ?? write.current.fields[property]);
    const shown = blankable(write.op === 'update' && write.patch[property] === null ? null : value);
    if (shown !== undefined) fields[property] = shown;
  }
  return fields;
}

function stampAfter(write: Exclude<Write, { op: 'delete' }>): string | null | undefined {
  if (write.stamp !== undefined) return write.stamp.toLowerCase();
  return write.op === 'update' ? write.current.stamp : undefined;
}

/** The answer's contact, completed by what was sent and answers do not show. */
function completed(
  record: StoreRecord,
  write: Exclude<Write, { op: 'delete' }>,
  layout: Layout,
): StoreRecord {
  const stamp = stampAfter(write);
  const fields =
    layout.custom.length === 0 ? record.fields : { ...record.fields, ...customAfter(write, layout) };
  return { ...record, fields, ...(stamp === undefined ? {} : { stamp }) };
}

/** What the caller expects to see in the properties written, and in those that share an array with them. */
function expected(write: Exclude<Write, { op: 'delete' }>): Fields {
  if (write.op === 'create') return write.fields;
  const groups = [EMAIL_SLOTS, ...Object.values(PHONE_SLOTS)].filter((slots) =>
    isTouched(slots, write.patch),
  );
  const beside = groups.flat().map((slot) => [slot, write.current.fields[slot] ?? null] as const);
  return { ...Object.fromEntries(beside), ...write.patch };
}

/** A success. One whose contact cannot be read was applied, but nobody can say to what. */
export function toSuccess(session: Session, write: Write, answer: Answer): Outcome {
  if (write.op === 'delete') return { status: 'ok', id: write.id };
  try {
    const shown = readRecord(session, answer.body, { operation: WRITE, extended: false });
    const record = completed(shown, write, session.layout);
    const notes = notesOf(expected(write), record.fields);
    const { id, version, mono } = record;
    return { status: 'ok', id, version, mono, record, ...(notes.length === 0 ? {} : { notes }) };
  } catch (error) {
    if (isAdapterError(error)) return { status: 'unknown', kind: error.kind };
    throw error;
  }
}
