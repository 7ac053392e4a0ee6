import { AdapterError, type ErrorKind, isAdapterError } from '@tidelock/core/errors';

interface Ruling {
  readonly kind: ErrorKind;
  readonly what: string;
  readonly remedy: string;
}

const DAMAGED: Ruling = {
  kind: 'invalid',
  what: 'is damaged or is not a SQLite database',
  remedy: 'Stop the platform, move the file (with its -wal and -shm) away, and restore the latest backup.',
};

const UNWRITABLE: Ruling = {
  kind: 'forbidden',
  what: 'cannot be opened for writing',
  remedy: 'Give the account that runs the platform write permission on the file and on its folder.',
};

/** By primary result code of SQLite (https://www.sqlite.org/rescode.html). */
const RULINGS: Readonly<Record<number, Ruling>> = {
  5: {
    kind: 'unavailable',
    what: 'is locked by another program',
    remedy: 'Close the other program that has the database open, and try again.',
  },
  8: UNWRITABLE,
  10: {
    kind: 'unavailable',
    what: 'could not be read or written (I/O error)',
    remedy: 'Check the disk and its mount, then start again; committed work is kept.',
  },
  11: DAMAGED,
  13: {
    kind: 'unavailable',
    what: 'cannot grow: the disk is full',
    remedy: 'Free space on the disk that holds the data folder; nothing that was committed is lost.',
  },
  14: UNWRITABLE,
  26: DAMAGED,
};

const OTHER: Ruling = {
  kind: 'protocol',
  what: 'answered in a way that was not expected',
  remedy: 'Report this with the code; it is a defect of the adapter.',
};

const FOREIGN_KEY = 787;
const UNIQUE = 2067;
const PRIMARY_KEY = 1555;

/** `code` of an error about a unique index. */
export const NOT_UNIQUE = 'not-unique';

function resultCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}

function toConstraintError(code: number, operation: string): AdapterError {
  const details = { operation, code: `SQLITE_${code}` };
  if (code === FOREIGN_KEY) {
    return new AdapterError('not_found', 'The row that this one belongs to does not exist.', details);
  }
  if (code === UNIQUE || code === PRIMARY_KEY) {
    return new AdapterError('conflict', 'Another row already holds this identity; nothing was changed.', {
      operation,
      code: NOT_UNIQUE,
    });
  }
  return new AdapterError('invalid', 'A value does not fit its column; nothing was changed.', details);
}

/** Maps whatever node:sqlite throws. Messages name the database file and never a value. */
export function toAdapterError(error: unknown, at: { operation: string; file: string }): AdapterError {
  if (isAdapterError(error)) return error;
  const code = resultCode(error);
  if (code !== null && (code & 0xff) === 19) return toConstraintError(code, at.operation);
  if (code === null) return toRuntimeError(error, at);
  const ruling = RULINGS[code & 0xff] ?? OTHER;
  return new AdapterError(ruling.kind, `The database ${at.file} ${ruling.what}.`, {
    operation: at.operation,
    code: `SQLITE_${code}`,
    remedy: ruling.remedy,
    cause: error,
  });
}

/** Errors that do not come from SQLite itself: a closed handle, a file system refusal, a value that cannot be bound. */
function toRuntimeError(error: unknown, at: { operation: string; file: string }): AdapterError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const details = { operation: at.operation, code };
  if (code === 'ERR_INVALID_STATE') {
    return new AdapterError('unavailable', `The database ${at.file} is closed.`, details);
  }
  const ruling = code === 'ENOSPC' ? RULINGS[13] : UNWRITABLE;
  if (ruling !== undefined && code !== undefined && /^E[A-Z]+$/.test(code)) {
    return new AdapterError(ruling.kind, `The database ${at.file} ${ruling.what} (${code}).`, {
      ...details,
      remedy: ruling.remedy,
    });
  }
  return new AdapterError('invalid', 'A value could not be stored; nothing was changed.', {
    ...details,
    cause: error,
  });
}
