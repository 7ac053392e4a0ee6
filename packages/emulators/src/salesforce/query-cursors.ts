import { badRequest } from './api-error.ts';
import { DAY_MS, type Org } from './org.ts';
import { createIdSequence } from './record-id.ts';
import type { QueryResult } from './soql-query.ts';

export interface Page {
  readonly result: QueryResult;
  readonly from: number;
  readonly to: number;
  /** `<cursor id>-<offset>` of the page after this one; undefined on the last. */
  readonly nextLocator: string | undefined;
}

/** Open query cursors: they end after two days, and a user's eleventh ends the oldest. */
export interface QueryCursors {
  first(userId: string, result: QueryResult, batchSize: number): Page;
  /** Throws INVALID_QUERY_LOCATOR for cursors that ended or never were. */
  resume(userId: string, locator: string): Page;
}

interface Cursor {
  readonly id: string;
  readonly userId: string;
  readonly result: QueryResult;
  readonly batchSize: number;
  readonly expiresAt: number;
}

const LIFETIME_MS = 2 * DAY_MS;
const OPEN_PER_USER = 10;

export function createQueryCursors(org: Org): QueryCursors {
  const nextId = createIdSequence('01g');
  const open = new Map<string, Cursor>();

  const pageOf = (cursor: Cursor, from: number): Page => {
    const to = Math.min(from + cursor.batchSize, cursor.result.rows.length);
    const more = to < cursor.result.rows.length;
    return { result: cursor.result, from, to, nextLocator: more ? `${cursor.id}-${to}` : undefined };
  };
  const makeRoom = (userId: string): void => {
    const own = [...open.values()].filter((cursor) => cursor.userId === userId);
    for (const cursor of own.slice(0, Math.max(0, own.length - OPEN_PER_USER + 1))) open.delete(cursor.id);
  };
  return {
    first(userId, result, batchSize) {
      const expiresAt = org.clock.now() + LIFETIME_MS;
      if (result.rows.length <= batchSize) {
        return { result, from: 0, to: result.rows.length, nextLocator: undefined };
      }
      makeRoom(userId);
      const cursor: Cursor = { id: nextId(), userId, result, batchSize, expiresAt };
      open.set(cursor.id, cursor);
      return pageOf(cursor, 0);
    },
    resume(userId, locator) {
      const [id, offset] = locator.split('-');
      const cursor = open.get(id ?? '');
      const from = Number(offset);
      const alive = cursor !== undefined && cursor.userId === userId && org.clock.now() < cursor.expiresAt;
      if (!alive || !Number.isInteger(from) || from < 0 || from >= cursor.result.rows.length) {
        throw badRequest('INVALID_QUERY_LOCATOR', 'invalid query locator');
      }
      return pageOf(cursor, from);
    },
  };
}
