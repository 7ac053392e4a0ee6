import type { CallOptions, StoreRecord } from '@tidelock/core';
import type { BatchStep } from './batch.ts';
import { EMAIL_SLOTS } from './catalogue.ts';
import { requireOwn, startWalk, walkOn } from './cursor.ts';
import { requireLive } from './errors.ts';
import type { FolderSet } from './folders.ts';
import { type Extra, stampId } from './map.ts';
import { contactsPath, quote } from './paths.ts';
import { sendReads } from './read.ts';
import { readPage, readRecord, type Session, wholeContact } from './session.ts';

const OPERATION = 'contacts.find';
const PAGE = '100';

type By = 'stamp' | 'email';

const stampFilter = (session: Session, value: string): string =>
  `singleValueExtendedProperties/any(ep:ep/id eq ${quote(stampId(session.layout))} and ep/value eq ${quote(value)})`;

const emailFilter = (value: string): string => `emailAddresses/any(a:a/address eq ${quote(value)})`;

const normalize = (value: string): string => value.trim().toLowerCase();

function emailsOf(record: StoreRecord): readonly string[] {
  const { emails } = record.extra as Extra;
  const shown = EMAIL_SLOTS.map((slot) => record.fields[slot]);
  return [...emails.map((each) => each.address), ...shown].flatMap((each) =>
    typeof each === 'string' ? [normalize(each)] : [],
  );
}

/** The service compares loosely in places (case, proxies); the answer is checked against the question. */
const isMatch = (record: StoreRecord, by: By, value: string): boolean =>
  by === 'stamp' ? record.stamp === value : emailsOf(record).includes(value);

async function followPages(
  session: Session,
  body: unknown,
  options: CallOptions,
): Promise<readonly StoreRecord[]> {
  const records: StoreRecord[] = [];
  let content = body;
  let walk = startWalk();
  for (;;) {
    const page = readPage(content, OPERATION);
    records.push(
      ...page.value.map((item) => readRecord(session, item, { operation: OPERATION, extended: true })),
    );
    const link = page['@odata.nextLink'];
    if (link === undefined) return records;
    requireOwn(link, { operation: OPERATION, origin: session.origin });
    walk = walkOn(walk, { link, items: page.value }, OPERATION);
    const call = { operation: OPERATION, url: link, lane: session.lane, signal: options.signal };
    content = (await session.graph.send(call)).body;
  }
}

/** A text that cannot be written into a URL (half a surrogate pair) is nobody's. */
const isAskable = (value: string): boolean => value !== '' && value.isWellFormed();

/** Contacts of the opened folders, by stamp or by any e-mail address; one array per value. */
export async function findContacts(
  session: Session,
  given: { by: By; values: readonly string[]; folders: FolderSet },
  options: CallOptions = {},
): Promise<readonly (readonly StoreRecord[])[]> {
  requireLive(options.signal, OPERATION);
  const { by, folders } = given;
  const wanted = given.values.map(normalize);
  const values = [...new Set(wanted)].filter(isAskable);
  if (values.length === 0) return wanted.map(() => []);
  const asked = (await folders.keys(options)).flatMap((folder) => values.map((value) => ({ folder, value })));
  const steps = asked.map(({ folder, value }): BatchStep => {
    const $filter = by === 'stamp' ? stampFilter(session, value) : emailFilter(value);
    const query = wholeContact(session, { $filter, $top: PAGE });
    return { method: 'GET', url: `${contactsPath(session.mailbox, folder)}${query}` };
  });
  const answers = await sendReads(session, { operation: OPERATION, steps }, options);
  const found = new Map<string, Map<string, StoreRecord>>(values.map((value) => [value, new Map()]));
  for (const [index, { value }] of asked.entries()) {
    const answer = answers[index];
    if (answer === undefined) continue;
    if (!answer.ok) throw answer.error;
    for (const record of await followPages(session, answer.answer.body, options)) {
      if (isMatch(record, by, value)) found.get(value)?.set(record.id, record);
    }
  }
  return wanted.map((value) => [...(found.get(value)?.values() ?? [])]);
}
