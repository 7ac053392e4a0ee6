import { AdapterError, type ErrorKind, isAdapterError } from '@tidelock/core';
import { errorFromResponse, kindOfStatus } from '@tidelock/kit';
import { WireError } from './wire.ts';
import { WireRefusal } from './wire-subscription.ts';

/** An answer of the service, whole or one of a batch. `body` is parsed JSON, or undefined. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Codes in lower case: the service's own spelling varies (`SyncStateNotFound`, `syncStateNotFound`). */
const SYNC_STATE = new Set(['syncstatenotfound', 'syncstateinvalid', 'resyncrequired', 'syncstatetooold']);
const ITEM_GONE = new Set(['erroritemnotfound', 'itemnotfound']);
/** The mailbox, not the item, is what is not there. */
const MAILBOX_GONE = new Set([
  'mailboxnotenabledforrestapi',
  'mailboxnotsupportedforrestapi',
  'errorinvaliduser',
  'errornonexistentmailbox',
  'request_resourcenotfound',
]);
/** 503s that are said before anything is done. */
const REFUSED = new Set([
  'errorserverbusy',
  'mailboxinfostale',
  'errormailboxmoveinprogress',
  'serviceunavailable',
  'applicationthrottled',
]);
/** Say nothing that the status does not say. */
const VAGUE = /^(unknownerror|badrequest|invalidrequest|\d+)?$/i;
const CODE = /^[A-Za-z][\w.-]{0,63}$/;

const REMEDIES: Readonly<Record<string, string>> = {
  erroraccessdenied:
    'Grant the app Contacts.ReadWrite for this mailbox (Exchange RBAC for Applications, or admin consent in Entra). ' +
    'Changes take up to two hours to arrive.',
  authorization_requestdenied:
    'Grant the app the application permission User.Read.All, or name mailboxes by id.',
  invalidauthenticationtoken: 'Check the app registration, its certificate and the cloud of this connection.',
  mailboxnotenabledforrestapi:
    'Assign an Exchange Online licence, or take the mailbox out of the connection. On-premises mailboxes cannot be reached.',
  errorinvaliduser: 'Check the mailbox: the directory has no such user.',
  errorquotaexceeded: 'The mailbox is full: free space in it.',
};

const codeKey = (error: AdapterError): string => (error.code ?? '').toLowerCase();

/** The most telling code: the innermost one that is not vague, else the outermost. */
function codeOf(body: unknown): string | undefined {
  const parsed = WireError.safeParse(body);
  if (!parsed.success) return undefined;
  const codes: string[] = [];
  for (let node: typeof parsed.data.error | undefined = parsed.data.error; node; node = node.innerError) {
    if (node.code !== undefined && CODE.test(node.code)) codes.push(node.code);
  }
  return codes.findLast((code) => !VAGUE.test(code)) ?? codes[0];
}

/** Exchange's own refusal stands in the text: a mailbox that is on the move is told as a 403. */
const INNER_UNAVAILABLE = /Status Code: ServiceUnavailable\b/;

const isRefusedForNow = (body: unknown, key: string): boolean => {
  const parsed = key === 'extensionerror' ? WireRefusal.safeParse(body) : undefined;
  return parsed?.success === true && INNER_UNAVAILABLE.test(parsed.data.error.message);
};

function kindOf({ status, body }: Answer, code: string | undefined): ErrorKind {
  const key = (code ?? '').toLowerCase();
  if (isRefusedForNow(body, key)) return 'unavailable';
  if (SYNC_STATE.has(key)) return 'cursor_expired';
  if (key === 'errorirresolvableconflict') return 'conflict';
  if (key === 'errorquotaexceeded' || status === 423) return status === 423 ? 'conflict' : 'invalid';
  return kindOfStatus(status);
}

/** Never holds the service's message, which may quote what was sent. */
export function toGraphError(answer: Answer, operation: string, now: number): AdapterError {
  const code = codeOf(answer.body);
  return errorFromResponse(answer, {
    operation,
    code,
    kind: kindOf(answer, code),
    remedy: code === undefined ? undefined : REMEDIES[code.toLowerCase()],
    requestId: answer.headers.get('request-id') ?? undefined,
    now,
  });
}

export function protocolError(operation: string, reason: string, code: string): AdapterError {
  return new AdapterError('protocol', `${operation}: ${reason}`, { operation, code });
}

export const abortedError = (operation: string): AdapterError =>
  new AdapterError('unavailable', `${operation}: aborted`, { operation, code: 'aborted' });

/** Nothing is sent for a call that was aborted before. */
export function requireLive(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted) throw abortedError(operation);
}

/** Whatever a call ends with, as the error that adapters let out. */
export function toAdapterError(
  error: unknown,
  operation: string,
  signal: AbortSignal | undefined,
): AdapterError {
  if (isAdapterError(error)) return error;
  if (signal?.aborted) return abortedError(operation);
  return protocolError(
    operation,
    `unexpected ${error instanceof Error ? error.name : typeof error}`,
    'unexpected',
  );
}

/** The service said that this one item is not in its store. A bare 404 (a proxy, a missing mailbox) is not that. */
export function isItemGone(error: AdapterError): boolean {
  return (error.kind === 'not_found' || error.status === 410) && ITEM_GONE.has(codeKey(error));
}

export function isMailboxGone(error: AdapterError): boolean {
  return error.kind === 'not_found' && MAILBOX_GONE.has(codeKey(error));
}

/** Trouble of the whole connection or mailbox: no verdict on any item of the call may come from it. */
export function isWholeCall(error: AdapterError): boolean {
  return error.kind === 'auth' || error.kind === 'forbidden' || isMailboxGone(error);
}

/** The request was certainly not executed, and may be sent again. */
export function isRefusal(error: AdapterError): boolean {
  if (error.kind === 'rate_limited') return true;
  return error.status === 503 && (error.retryAfterMs !== undefined || REFUSED.has(codeKey(error)));
}

export function isDirectoryDenied(error: AdapterError): boolean {
  return error.kind === 'forbidden' && codeKey(error) === 'authorization_requestdenied';
}

export function isOutOfScope(error: AdapterError): boolean {
  return error.kind === 'forbidden' && codeKey(error) === 'erroraccessdenied';
}
