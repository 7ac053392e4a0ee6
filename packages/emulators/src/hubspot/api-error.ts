/** One reason inside an error. */
export interface ErrorDetail {
  readonly message: string;
  readonly code?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

interface ErrorOptions {
  readonly category?: string;
  readonly subCategory?: string;
  readonly errors?: readonly ErrorDetail[];
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members beside the usual ones: `errorType` and `policyName` of a refused rate. */
  readonly more?: Readonly<Record<string, string>>;
}

/** A refusal as the service words it. */
export class ApiError extends Error {
  override readonly name = 'HubSpotError';
  readonly status: number;
  readonly category: string | undefined;
  readonly subCategory: string | undefined;
  readonly errors: readonly ErrorDetail[];
  readonly context: Readonly<Record<string, readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly more: Readonly<Record<string, string>>;

  constructor(status: number, message: string, options: ErrorOptions = {}) {
    super(message);
    this.status = status;
    this.category = options.category;
    this.subCategory = options.subCategory;
    this.errors = options.errors ?? [];
    this.context = options.context ?? {};
    this.headers = options.headers ?? {};
    this.more = options.more ?? {};
  }
}

export function invalid(message: string, errors: readonly ErrorDetail[] = []): ApiError {
  return new ApiError(400, message, { category: 'VALIDATION_ERROR', errors });
}

export function notFound(message = 'resource not found'): ApiError {
  return new ApiError(404, message, { category: 'OBJECT_NOT_FOUND' });
}

export function conflict(message: string): ApiError {
  return new ApiError(409, message, { category: 'CONFLICT' });
}

/** The properties that were refused, in one error as the service gives it. */
export function invalidProperties(errors: readonly ErrorDetail[]): ApiError {
  const list = errors.map(({ message }) => message).join('; ');
  return invalid(`Property values were not valid: ${list}`, errors);
}
