import { AdapterError } from '@tidelock/core';
import { DEFAULT_CALENDAR, DEFAULT_FOLDER } from './config.ts';
import { EVENT_SELECT } from './event-wire.ts';
import { CONTACT_SELECT } from './wire.ts';

/** All paths are relative to this root, as inside a batch. */
export const VERSION = '/v1.0';
export const BATCH_PATH = '/$batch';
export const SUBSCRIPTIONS_PATH = '/subscriptions';

const MEMBERS = /^\/groups\/[^/]+\/transitiveMembers\/graph\.user$/i;
const SUBSCRIPTION = /^\/subscriptions(\/[^/]+)?$/i;
const USER = /^\/users(\/[^/]+)?$/i;
const CONTACTS =
  /^\/users\/[^/]+\/(contacts(\/[^/]+)?|contactFolders(\/[^/]+(\/(childFolders|contacts(\/[^/]+)?))?)?)$/i;
/** Events are read and written one by one; nothing below them that would send mail by itself can be reached. */
const CALENDARS =
  /^\/users\/[^/]+\/(calendars(\/[^/]+)?|((calendar|calendars\/[^/]+)\/)?(events(\/[^/]+(\/instances)?)?|calendarView(\/delta(\(\))?)?))$/i;
/** Links of the service may name keys as `users('id')` and spell `contactfolders`. */
const KEY_IN_PARENTHESES = /\((?:'|%27)([^/]*?)(?:'|%27)\)(?=\/|$)/g;

const segment = (text: string): string => encodeURIComponent(text);

export const mailboxPath = (mailbox: string): string => `/users/${segment(mailbox)}`;

/** Users only, of the group and of every group inside it. */
export const groupMembersPath = (group: string): string =>
  `/groups/${segment(group)}/transitiveMembers/graph.user`;

/** `folder`: an id, or `contacts` for the default folder. */
export const contactsPath = (mailbox: string, folder: string): string =>
  folder === DEFAULT_FOLDER
    ? `${mailboxPath(mailbox)}/contacts`
    : `${mailboxPath(mailbox)}/contactFolders/${segment(folder)}/contacts`;

/** Known ids can be addressed without their folder. */
export const contactPath = (mailbox: string, id: string): string =>
  `${mailboxPath(mailbox)}/contacts/${segment(id)}`;

export const foldersPath = (mailbox: string): string => `${mailboxPath(mailbox)}/contactFolders`;

export const subscriptionPath = (id: string): string => `${SUBSCRIPTIONS_PATH}/${segment(id)}`;

export const calendarsPath = (mailbox: string): string => `${mailboxPath(mailbox)}/calendars`;

/** `calendar`: an id, or `calendar` for the default one. */
export const calendarPath = (mailbox: string, calendar: string): string =>
  calendar === DEFAULT_CALENDAR
    ? `${mailboxPath(mailbox)}/calendar`
    : `${calendarsPath(mailbox)}/${segment(calendar)}`;

/** Known ids can be addressed without their calendar. */
export const eventPath = (mailbox: string, id: string): string =>
  `${mailboxPath(mailbox)}/events/${segment(id)}`;

export const eventInPath = (mailbox: string, calendar: string, id: string): string =>
  `${calendarPath(mailbox, calendar)}/events/${segment(id)}`;

const extendedExpand = (extended: readonly string[]): string =>
  `singleValueExtendedProperties($filter=${extended.map((id) => `id eq ${quote(id)}`).join(' or ')})`;

/** Reads an event whole, with the extended properties named and, of a series, the occurrences that were changed. */
export const eventQuery = (extended: readonly string[]): string =>
  toQuery({ $select: EVENT_SELECT, $expand: `exceptionOccurrences,${extendedExpand(extended)}` });

export const toQuery = (options: Readonly<Record<string, string | undefined>>): string => {
  const parts = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
};

/** OData string literal. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Reads a contact whole, with the extended properties named. */
export const contactQuery = (
  extended: readonly string[],
  more: Readonly<Record<string, string>> = {},
): string =>
  toQuery({
    ...more,
    $select: CONTACT_SELECT,
    $expand: extendedExpand(extended),
  });

function refuse(operation: string, code: string): never {
  const message = `${operation}: this address is not one that the adapter may use`;
  throw new AdapterError('forbidden', message, { operation, code });
}

export interface Target {
  readonly operation: string;
  readonly method: string;
  /** Relative path with query, or a link of the service. */
  readonly url: string;
}

function isAllowed(method: string, rawPath: string): boolean {
  const path = rawPath.replaceAll(KEY_IN_PARENTHESES, '/$1');
  if (path === BATCH_PATH) return method === 'POST';
  if (USER.test(path) || MEMBERS.test(path)) return method === 'GET';
  return CONTACTS.test(path) || CALENDARS.test(path) || SUBSCRIPTION.test(path);
}

/**
 * The absolute address of a request. Throws `forbidden`, code `host` or `path`, for anything but contacts, contact
 * folders, calendars and their events, subscriptions, the look-up of users and of members of groups, and batches, on the connection's own host. Links are used as they came.
 */
export function toAddress(target: Target, origin: string): string {
  const { operation, method, url } = target;
  const address = url.startsWith('/') ? `${origin}${VERSION}${url}` : url;
  if (!URL.canParse(address)) refuse(operation, 'host');
  const parsed = new URL(address);
  if (parsed.origin !== origin || parsed.username !== '' || parsed.password !== '') refuse(operation, 'host');
  const path = parsed.pathname;
  if (!path.startsWith(`${VERSION}/`) || !isAllowed(method, path.slice(VERSION.length))) {
    refuse(operation, 'path');
  }
  return address;
}
