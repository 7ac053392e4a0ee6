import { checkAccess, requireMailboxUser, type Session } from '../access.ts';
import { emptyAnswer, type GraphAnswer, type GraphCall, jsonAnswer } from '../graph-call.ts';
import { GraphFailure, methodNotAllowed, unknownSegment } from '../graph-error.ts';
import { requireFolder, requireJson } from '../mailbox-call.ts';
import { readPage, readQueryOptions, withOption } from '../query-options.ts';
import type { World } from '../world.ts';
import { watchExpiry, watchMailbox } from './changes.ts';
import { activeOf, addSubscription, dropSubscription, type Subscription } from './push-world.ts';
import { type NewSubscription, readCreate, readUpdate } from './subscription-input.ts';
import { requireValidated } from './validation.ts';

const PAGE = 100;

const inSeven = (ms: number): string => new Date(ms).toISOString().replace('Z', '0000Z');

/** `clientState` is shown to nobody but who created it, in the answer to that. */
const toWire = (subscription: Subscription, clientState: string | null): Record<string, unknown> => ({
  id: subscription.id,
  resource: subscription.resource,
  applicationId: subscription.clientId,
  changeType: subscription.changeType,
  clientState,
  notificationUrl: subscription.notificationUrl,
  notificationQueryOptions: null,
  lifecycleNotificationUrl: subscription.lifecycleNotificationUrl,
  expirationDateTime: inSeven(subscription.expiresAt),
  creatorId: subscription.creatorId,
  includeResourceData: null,
  latestSupportedTlsVersion: 'v1_2',
  encryptionCertificate: null,
  encryptionCertificateId: null,
  notificationUrlAppId: null,
});

interface Asked {
  readonly world: World;
  readonly session: Session;
  readonly call: GraphCall;
}

const contextOf = ({ call }: Asked): string => `${call.url.origin}/v1.0/$metadata#subscriptions`;

const refusedByExchange = (reason: string): GraphFailure =>
  new GraphFailure(403, 'ExtensionError', `Operation: Create; Exception: [Status Code: ${reason}]`);

const isSame = (one: Subscription, wanted: NewSubscription, session: Session): boolean =>
  one.clientId === session.clientId &&
  one.kind === wanted.kind &&
  one.folderId === wanted.folderId &&
  [...wanted.changeTypes].sort().join() === [...one.changeTypes].sort().join();

/** Named fault `subscription-unavailable`: refused for now, though the status says for good. */
function requireRoom({ world, session }: Asked, userId: string, wanted: NewSubscription): void {
  const { push, clock } = world;
  if (world.faults.takeNamed('subscription-unavailable') !== undefined)
    throw refusedByExchange(
      `ServiceUnavailable; Reason: Target resource '${userId}' hosted on database '${push.random.uuid()}' is currently on backend 'Unknown'`,
    );
  const active = activeOf(push, userId, clock.now());
  const twin = active.find((one) => isSame(one, wanted, session));
  if (twin !== undefined)
    throw new GraphFailure(
      409,
      'Conflict',
      `Subscription Id ${twin.id} already exists for the requested combination`,
    );
  if (active.length >= push.settings.mostOfMailbox)
    throw refusedByExchange(
      'Forbidden; Reason: The limit of active subscriptions of this mailbox is reached',
    );
}

async function create(asked: Asked): Promise<GraphAnswer> {
  const { world, session, call } = asked;
  const input = readCreate(requireJson(call), world.clock.now());
  const user = requireMailboxUser(session, input.userKey);
  const area = input.kind === 'contact' ? 'Contacts' : 'Calendars';
  checkAccess(session, user, [`${area}.Read`, `${area}.ReadWrite`]);
  const folderId = input.folderKey === null ? null : requireFolder(user.mailbox, input.folderKey).id;
  const wanted = { ...input, folderId };
  requireRoom(asked, user.id, wanted);
  await requireValidated(world, [input.notificationUrl, input.lifecycleNotificationUrl]);
  // Two that were validated at the same time: one of them is late.
  requireRoom(asked, user.id, wanted);
  const principal = session.tenant.principals.get(session.clientId);
  const subscription: Subscription = {
    ...wanted,
    id: world.push.random.uuid(),
    tenantId: session.tenant.id,
    clientId: session.clientId,
    userId: user.id,
    creatorId: principal?.objectId ?? session.clientId,
    immutableIds: call.preferences.immutableIds,
    isChallenged: false,
  };
  addSubscription(world.push, subscription);
  watchMailbox(world, user);
  watchExpiry(world, subscription);
  const body = {
    '@odata.context': `${contextOf(asked)}/$entity`,
    ...toWire(subscription, input.clientState),
  };
  return jsonAnswer(201, body);
}

function requireOwn({ world, session }: Asked, id: string): Subscription {
  const found = world.push.subscriptions.get(id.toLowerCase());
  const isOwn = found?.clientId === session.clientId && found.tenantId === session.tenant.id;
  if (found !== undefined && isOwn && found.expiresAt > world.clock.now()) return found;
  throw new GraphFailure(404, 'ResourceNotFound', 'The object was not found.');
}

async function update(asked: Asked, subscription: Subscription): Promise<GraphAnswer> {
  const { world, call } = asked;
  const { notificationUrl, expiresAt } = readUpdate(requireJson(call), world.clock.now());
  if (notificationUrl !== undefined) await requireValidated(world, [notificationUrl]);
  subscription.notificationUrl = notificationUrl ?? subscription.notificationUrl;
  if (expiresAt !== undefined) {
    subscription.expiresAt = expiresAt;
    subscription.isChallenged = false;
    watchExpiry(world, subscription);
  }
  return jsonAnswer(200, {
    '@odata.context': `${contextOf(asked)}/$entity`,
    ...toWire(subscription, null),
  });
}

function list(asked: Asked): GraphAnswer {
  const { world, session, call } = asked;
  const { skip } = readPage(readQueryOptions(call.url, ['skip']), { fallback: PAGE, max: PAGE });
  const now = world.clock.now();
  const own = [...world.push.subscriptions.values()].filter(
    (one) => one.clientId === session.clientId && one.tenantId === session.tenant.id && one.expiresAt > now,
  );
  const value = own.slice(skip, skip + PAGE).map((one) => toWire(one, null));
  const next = skip + PAGE < own.length ? withOption(call.url, '$skip', String(skip + PAGE)) : null;
  const more = next === null ? {} : { '@odata.nextLink': next };
  return jsonAnswer(200, { '@odata.context': contextOf(asked), value, ...more });
}

async function answerOne(asked: Asked, id: string): Promise<GraphAnswer> {
  const subscription = requireOwn(asked, id);
  switch (asked.call.method) {
    case 'GET':
      return jsonAnswer(200, {
        '@odata.context': `${contextOf(asked)}/$entity`,
        ...toWire(subscription, null),
      });
    case 'PATCH':
      return update(asked, subscription);
    case 'DELETE':
      dropSubscription(asked.world.push, subscription);
      return emptyAnswer(204);
    default:
      throw methodNotAllowed();
  }
}

/** Everything under `/subscriptions`. */
export async function answerSubscriptions(asked: Asked): Promise<GraphAnswer> {
  const { call } = asked;
  const [, id, action, ...rest] = call.segments;
  if (rest.length > 0) throw unknownSegment(rest[0] ?? '');
  if (id === undefined) {
    if (call.method === 'GET') return list(asked);
    if (call.method === 'POST') return create(asked);
    throw methodNotAllowed();
  }
  if (action === undefined) return answerOne(asked, id);
  if (action.toLowerCase() !== 'reauthorize') throw unknownSegment(action);
  if (call.method !== 'POST') throw methodNotAllowed();
  requireOwn(asked, id).isChallenged = false;
  return emptyAnswer(204);
}
