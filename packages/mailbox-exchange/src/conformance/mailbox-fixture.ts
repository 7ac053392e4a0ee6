import type { MailboxFixture } from '@tidelock/conformance';
import type { PushRequest } from '@tidelock/core';
import { createFaults } from './fixture.ts';
import { createPost, createPushOracle } from './push-oracle.ts';
import { signIn } from './sign-in.ts';
import { createWorld } from './world.ts';

/** A tenant with mailboxes in every state, and groups inside groups. */
export async function createMailboxFixture(): Promise<MailboxFixture> {
  const arrivals: PushRequest[] = [];
  const post = createPost(arrivals);
  const world = await createWorld({ signIn, emulator: { send: post.send, push: { echo: 0 } } });
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
    push: createPushOracle(world, { arrivals, post }),
    scope: { mailbox: ann, kind: 'contact' },
    known,
    faults: createFaults(world),
    requests: () => seen.length,
    dispose: () => port.close(),
  };
}
