import type { Clock, StoreRecord } from '@tidelock/core';
import type { Graph } from './client.ts';
import { protocolError } from './errors.ts';
import type { Lane } from './lane.ts';
import { extendedIds, type Layout, toRecord } from './map.ts';
import { contactQuery } from './paths.ts';
import { toWireContact, WirePage } from './wire.ts';

/** One opened mailbox. */
export interface Session {
  readonly graph: Graph;
  readonly clock: Clock;
  readonly origin: string;
  readonly mailbox: string;
  readonly lane: Lane;
  readonly layout: Layout;
  readonly pageSize: number;
}

/** Longest wait for a throttled read inside a batch: the service asks for minutes at most. */
export const READ_WAIT_MS = 180_000;

/** Query that reads contacts whole, with stamp and own properties. */
export const wholeContact = (session: Session, more: Readonly<Record<string, string>> = {}): string =>
  contactQuery(extendedIds(session.layout), more);

/** Throws `protocol` for what is no contact. */
export function readRecord(
  session: Session,
  item: unknown,
  given: { operation: string; extended: boolean; bare?: boolean | undefined },
): StoreRecord {
  const wire = toWireContact(item);
  const { extended, bare } = given;
  const record = wire && toRecord(wire, { layout: session.layout, extended, bare });
  if (record === undefined) throw protocolError(given.operation, 'an item is not a contact', 'item');
  return record;
}

export function readPage(body: unknown, operation: string): WirePage {
  const parsed = WirePage.safeParse(body);
  if (!parsed.success) throw protocolError(operation, 'the answer is not a page', 'page');
  return parsed.data;
}
