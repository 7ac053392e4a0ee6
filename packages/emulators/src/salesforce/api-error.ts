/** One entry of Salesforce's error array. Save results print `errorCode` as `statusCode`. */
export interface ErrorEntry {
  readonly errorCode: string;
  readonly message: string;
  readonly fields?: readonly string[];
}

/** A refused request or record: HTTP status and the entries of the error array. */
export class ApiError extends Error {
  readonly status: number;
  readonly entries: readonly ErrorEntry[];

  constructor(status: number, entries: readonly ErrorEntry[]) {
    super(entries.map((entry) => `${entry.errorCode}: ${entry.message}`).join('; '));
    this.name = 'ApiError';
    this.status = status;
    this.entries = entries;
  }
}

/** HTTP 400 with one entry. `fields` is printed only where given. */
export function badRequest(errorCode: string, message: string, fields?: readonly string[]): ApiError {
  return new ApiError(400, [fields === undefined ? { errorCode, message } : { errorCode, message, fields }]);
}

export function notFound(message = 'The requested resource does not exist'): ApiError {
  return new ApiError(404, [{ errorCode: 'NOT_FOUND', message }]);
}

export function entityIsDeleted(): ApiError {
  return new ApiError(404, [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted' }]);
}
