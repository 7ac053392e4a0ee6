import { AdapterError, type Logger } from '@tidelock/core';
import { Client, Pool, type PoolClient, type PoolConfig } from 'pg';
import type { PostgresSettings } from './config.ts';
import { createSession, parsers, type Session } from './database-session.ts';
import { CLOSED, isRetryable, isStatementError, toAdapterError } from './errors.ts';

/** A pool of connections. Every error that leaves it is an `AdapterError` that names the database and never a value. */
export interface Database {
  readonly schema: string;
  /** `host:port/database`. */
  readonly place: string;
  /** The instant that leases are measured by; null = the server's own. */
  leaseNow(now: number): number | null;
  /** One statement, atomic by itself. */
  single<T>(operation: string, work: (session: Session) => Promise<T>): Promise<T>;
  /** All or nothing; durable when it resolves. `work` may run again after a deadlock: it must not keep anything. */
  transaction<T>(operation: string, work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const ATTEMPTS = 4;
const CONNECT_MS = 10_000;
/** Backstop on this side; inside a transaction the server ends a statement earlier. */
const QUERY_MS = 60_000;

/**
 * `set local`, not start-up parameters: a connection pooler in between refuses those. Every statement of a transaction
 * is served by an index; on statistics from before a bulk load the planner would read whole tables instead.
 */
const BEGIN = `begin; set local statement_timeout = '30s'; set local lock_timeout = '20s';
  set local idle_in_transaction_session_timeout = '30s';
  set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off`;

export function toPoolConfig({ url, poolSize, ssl }: PostgresSettings): PoolConfig {
  let connectionString = url;
  if (ssl !== undefined) {
    // What the URL says about TLS would win over the option.
    const [base = '', query] = url.split('?', 2);
    const kept = (query ?? '').split('&').filter((part) => part !== '' && !part.startsWith('ssl'));
    connectionString = kept.length === 0 ? base : `${base}?${kept.join('&')}`;
  }
  return {
    connectionString,
    max: poolSize,
    types: parsers,
    application_name: 'tidelock',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(ssl === undefined ? {} : { ssl: { rejectUnauthorized: true, ...(ssl.ca === undefined ? {} : ssl) } }),
  };
}

export function placeOf(config: PoolConfig): string {
  try {
    const { host, port, database } = new Client(config);
    return `${host}:${port}/${database ?? ''}`;
  } catch {
    // No cause: the parser's error quotes the URL, and with it the password.
    throw new AdapterError('invalid', 'The "url" of the state adapter cannot be read.', {
      operation: 'state.open',
      remedy: 'Write postgresql://user:password@host:5432/database, special characters percent-encoded.',
    });
  }
}

/** Whether the connection is no good any more. */
async function rollBack(client: PoolClient, error: unknown): Promise<boolean> {
  if (!(error instanceof AdapterError) && !isStatementError(error)) return true;
  try {
    await client.query('rollback');
    return false;
  } catch {
    return true;
  }
}

async function inTransaction<T>(
  pool: Pool,
  inSchema: (sql: string) => string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query(BEGIN);
    const result = await work(createSession(client, inSchema));
    await client.query('commit');
    return result;
  } catch (error) {
    broken = await rollBack(client, error);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function withRetry<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      // No pause: the one that won the deadlock is already going on.
      if (attempt === ATTEMPTS || !isRetryable(error)) throw error;
    }
  }
}

/** Connects when first used. */
export function createDatabase(settings: PostgresSettings, log: Logger): Database {
  const config = toPoolConfig(settings);
  const place = placeOf(config);
  const pool = new Pool(config);
  const lost = (): void => log.warn('state.connection-lost', { place });
  // Without listeners a connection that breaks while nobody waits for it would end the process.
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));

  const known = new Map<string, string>();
  const inSchema = (sql: string): string => {
    const text = known.get(sql) ?? sql.replaceAll('$.', `"${settings.schema}".`);
    known.set(sql, text);
    return text;
  };

  let closing: Promise<void> | null = null;
  const guarded = async <T>(operation: string, work: () => Promise<T>): Promise<T> => {
    if (closing !== null) {
      throw new AdapterError('unavailable', `The database ${place} is closed.`, { operation, code: CLOSED });
    }
    try {
      return await withRetry(work);
    } catch (error) {
      throw toAdapterError(error, { operation, place });
    }
  };
  const anywhere = createSession(pool, inSchema);
  return {
    schema: settings.schema,
    place,
    leaseNow: (now) => (settings.leaseClock === 'caller' ? now : null),
    single: (operation, work) => guarded(operation, () => work(anywhere)),
    transaction: (operation, work) => guarded(operation, () => inTransaction(pool, inSchema, work)),
    close() {
      closing ??= pool.end();
      return closing;
    },
  };
}
