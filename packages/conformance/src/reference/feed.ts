import { AdapterError, type Change, type ChangePage, type StoreCapabilities } from '@tidelock/core';
import { toRecord } from './answers.ts';
import type { Row, ServerState } from './server.ts';

const PAGE = 5;

/**
 * `epoch.after.since.gap`: everything up to position `after` has been handed out; deletions up to `since` happened
 * before the enumeration began and concern nobody; `gap` 1 after the empty page that this server likes to send.
 */
interface Position {
  readonly epoch: number;
  readonly after: number;
  readonly since: number;
  readonly gap: number;
}

function fromCursor(cursor: string | null, server: ServerState): Position {
  if (cursor === null) return { epoch: server.epoch, after: 0, since: server.seq, gap: 1 };
  const [epoch, after, since, gap] = cursor.split('.').map(Number);
  if (epoch === undefined || after === undefined || since === undefined || gap === undefined) {
    throw new AdapterError('invalid', 'the cursor is not one of this store', { operation: 'people.changes' });
  }
  if (epoch !== server.epoch) {
    throw new AdapterError('cursor_expired', 'the cursor has expired', {
      operation: 'people.changes',
      status: 410,
    });
  }
  return { epoch, after, since, gap };
}

function toCursor(position: Position): string {
  return [position.epoch, position.after, position.since, position.gap].join('.');
}

function toChange(row: Row, capabilities: StoreCapabilities): Change {
  const mono = String(row.seq).padStart(12, '0');
  if (row.state !== 'live') {
    const merged = capabilities.merges && row.into !== null ? { mergedInto: row.into } : {};
    return { kind: 'removed', id: row.id, mono, ...merged };
  }
  const record = toRecord(row, capabilities);
  const change = { kind: 'changed', id: row.id, version: record.version, mono } as const;
  if (!capabilities.contentInFeed) return change;
  if (capabilities.stampInFeed) return { ...change, record };
  const { stamp: _, ...unstamped } = record;
  return { ...change, record: unstamped };
}

/** Changes after the position, oldest first, as far as the declared lag lets them be seen. */
function waiting(server: ServerState, position: Position, lagMs: number): readonly Row[] {
  const rows = [...server.rows.values()]
    .filter((row) => row.seq > position.after)
    .sort((a, b) => a.seq - b.seq);
  const hidden = rows.findIndex((row) => row.at > server.now - lagMs);
  return hidden === -1 ? rows : rows.slice(0, hidden);
}

/** A page that leads to itself would be read for ever. */
function checked(page: ChangePage, cursor: string): ChangePage {
  if (!page.more || page.cursor !== cursor) return page;
  throw new AdapterError('protocol', 'the feed repeats a page', { operation: 'people.changes' });
}

/**
 * Ordered by the position of the last change, so a record that changes while somebody enumerates moves to the end
 * and is handed out again: nothing is missed, something may come twice.
 */
export function readChanges(
  reference: { readonly server: ServerState; readonly capabilities: StoreCapabilities },
  cursor: string | null,
): ChangePage {
  const { server, capabilities } = reference;
  const position = fromCursor(cursor, server);
  if (server.loop && cursor !== null) return checked({ changes: [], cursor, more: true }, cursor);
  const rows = waiting(server, position, capabilities.lagSeconds * 1000);
  if (rows.length > 0 && position.gap === 0) {
    return { changes: [], cursor: toCursor({ ...position, gap: 1 }), more: true };
  }
  const page = rows.slice(0, PAGE);
  const told = page.filter((row) => row.state === 'live' || row.seq > position.since);
  const after = page.at(-1)?.seq ?? position.after;
  const more = rows.length > page.length || server.loop;
  return {
    changes: told.map((row) => toChange(row, capabilities)),
    cursor: toCursor({ ...position, after, gap: 0 }),
    more,
  };
}
