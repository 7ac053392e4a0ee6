import { AdapterError, type CallOptions, type Change, type ChangePage, isAdapterError } from '@tidelock/core';
import { decodeCursor, encodeCursor, requireOwn, startWalk, walkOn } from './cursor.ts';
import { protocolError } from './errors.ts';
import { toRecord } from './map.ts';
import { contactsPath, toQuery } from './paths.ts';
import { readPage, type Session } from './session.ts';
import { CONTACT_SELECT, removedId, toWireContact } from './wire.ts';

const OPERATION = 'contacts.delta';
const SELECTED = CONTACT_SELECT.split(',');

const firstPage = (session: Session, feed: string): string =>
  `${contactsPath(session.mailbox, feed)}/delta${toQuery({ $select: CONTACT_SELECT })}`;

/** A link that the service refuses as a whole is as dead as one that it calls expired. */
const isDeadLink = (error: AdapterError): boolean =>
  error.kind === 'cursor_expired' ||
  error.status === 410 ||
  (error.status === 400 && /^(ErrorInvalidUrlQuery|BadRequest)$/i.test(error.code ?? ''));

async function getPage(
  session: Session,
  given: { operation: string; url: string },
  options: CallOptions,
): Promise<unknown> {
  const { graph, lane, pageSize } = session;
  // Not part of the token: the page size is asked for on every request of the round.
  const headers = { Prefer: `odata.maxpagesize=${pageSize}` };
  return (await graph.send({ ...given, headers, lane, signal: options.signal })).body;
}

function toExpired(error: AdapterError): AdapterError {
  const { operation, status, code, requestId } = error;
  return new AdapterError('cursor_expired', `${operation}: the cursor has expired`, {
    operation,
    status,
    code,
    requestId,
  });
}

const isWhole = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && SELECTED.every((name) => name in item);

/**
 * Content only where it is whole: delta tells no extended properties, and documents no more than the changed
 * properties of a contact. An entry whose version cannot be read is still a change: whoever reads it, sees it.
 */
function toChange(session: Session, item: unknown): Change {
  const removed = removedId(item);
  if (removed !== undefined) return { kind: 'removed', id: removed };
  const wire = toWireContact(item);
  if (wire === undefined) throw protocolError(OPERATION, 'an entry has no id', 'item');
  const { layout } = session;
  // A write starts from a read of its own.
  const record = toRecord(wire, { layout, extended: false, bare: true });
  if (record === undefined) return { kind: 'changed', id: wire.id };
  const { id, version, mono } = record;
  const change = { kind: 'changed', id, version, mono } as const;
  return layout.custom.length === 0 && isWhole(item) ? { ...change, record } : change;
}

/** What a feed reads: where its first round begins, and what the items of a page mean. */
export interface DeltaRead {
  readonly operation: string;
  readonly first: string;
  toChanges(items: readonly unknown[]): readonly Change[];
}

/** One page of a delta. `cursor` null begins with everything there is. */
export async function followDelta(
  session: Session,
  given: DeltaRead & { readonly cursor: string | null },
  options: CallOptions = {},
): Promise<ChangePage> {
  const { origin } = session;
  const { operation } = given;
  const known = given.cursor === null ? undefined : decodeCursor(given.cursor, { operation, origin });
  let body: unknown;
  try {
    body = await getPage(session, { operation, url: known?.link ?? given.first }, options);
  } catch (error) {
    if (known !== undefined && isAdapterError(error) && isDeadLink(error)) throw toExpired(error);
    throw error;
  }
  const page = readPage(body, operation);
  const next = page['@odata.nextLink'];
  const link = next ?? page['@odata.deltaLink'];
  if (link === undefined) throw protocolError(operation, 'a page leads nowhere', 'no-link');
  requireOwn(link, { operation, origin });
  const changes = given.toChanges(page.value);
  const walk =
    next === undefined
      ? { ...startWalk(), link }
      : walkOn(known ?? startWalk(), { link: next, items: page.value }, operation);
  return { changes, cursor: encodeCursor(walk), more: next !== undefined };
}

/** One page of the contacts delta of a folder. */
export const readChanges = (
  session: Session,
  given: { feed: string; cursor: string | null },
  options: CallOptions = {},
): Promise<ChangePage> =>
  followDelta(
    session,
    {
      operation: OPERATION,
      first: firstPage(session, given.feed),
      cursor: given.cursor,
      toChanges: (items) => items.map((item) => toChange(session, item)),
    },
    options,
  );
