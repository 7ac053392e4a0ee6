import { type TestApi, testMailbox, testRecordStore } from '@tidelock/conformance';
import { describe, it } from 'vitest';
import { createFaults, createFixture } from './record-fixture.ts';
import { signIn } from './sign-in.ts';
import { createWorld } from './world.ts';

const api: TestApi = {
  describe,
  it: (name, fn) => it(name, (context) => fn(context)),
  skip: (name, reason) => it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

testRecordStore(api, '@tidelock/mailbox-exchange', () => createFixture());
testRecordStore(api, '@tidelock/mailbox-exchange with own properties', () =>
  createFixture({ options: { custom: ['Region', 'CrmOwner'] } }),
);

testMailbox(api, '@tidelock/mailbox-exchange', async () => {
  const world = await createWorld({ signIn });
  const { admin, tenantId, clientId, ann, ben, port, seen } = world;
  const carl = admin.addUser(tenantId, {
    mail: 'carl@contoso.example',
    displayName: 'Carl',
    mailbox: 'none',
  }).id;
  const dora = admin.addUser(tenantId, { mail: 'dora@contoso.example', displayName: 'Dora' }).id;
  const emil = admin.addUser(tenantId, {
    mail: 'emil@contoso.example',
    displayName: 'Emil',
    mailbox: 'moving',
  }).id;
  admin.setScope(tenantId, clientId, [ann, ben, carl, emil]);
  const known = [
    { id: ann, address: 'ann@contoso.example', state: 'ready' },
    { id: ben, address: 'ben@contoso.example', state: 'ready' },
    { id: carl, address: 'carl@contoso.example', state: 'no-mailbox' },
    { id: dora, address: 'dora@contoso.example', state: 'out-of-scope' },
    { id: emil, address: 'emil@contoso.example', state: 'unavailable' },
  ] as const;
  const inner = admin.addGroup(tenantId, { displayName: 'Inner', members: [ben, dora] }).id;
  const group = admin.addGroup(tenantId, { displayName: 'Outer', members: [ann, inner, ben] }).id;
  admin.setGroupMembers(inner, [ben, dora, group]);
  return {
    port,
    group: { id: group, members: [ann, ben, dora] },
    scope: { mailbox: ann, kind: 'contact' },
    known,
    faults: createFaults(world),
    requests: () => seen.length,
    dispose: () => port.close(),
  };
});
