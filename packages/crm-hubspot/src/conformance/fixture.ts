import { createHmac } from 'node:crypto';
import type { CrmFixture, RecordOracle, RecordSample, RecordStoreFixture } from '@tidelock/conformance';
import type { PushRequest } from '@tidelock/core';
import type { HubSpot } from '@tidelock/emulators';
import { createTestAccount } from './account.ts';
import { createFaults } from './faults.ts';
import { toProperties, toTruth } from './truth.ts';

export const FEED_LIFE_MS = 90 * 86_400_000;

export const SAMPLE: RecordSample = {
  name: 'lastname',
  email: 'email',
  phone: 'phone',
  text: 'jobtitle',
  refused: { lastname: 'Lee', email: 'nobody' },
};

function createOracle({ oracle, admin }: HubSpot): RecordOracle {
  return {
    all: async () =>
      oracle.contacts().map(({ id, properties }) => ({
        id,
        fields: toTruth(properties),
        stamp: properties.tidelock_key ?? null,
      })),
    userCreate: async (fields) => admin.createContact(toProperties(fields)),
    userUpdate: async (id, patch) => admin.updateContact(id, toProperties(patch)),
    userDelete: async (id) => admin.archiveContact(id),
    userMerge: async (winner, loser) => admin.mergeContacts(winner, loser),
  };
}

/** The adapter on an emulated account, opened on every property that the account offers. */
export async function createFixture(): Promise<RecordStoreFixture> {
  const account = createTestAccount({ adapter: { rateShare: 1 } });
  const { catalogue } = await account.open().probe();
  return {
    store: account.open(Object.keys(catalogue)),
    oracle: createOracle(account.hubspot),
    faults: createFaults(account, () => account.clock.advance(FEED_LIFE_MS)),
    clock: { advance: (ms) => account.clock.advance(ms) },
    sample: SAMPLE,
    requests: () => account.requests.length,
    leaks: { secrets: [account.token], logged: () => account.logged.join('\n') },
    dispose: () => account.port.close(),
  };
}

const PUSH_SECRET = 'push-secret-51c0';

/** As the service signs, version 3. */
function signPush(now: number, record = '1'): PushRequest {
  const url = 'https://sync.example.com/hooks/hubspot';
  const subscriptionType = 'contact.creation';
  const text = JSON.stringify([
    { eventId: 1, subscriptionId: 1, subscriptionType, objectId: Number(record) },
  ]);
  const signature = createHmac('sha256', PUSH_SECRET).update(`POST${url}${text}${now}`).digest('base64');
  return {
    method: 'POST',
    url,
    headers: { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': String(now) },
    body: new TextEncoder().encode(text),
  };
}

/** The port on an emulated account with owners, two of whom share an address. */
export async function createCrmFixture(): Promise<CrmFixture> {
  const account = createTestAccount({ adapter: { rateShare: 1, webhookSecret: PUSH_SECRET } });
  const { admin } = account.hubspot;
  const emails = ['ann@example.com', 'ben@example.com', 'carla@example.com'];
  const ids = emails.map((email) => admin.addOwner({ email }));
  admin.archiveOwner(ids[2] ?? '');
  for (const firstName of ['One', 'Two']) admin.addOwner({ email: 'shared@example.com', firstName });
  const faults = createFaults(account, () => {});
  return {
    port: account.port,
    scope: { kind: 'contact' },
    users: emails.map((email, index) => ({ id: ids[index] ?? '', email, active: index < 2 })),
    shared: 'shared@example.com',
    faults: { next: faults.next, clear: faults.clear },
    requests: () => account.requests.length,
    unprepare: () => admin.removeProperty('contacts', 'tidelock_key'),
    create: async () => admin.createContact({ lastname: 'Lee', email: 'lee@example.com' }),
    push: (record) => signPush(account.clock.now(), record),
    dispose: () => account.port.close(),
  };
}
