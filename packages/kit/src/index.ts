export { type BlankFields, createBlankFields, fillFields } from './blank-fields.ts';
export { buildBody, type Refusal } from './body.ts';
export { chunk } from './chunk.ts';
export { decodeCursor, requireFresh } from './cursor.ts';
export { type DeadlineOptions, withDeadline } from './deadline.ts';
export { createHolders, type Holders } from './holders.ts';
export {
  createGuardedFetch,
  createHttp,
  type Http,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
} from './http.ts';
export { requireContacts } from './kind.ts';
export { createOneFeedStore, type OneFeed } from './one-feed-store.ts';
export {
  createPacer,
  type EnterOptions,
  nestPacers,
  type Pacer,
  type PacerOptions,
  type Slot,
} from './pacing.ts';
export { createPageGuard, type PageGuard } from './paging.ts';
export {
  advancePolling,
  isFollowed,
  type PolledKey,
  type PolledOverlap,
  type PolledPage,
  type PolledWindow,
  polledFrom,
  startPolling,
} from './polled-window.ts';
export {
  READ_RETRY,
  type RetryOptions,
  type RetryPolicy,
  retryWait,
  WRITE_RETRY,
  withRetry,
} from './retry.ts';
export {
  encodePkcs1,
  encodePss,
  PSS_SALT_BYTES,
  requireDigest,
  signatureHolds,
} from './rsa-digest.ts';
export { requireRunning } from './running.ts';
export { MAX_SECRET_BYTES, requireSecretName, requireSecretSize } from './secret-name.ts';
export { createSingleFlight, type SingleFlight } from './single-flight.ts';
export {
  errorFromResponse,
  kindOfStatus,
  parseHttpDate,
  parseRetryAfter,
  type ResponseErrorDetails,
} from './status.ts';
