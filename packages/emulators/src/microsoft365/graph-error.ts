export interface ErrorDetail {
  message: string;
  headers?: Record<string, string>;
  /** Further members of `error`. */
  members?: Record<string, unknown>;
}

/** An error answer of Graph; becomes `{error:{code,message,innerError}}`. Codes and texts as the service words them. */
export class GraphFailure extends Error {
  override readonly name = 'GraphFailure';
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;
  readonly members: Record<string, unknown>;

  constructor(status: number, code: string, detail: string | ErrorDetail) {
    const {
      message,
      headers = {},
      members = {},
    }: ErrorDetail = typeof detail === 'string' ? { message: detail } : detail;
    super(message);
    this.members = members;
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const badRequest = (message: string): GraphFailure => new GraphFailure(400, 'BadRequest', message);

export const invalidQuery = (message: string): GraphFailure =>
  new GraphFailure(400, 'ErrorInvalidUrlQuery', message);

export const invalidFilter = (): GraphFailure =>
  new GraphFailure(400, 'ErrorInvalidUrlQueryFilter', 'The query filter contains one or more invalid nodes.');

export const unreadableBody = (message: string): GraphFailure =>
  new GraphFailure(400, 'RequestBodyRead', message);

export const invalidProperty = (message: string): GraphFailure =>
  new GraphFailure(400, 'ErrorPropertyValidationFailure', message);

export const itemNotFound = (): GraphFailure =>
  new GraphFailure(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');

export const malformedId = (): GraphFailure =>
  new GraphFailure(400, 'ErrorInvalidIdMalformed', 'Id is malformed.');

export const changeKeyConflict = (): GraphFailure =>
  new GraphFailure(
    412,
    'ErrorIrresolvableConflict',
    'The send or update operation could not be performed because the change key passed in the request does not ' +
      'match the current change key for the item.',
  );

export const methodNotAllowed = (): GraphFailure =>
  new GraphFailure(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');

export const unknownSegment = (segment: string): GraphFailure =>
  new GraphFailure(404, 'ResourceNotFound', `Resource not found for the segment '${segment}'.`);
