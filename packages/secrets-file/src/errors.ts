import { AdapterError, type ErrorKind } from '@tidelock/core';

/** What each code means for the caller. Messages name files, names and key ids; never a value. */
const KIND_OF = {
  NOT_FOUND: 'not_found',
  CONFLICT: 'conflict',
  BAD_NAME: 'invalid',
  BAD_REQUEST: 'invalid',
  TOO_LARGE: 'invalid',
  CONFIG: 'invalid',
  /** The key does not open the file. */
  NO_KEY: 'auth',
  INSECURE_FILE: 'forbidden',
  DENIED: 'forbidden',
  TAMPERED: 'protocol',
  CORRUPT: 'protocol',
  NEWER_FORMAT: 'unsupported',
  LOCK_TIMEOUT: 'unavailable',
  UNAVAILABLE: 'unavailable',
  CLOSED: 'unavailable',
} as const satisfies Record<string, ErrorKind>;

export type SecretsErrorCode = keyof typeof KIND_OF;

export interface Failure {
  readonly operation: string;
  readonly text: string;
  readonly remedy?: string;
}

export function createFailure(code: SecretsErrorCode, { operation, text, remedy }: Failure): AdapterError {
  return new AdapterError(KIND_OF[code], `${operation}: ${text}`, { operation, code, remedy });
}

/** The system's own code of a failed file operation (`ENOENT`), or null. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** A failed file operation: its code and the file, never what was to be written. */
export function fromSystem(error: unknown, operation: string, file: string): AdapterError {
  if (error instanceof AdapterError) return error;
  const code = systemCode(error) ?? 'unknown error';
  if (code === 'EACCES' || code === 'EPERM') {
    const remedy = 'Give the file to the user that runs this process, with mode 600.';
    return createFailure('DENIED', { operation, text: `${file} cannot be opened (${code})`, remedy });
  }
  const remedy =
    code === 'ENOSPC' ? 'Free space on the volume of the data directory.' : 'Check the volume of that file.';
  return createFailure('UNAVAILABLE', { operation, text: `${file}: ${code}`, remedy });
}
