import { GraphFailure } from '../graph-error.ts';
import type { ChangeType, Subscription } from './push-world.ts';

const MINUTE_MS = 60_000;
const LEAST_MS = 45 * MINUTE_MS;
/** Contacts and events without resource data. */
const MOST_MINUTES = 10_080;
const MOST_CLIENT_STATE = 128;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

const refuse = (message: string): GraphFailure => new GraphFailure(400, 'InvalidRequest', message);

/** What a create asks for, before the mailbox is looked up. */
export type SubscriptionInput = Pick<
  Subscription,
  | 'kind'
  | 'resource'
  | 'changeType'
  | 'changeTypes'
  | 'clientState'
  | 'lifecycleNotificationUrl'
  | 'notificationUrl'
  | 'expiresAt'
> & { readonly userKey: string; readonly folderKey: string | null };

export type NewSubscription = SubscriptionInput & Pick<Subscription, 'folderId'>;

/** https only, as the service wants it; loopback addresses may do without, so that a server can be tried on one machine. */
function readUrl(value: unknown, name: string): string {
  const isText = typeof value === 'string' && URL.canParse(value);
  const url = isText ? new URL(value) : null;
  const isFit = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (isText && isFit) return value;
  throw refuse(`The ${name} must be an absolute https address.`);
}

/** Under 45 minutes is raised to that. */
function readExpiry(value: unknown, now: number): number {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw refuse('The expirationDateTime must be a date and time.');
  if (at <= now) throw refuse('The expirationDateTime must be in the future.');
  if (at > now + MOST_MINUTES * MINUTE_MS)
    throw refuse(`Subscription expiration can only be ${MOST_MINUTES} minutes in the future.`);
  return Math.max(at, now + LEAST_MS);
}

function readChangeTypes(value: unknown): ReadonlySet<ChangeType> {
  const names = typeof value === 'string' ? value.split(',').map((name) => name.trim().toLowerCase()) : [];
  const known = names.filter((name) => ['created', 'updated', 'deleted'].includes(name));
  if (known.length === 0 || known.length !== names.length)
    throw refuse('The changeType must be a list of created, updated and deleted.');
  return new Set(known as ChangeType[]);
}

const RESOURCE = /^\/?users\/([^/]+)\/(contacts|events|contactFolders\/([^/]+)\/contacts)$/i;

function readResource(value: unknown): Pick<SubscriptionInput, 'kind' | 'userKey' | 'folderKey'> {
  const found = typeof value === 'string' ? RESOURCE.exec(value) : null;
  if (found === null) throw refuse('The resource is not one that can be subscribed to.');
  const [, userKey = '', kind = '', folderKey] = found;
  return {
    kind: kind.toLowerCase() === 'events' ? 'event' : 'contact',
    userKey: decodeURIComponent(userKey),
    folderKey: folderKey === undefined ? null : decodeURIComponent(folderKey),
  };
}

const asRecord = (body: unknown): Record<string, unknown> => {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw refuse('The body must be a subscription.');
};

function readClientState(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value.length <= MOST_CLIENT_STATE) return value;
  throw refuse(`The clientState has at most ${MOST_CLIENT_STATE} characters.`);
}

export function readCreate(body: unknown, now: number): SubscriptionInput {
  const given = asRecord(body);
  const { changeType, resource, lifecycleNotificationUrl: lifecycle } = given;
  if (given.includeResourceData === true) throw refuse('The emulator sends no resource data.');
  return {
    ...readResource(resource),
    resource: String(resource),
    changeTypes: readChangeTypes(changeType),
    changeType: String(changeType),
    clientState: readClientState(given.clientState),
    notificationUrl: readUrl(given.notificationUrl, 'notificationUrl'),
    lifecycleNotificationUrl:
      lifecycle === undefined || lifecycle === null ? null : readUrl(lifecycle, 'lifecycleNotificationUrl'),
    expiresAt: readExpiry(given.expirationDateTime, now),
  };
}

const CHANGEABLE = new Set(['expirationDateTime', 'notificationUrl']);

export function readUpdate(
  body: unknown,
  now: number,
): { readonly notificationUrl: string | undefined; readonly expiresAt: number | undefined } {
  const given = asRecord(body);
  const other = Object.keys(given).find((name) => !CHANGEABLE.has(name) && !name.includes('@odata.'));
  if (other !== undefined) throw refuse(`The property ${other} of a subscription cannot be changed.`);
  const { notificationUrl, expirationDateTime } = given;
  return {
    notificationUrl: notificationUrl === undefined ? undefined : readUrl(notificationUrl, 'notificationUrl'),
    expiresAt: expirationDateTime === undefined ? undefined : readExpiry(expirationDateTime, now),
  };
}
