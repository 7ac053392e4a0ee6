import { AdapterError, type ErrorKind, isAdapterError } from '@tidelock/core';

interface Ruling {
  readonly kind: ErrorKind;
  readonly what: string;
  readonly remedy: string;
}

const UNREACHABLE: Ruling = {
  kind: 'unavailable',
  what: 'cannot be reached, or the connection broke',
  remedy: 'Check that the server runs and that "url" names it; work goes on by itself once it answers.',
};

const BUSY: Ruling = {
  kind: 'unavailable',
  what: 'was too busy to answer in time',
  remedy: 'Nothing is lost and it is tried again; if this stays, look for long transactions on the server.',
};

const LOGIN: Ruling = {
  kind: 'auth',
  what: 'refused the login',
  remedy: 'Check user and password in the secret that "url" refers to, and pg_hba.conf of the server.',
};

const DAMAGED: Ruling = {
  kind: 'invalid',
  what: 'holds damaged data',
  remedy: 'Stop the platform and restore the latest backup.',
};

const SCHEMA: Ruling = {
  kind: 'invalid',
  what: 'lacks a table or column that this program needs',
  remedy: 'Start the program again, which completes its schema; if that does not help, restore a backup.',
};

const TLS: Ruling = {
  kind: 'invalid',
  what: 'did not prove its identity, or does not speak TLS',
  remedy:
    'Give the certificate authority of the server as "ssl.ca", and use the host name of its certificate.',
};

const VALUE: Ruling = {
  kind: 'invalid',
  what: 'refused a value that does not fit its column; nothing was changed',
  remedy: 'Report this with the code; it is a defect of the caller or of the adapter.',
};

const OTHER: Ruling = {
  kind: 'protocol',
  what: 'answered in a way that was not expected',
  remedy: 'Report this with the code; it is a defect of the adapter.',
};

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html); a class of two where no code matches. */
const RULINGS: Readonly<Record<string, Ruling>> = {
  '08': UNREACHABLE,
  '22': VALUE,
  '23': VALUE,
  25: BUSY,
  '25006': {
    kind: 'unavailable',
    what: 'is read-only (a standby)',
    remedy: 'Point "url" at the primary server.',
  },
  28: LOGIN,
  '3D000': {
    kind: 'invalid',
    what: 'does not exist on the server',
    remedy: 'Create it with encoding UTF8, or correct the name in "url".',
  },
  40: BUSY,
  42: SCHEMA,
  '42501': {
    kind: 'forbidden',
    what: 'refused the right to do this',
    remedy: 'Grant the user of "url" CREATE on the database, or make it the owner of the schema.',
  },
  53: {
    kind: 'unavailable',
    what: 'is short of memory or disk',
    remedy: 'Free space on the database server; nothing that was committed is lost.',
  },
  '53300': {
    kind: 'unavailable',
    what: 'has no connection left',
    remedy: 'Lower "poolSize", raise max_connections, or put a connection pooler in between.',
  },
  55: BUSY,
  57: UNREACHABLE,
  '57014': BUSY,
  58: {
    kind: 'unavailable',
    what: 'could not read or write its files',
    remedy: 'Check the disk of the database server; committed work is kept.',
  },
  XX001: DAMAGED,
  XX002: DAMAGED,
};

/** `code` of an error about a unique index. */
export const NOT_UNIQUE = 'not-unique';
export const CLOSED = 'closed';

const SQLSTATE = /^[0-9A-Z]{5}$/;

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** SQLSTATE, or undefined where the server did not say anything. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && 'severity' in (error as object) && SQLSTATE.test(code) ? code : undefined;
}

/** The statement failed and the connection is still good for a rollback. */
export function isStatementError(error: unknown): boolean {
  return sqlState(error) !== undefined && (error as { severity?: unknown }).severity === 'ERROR';
}

/** The server undid the transaction because of another one: the same again may work. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01';
}

export function isNotUnique(error: unknown): boolean {
  return sqlState(error) === '23505' || (isAdapterError(error) && error.code === NOT_UNIQUE);
}

function rulingOf(error: unknown, state: string | undefined): Ruling {
  if (state !== undefined) return RULINGS[state] ?? RULINGS[state.slice(0, 2)] ?? OTHER;
  const code = codeOf(error) ?? '';
  const message = error instanceof Error ? error.message : '';
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code) || /support SSL|certificate/i.test(message)) return TLS;
  if (/^(SASL|SCRAM)|password must be a string/i.test(message)) return LOGIN;
  if (/timeout exceeded|read timeout/i.test(message)) return BUSY;
  if (/^E[A-Z_]+$/.test(code) || /connection (terminated|ended|error)|socket|queryable/i.test(message)) {
    return UNREACHABLE;
  }
  return OTHER;
}

export interface Place {
  readonly operation: string;
  /** `host:port/database`. */
  readonly place: string;
}

/**
 * Maps whatever `pg` throws. The original is never kept as a cause: PostgreSQL names values in its messages and
 * details.
 */
export function toAdapterError(error: unknown, at: Place): AdapterError {
  if (isAdapterError(error)) return error;
  const { operation } = at;
  const state = sqlState(error);
  if (state === '23503') {
    return new AdapterError('not_found', 'The row that this one belongs to does not exist.', {
      operation,
      code: state,
    });
  }
  if (state === '23505') {
    return new AdapterError('conflict', 'Another row already holds this identity; nothing was changed.', {
      operation,
      code: NOT_UNIQUE,
    });
  }
  const ruling = rulingOf(error, state);
  return new AdapterError(ruling.kind, `The database ${at.place} ${ruling.what}.`, {
    operation,
    code: state ?? codeOf(error),
    remedy: ruling.remedy,
  });
}
