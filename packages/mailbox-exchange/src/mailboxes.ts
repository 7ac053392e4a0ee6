import { AdapterError, type CallOptions, isAdapterError, type Mailbox } from '@tidelock/core';
import { chunk } from '@tidelock/kit';
import { BATCH_SIZE, type BatchParts, type BatchStep, type StepAnswer, sendBatch } from './batch.ts';
import { fewAtOnce } from './batch-few.ts';
import { requireOwn, startWalk, walkOn } from './cursor.ts';
import { isDirectoryDenied, isMailboxGone, isOutOfScope, requireLive } from './errors.ts';
import { foldersPath, groupMembersPath, mailboxPath, quote, toQuery } from './paths.ts';
import { READ_WAIT_MS, readPage } from './session.ts';
import { WireMember, WireUser } from './wire.ts';

const USERS = 'users.list';
const PROBE = 'mailbox.probe';
const SELECT = 'id,displayName,mail,userPrincipalName,employeeId';
const MEMBERS = 'groups.members';
const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

type Known = Omit<Mailbox, 'state'>;

const toKnown = (user: WireUser, address?: string): Known => {
  const shown = user.mail || user.userPrincipalName || address || '';
  return {
    id: user.id,
    address: shown,
    displayName: user.displayName ?? shown,
    ...(user.userPrincipalName ? { login: user.userPrincipalName } : {}),
    ...(user.employeeId ? { employeeId: user.employeeId } : {}),
  };
};

async function sendAll(
  parts: BatchParts,
  given: { operation: string; steps: readonly BatchStep[] },
  options: CallOptions,
): Promise<readonly StepAnswer[]> {
  const { directory, probes } = parts.graph.lanes;
  const lane = given.operation === PROBE ? probes : directory;
  const { operation } = given;
  const { signal } = options;
  const answers = await fewAtOnce(chunk(given.steps, BATCH_SIZE), (steps) =>
    sendBatch(parts, { operation, lane, steps, maxWaitMs: READ_WAIT_MS, signal }),
  );
  return answers.flat();
}

/** By id, or by primary address or sign-in name. */
function lookUp(name: string): string {
  if (GUID.test(name)) return `${mailboxPath(name)}${toQuery({ $select: SELECT })}`;
  const $filter = `mail eq ${quote(name)} or userPrincipalName eq ${quote(name)}`;
  return `/users${toQuery({ $filter, $select: SELECT, $top: '2' })}`;
}

/**
 * The user, null for nobody, and the name itself where the app may not read the directory: an address addresses a
 * mailbox as well, though ids are better.
 */
function toUser(name: string, answer: StepAnswer): Known | null {
  if (!answer.ok) {
    if (isDirectoryDenied(answer.error)) return { id: name, address: name, displayName: name };
    if (answer.error.kind === 'not_found' && isMailboxGone(answer.error)) return null;
    throw answer.error;
  }
  const { body } = answer.answer;
  const single = WireUser.safeParse(body);
  if (single.success) return toKnown(single.data, name);
  const users = readPage(body, USERS).value.map((item) => WireUser.parse(item));
  const [user] = users;
  return user === undefined || users.length > 1 ? null : toKnown(user, name);
}

/** What the probe says. Trouble with the credential is that of the whole call. */
function toState(answer: StepAnswer): Mailbox['state'] {
  if (answer.ok) return 'ready';
  const { error } = answer;
  if (isMailboxGone(error)) return 'no-mailbox';
  if (isOutOfScope(error)) return 'out-of-scope';
  if (error.kind === 'auth' || error.kind === 'forbidden') throw error;
  return 'unavailable';
}

async function probe(
  parts: BatchParts,
  known: readonly Known[],
  options: CallOptions,
): Promise<readonly Mailbox[]> {
  const query = toQuery({ $top: '1', $select: 'id' });
  const steps = known.map(({ id }): BatchStep => ({ method: 'GET', url: `${foldersPath(id)}${query}` }));
  const answers = await sendAll(parts, { operation: PROBE, steps }, options);
  return known.map((each, index) => {
    const answer = answers[index];
    return { ...each, state: answer === undefined ? 'unavailable' : toState(answer) };
  });
}

async function lookUpAll(
  parts: BatchParts,
  names: readonly string[],
  options: CallOptions,
): Promise<readonly (Known | null)[]> {
  const steps = names.map((name): BatchStep => ({ method: 'GET', url: lookUp(name) }));
  const answers = await sendAll(parts, { operation: USERS, steps }, options);
  return names.map((name, index) => {
    const answer = answers[index];
    return answer === undefined ? null : toUser(name, answer);
  });
}

async function named(
  parts: BatchParts,
  names: readonly string[],
  options: CallOptions,
): Promise<readonly Mailbox[]> {
  const asked = new Set<string>();
  const probed = new Map<string, Mailbox>();
  const probing: Promise<void>[] = [];
  const probeAll = async (fresh: readonly Known[]): Promise<void> => {
    for (const mailbox of await probe(parts, fresh, options)) probed.set(mailbox.id, mailbox);
  };
  // The service counts look-ups and probes apart: those of some names are probed while the next are looked up.
  const found = await fewAtOnce(chunk(names, BATCH_SIZE), async (some) => {
    const users = await lookUpAll(parts, some, options);
    const fresh = users.filter((user) => user !== null && !asked.has(user.id));
    const each = new Map(fresh.flatMap((user) => (user === null ? [] : [[user.id, user] as const])));
    for (const id of each.keys()) asked.add(id);
    const probes = probeAll([...each.values()]);
    // They are waited for below, unless a look-up fails before.
    probes.catch(() => undefined);
    probing.push(probes);
    return users;
  });
  await Promise.all(probing);
  const users = found.flat();
  return names.map((name, index): Mailbox => {
    const mailbox = probed.get(users[index]?.id ?? '');
    return mailbox ?? { id: name, address: name, displayName: name, state: 'no-mailbox' };
  });
}

async function listUsers(parts: BatchParts, options: CallOptions): Promise<readonly Known[]> {
  const users: Known[] = [];
  // Shared mailboxes belong to disabled accounts: only guests are left out.
  const $filter = "userType eq 'Member'";
  let walk = { ...startWalk(), link: `/users${toQuery({ $filter, $select: SELECT, $top: '999' })}` };
  for (;;) {
    const lane = parts.graph.lanes.directory;
    const call = { operation: USERS, url: walk.link, lane, signal: options.signal };
    const page = readPage((await parts.graph.send(call)).body, USERS);
    for (const item of page.value) {
      const user = WireUser.safeParse(item);
      if (user.success && user.data.mail) users.push(toKnown(user.data));
    }
    const link = page['@odata.nextLink'];
    if (link === undefined) return users;
    requireOwn(link, { operation: USERS, origin: parts.origin });
    walk = walkOn(walk, { link, items: page.value }, USERS);
  }
}

/** Mailboxes with their state, in the order asked; without names, everybody in the directory who has an address. */
export async function listMailboxes(
  parts: BatchParts,
  names: readonly string[] | undefined,
  options: CallOptions = {},
): Promise<readonly Mailbox[]> {
  requireLive(options.signal, USERS);
  return names === undefined
    ? probe(parts, await listUsers(parts, options), options)
    : named(parts, names, options);
}

/** What only an administrator can mend is said as such: an unreadable group must never look like an empty one. */
function unreadableGroup(error: unknown, group: string): unknown {
  if (!isAdapterError(error)) return error;
  if (error.kind === 'not_found')
    return new AdapterError('not_found', `The directory has no group ${group}.`, {
      operation: MEMBERS,
      remedy: 'Write the object id of the group, as the directory shows it.',
    });
  if (!isDirectoryDenied(error)) return error;
  return new AdapterError('forbidden', 'The app may not read the members of groups.', {
    operation: MEMBERS,
    remedy: 'Grant the application permission GroupMember.Read.All, or name mailboxes by their addresses.',
  });
}

/** Ids of the users in a group and in the groups inside it. */
export async function listMembers(
  parts: BatchParts,
  group: string,
  options: CallOptions = {},
): Promise<readonly string[]> {
  requireLive(options.signal, MEMBERS);
  const ids = new Set<string>();
  let walk = { ...startWalk(), link: `${groupMembersPath(group)}${toQuery({ $select: 'id', $top: '999' })}` };
  for (;;) {
    const lane = parts.graph.lanes.directory;
    const call = { operation: MEMBERS, url: walk.link, lane, signal: options.signal };
    const answer = await parts.graph.send(call).catch((error: unknown) => {
      throw unreadableGroup(error, group);
    });
    const page = readPage(answer.body, MEMBERS);
    for (const item of page.value) ids.add(WireMember.parse(item).id);
    const link = page['@odata.nextLink'];
    if (link === undefined) return [...ids];
    requireOwn(link, { operation: MEMBERS, origin: parts.origin });
    walk = walkOn(walk, { link, items: page.value }, MEMBERS);
  }
}
