import {
  AdapterError,
  type Attendee,
  type CallOptions,
  type ChangePage,
  type Outcome,
  type Probe,
  type ReadResult,
  type RecordPage,
  type RecordStore,
  type StoreRecord,
  type Write,
} from '@tidelock/core';
import { requireRunning } from './running.ts';

/** What a store with a single feed does; `R` is what one call reads with: the client, today's fields, the caller's options. */
export interface OneFeed<R> {
  /** Key of the feed, and the first word of operations: `contacts`. */
  readonly feed: string;
  readonly label: string;
  readonly scopeHash: string;
  open(options: CallOptions | undefined): Promise<R>;
  /** What is known of the service's fields proved to be out of date, or did not. Called with every error of a call. */
  onError(error: unknown): void;
  probe(options: CallOptions | undefined): Promise<Probe>;
  changes(reading: R, cursor: string | null): Promise<ChangePage>;
  list(reading: R, page: string | null): Promise<RecordPage>;
  read(reading: R, ids: readonly string[]): Promise<readonly ReadResult[]>;
  find(
    reading: R,
    by: 'stamp' | 'email',
    values: readonly string[],
  ): Promise<readonly (readonly StoreRecord[])[]>;
  write(reading: R, batch: readonly Write[]): Promise<readonly Outcome[]>;
  /** Only where people on events are records of their own. */
  strangers?(reading: R, batch: readonly Write[]): Promise<readonly (readonly Attendee[])[]>;
}

/**
 * A record store with one feed: refuses others (`invalid`), makes no request for an empty question or after an abort, and
 * opens every call anew.
 */
export function createOneFeedStore<R>(of: OneFeed<R>): RecordStore {
  const { feed } = of;
  const strangers = of.strangers?.bind(of);
  const requireFeed = (asked: string): void => {
    if (asked === feed) return;
    const operation = `${feed}.changes`;
    throw new AdapterError('invalid', `there is one feed: ${feed}`, { operation, code: 'feed' });
  };
  const call = async <T>(
    name: string,
    options: CallOptions | undefined,
    work: (reading: R) => Promise<T>,
  ): Promise<T> => {
    requireRunning(options?.signal, `${feed}.${name}`);
    const reading = await of.open(options);
    try {
      return await work(reading);
    } catch (error) {
      of.onError(error);
      throw error;
    }
  };
  return {
    async probe(options) {
      requireRunning(options?.signal, `${feed}.probe`);
      return of.probe(options);
    },
    feeds: async () => [{ key: feed, label: of.label, scopeHash: of.scopeHash }],
    changes(asked, cursor, options) {
      requireFeed(asked);
      return call('changes', options, (reading) => of.changes(reading, cursor));
    },
    list(asked, page, options) {
      requireFeed(asked);
      return call('list', options, (reading) => of.list(reading, page));
    },
    read: async (ids, options) =>
      ids.length === 0 ? [] : call('read', options, (reading) => of.read(reading, ids)),
    find: async (by, values, options) =>
      values.length === 0 ? [] : call('find', options, (reading) => of.find(reading, by, values)),
    write: async (batch, options) =>
      batch.length === 0 ? [] : call('write', options, (reading) => of.write(reading, batch)),
    ...(strangers === undefined
      ? {}
      : {
          strangers: async (batch, options) =>
            batch.length === 0 ? [] : call('strangers', options, (reading) => strangers(reading, batch)),
        }),
  };
}
