import type { Session } from './access.ts';
import { requireDirectoryRole } from './access.ts';
import type { GraphAnswer, GraphCall } from './graph-call.ts';
import { jsonAnswer } from './graph-call.ts';
import { GraphFailure, invalidQuery, methodNotAllowed } from './graph-error.ts';
import type { MailboxCall } from './mailbox-call.ts';
import type { FilterNode, Predicate } from './odata-filter.ts';
import { compileFilter, parseFilter } from './odata-filter.ts';
import { readPage, readQueryOptions, readSelect, withOption } from './query-options.ts';
import type { User } from './world.ts';
import { findUser } from './world.ts';

const exchangePlan = 'c7df2760-2c81-4ef7-b578-5b5392b571df';

const getters: Record<string, (user: User) => unknown> = {
  businessPhones: () => [],
  displayName: (user) => user.displayName,
  givenName: (user) => user.givenName,
  jobTitle: (user) => user.jobTitle,
  mail: (user) => user.mail,
  mobilePhone: () => null,
  officeLocation: () => null,
  preferredLanguage: () => null,
  surname: (user) => user.surname,
  userPrincipalName: (user) => user.userPrincipalName,
  id: (user) => user.id,
  accountEnabled: (user) => user.accountEnabled,
  userType: (user) => user.userType,
  employeeId: (user) => user.employeeId,
  assignedLicenses: (user) =>
    user.mailboxState === 'none' ? [] : [{ disabledPlans: [], skuId: exchangePlan }],
};

const names: ReadonlySet<string> = new Set(Object.keys(getters));
const defaults = Object.keys(getters).slice(0, 11);

export const userProperties: ReadonlySet<string> = names;

export const toGraphUser = (user: User, select: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(select.map((name) => [name, getters[name]?.(user) ?? null]));

const textForm = (value: unknown): string => String(value).toLowerCase();

/** Without case. Nothing of another length becomes an ASCII text, so most of a large directory is not rewritten for each look-up. */
const equals = (wanted: string): ((value: unknown) => boolean) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  if (!/^[\x00-\x7f]*$/.test(wanted)) return (value) => textForm(value) === wanted;
  return (value) => {
    const text = String(value);
    return text.length === wanted.length && text.toLowerCase() === wanted;
  };
};

const unsupported = (): GraphFailure =>
  new GraphFailure(400, 'Request_UnsupportedQuery', 'Unsupported Query.');

const fieldOf = (field: string): ((user: User) => unknown) => {
  const name = [...names].find((known) => known.toLowerCase() === field.toLowerCase());
  const get = name === undefined ? undefined : getters[name];
  if (get === undefined) throw new GraphFailure(400, 'BadRequest', `Invalid filter clause: '${field}'.`);
  return get;
};

const compareField = (node: Extract<FilterNode, { op: 'compare' }>): Predicate<User> | undefined => {
  const get = fieldOf(node.field);
  const wanted = textForm(node.value);
  const isWanted = equals(wanted);
  if (node.by === 'eq') return (user) => isWanted(get(user));
  return node.by === 'ne' ? (user) => !isWanted(get(user)) : undefined;
};

const callOnField = (node: Extract<FilterNode, { op: 'call' }>): Predicate<User> | undefined => {
  const get = fieldOf(node.field);
  const wanted = textForm(node.value);
  if (node.name === 'startswith') return (user) => textForm(get(user) ?? '').startsWith(wanted);
  return node.name === 'endswith' ? (user) => textForm(get(user) ?? '').endsWith(wanted) : undefined;
};

const leafFor =
  (advanced: boolean) =>
  (node: FilterNode): Predicate<User> => {
    const isAdvanced =
      (node.op === 'compare' && node.by !== 'eq') || (node.op === 'call' && node.name !== 'startswith');
    if (isAdvanced && !advanced) throw unsupported();
    const leaf =
      node.op === 'compare' ? compareField(node) : node.op === 'call' ? callOnField(node) : undefined;
    if (leaf === undefined) throw unsupported();
    return leaf;
  };

const hasNot = (node: FilterNode): boolean =>
  node.op === 'not' || ((node.op === 'and' || node.op === 'or') && (hasNot(node.left) || hasNot(node.right)));

const readUserFilter = (text: string, advanced: boolean): Predicate<User> => {
  const node = parseFilter(text);
  if (!advanced && hasNot(node)) throw unsupported();
  return compileFilter(node, leafFor(advanced));
};

export const readSkip = (token: string | undefined): number => {
  if (token === undefined) return 0;
  const at = Number(Buffer.from(token, 'base64url').toString('utf8'));
  if (!Number.isSafeInteger(at)) throw invalidQuery('Badly formed token.');
  return at;
};

/** `GET /users`. `ne`, `not`, `endswith` and `$count` need `ConsistencyLevel: eventual` and `$count=true`. */
export function answerUsers(session: Session, call: GraphCall): GraphAnswer {
  requireDirectoryRole(session);
  if (call.method !== 'GET') throw methodNotAllowed();
  const options = readQueryOptions(call.url, ['select', 'filter', 'top', 'skiptoken', 'count']);
  const select = readSelect(options, names, 'user') ?? defaults;
  const { top } = readPage(options, { fallback: 100, max: 999 });
  const counting = options.get('count') === 'true';
  const eventual = call.headers.get('consistencylevel')?.toLowerCase() === 'eventual';
  if (counting && !eventual) throw unsupported();
  const filter = options.get('filter');
  const everyone = [...session.tenant.users.values()].filter((user) => user.mailboxState !== 'soft-deleted');
  const users =
    filter === undefined ? everyone : everyone.filter(readUserFilter(filter, eventual && counting));
  const skip = readSkip(options.get('skiptoken'));
  const next = Buffer.from(String(skip + top)).toString('base64url');
  return jsonAnswer(200, {
    '@odata.context': `${call.url.origin}/v1.0/$metadata#users`,
    ...(counting ? { '@odata.count': users.length } : {}),
    ...(skip + top < users.length ? { '@odata.nextLink': withOption(call.url, '$skiptoken', next) } : {}),
    value: users.slice(skip, skip + top).map((user) => toGraphUser(user, select)),
  });
}

/** `GET /users/{id | userPrincipalName}`. */
export function answerUser(session: Session, call: GraphCall, key: string): GraphAnswer {
  requireDirectoryRole(session);
  if (call.method !== 'GET') throw methodNotAllowed();
  const options = readQueryOptions(call.url, ['select']);
  const select = readSelect(options, names, 'user') ?? defaults;
  const user = findUser(session.tenant, key);
  if (user === undefined || user.mailboxState === 'soft-deleted') {
    throw new GraphFailure(
      404,
      'Request_ResourceNotFound',
      `Resource '${key}' does not exist or one of its queried reference-property objects are not present.`,
    );
  }
  const context = `${call.url.origin}/v1.0/$metadata#users/$entity`;
  return jsonAnswer(200, { '@odata.context': context, ...toGraphUser(user, select) });
}

/** `GET /users/{id}/mailboxSettings`, the part that tells whose mailbox it is and where. */
export function answerMailboxSettings({ call, user }: MailboxCall): GraphAnswer {
  if (call.method !== 'GET') throw methodNotAllowed();
  const settings: Record<string, unknown> = {
    archiveFolder: null,
    timeZone: user.timeZone,
    delegateMeetingMessageDeliveryOptions: 'sendToDelegateOnly',
    dateFormat: 'yyyy-MM-dd',
    timeFormat: 'HH:mm',
    userPurpose: user.purpose,
    language: { locale: 'en-US', displayName: 'English (United States)' },
    workingHours: {
      daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
      startTime: '08:00:00.0000000',
      endTime: '17:00:00.0000000',
      timeZone: { name: user.timeZone },
    },
  };
  const known = new Set(Object.keys(settings));
  const select = readSelect(readQueryOptions(call.url, ['select']), known, 'mailboxSettings') ?? [...known];
  return jsonAnswer(200, {
    '@odata.context': `${call.url.origin}/v1.0/$metadata#users('${user.id}')/mailboxSettings`,
    ...Object.fromEntries(select.map((name) => [name, settings[name]])),
  });
}
