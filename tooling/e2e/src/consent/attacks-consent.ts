import { type Attack, consentReply, endOf, pendingState } from './attack.ts';
import { createActor, TENANTS } from './world.ts';

/** Attacks on the reply of the consent page and on what has to be true before anything is stored. */
export const consentAttacks: readonly Attack[] = [
  {
    id: 'forged-callback',
    title: 'a forged callback without a state names a tenant that consented earlier',
    expected: '400 the state is not one that waits',
    async run(world) {
      const mal = await createActor(world, 'mal');
      world.admin.consent(world.tenants.victim, world.clientId, ['Contacts.ReadWrite', 'User.Read.All']);
      await mal.browser.open(consentReply(world, { tenant: world.tenants.victim }));
      return endOf(mal);
    },
  },
  {
    id: 'foreign-tenant',
    title: 'an own session and state, with the tenant of somebody else typed in',
    expected: 'tenant-mismatch',
    async run(world) {
      world.admin.consent(world.tenants.victim, world.clientId, ['Contacts.ReadWrite', 'User.Read.All']);
      const mal = await createActor(world, 'mal');
      await mal.start();
      await mal.signIn('mal@mallory.example');
      const state = pendingState(mal);
      await mal.browser.open(consentReply(world, { tenant: world.tenants.victim, state }));
      return mal.outcome();
    },
  },
  {
    id: 'employee',
    title: 'an ordinary employee of an organisation that consented earlier',
    expected: 'not-administrator',
    async run(world) {
      world.admin.consent(world.tenants.victim, world.clientId, ['Contacts.ReadWrite', 'User.Read.All']);
      const eve = await createActor(world, 'eve');
      await eve.start();
      await eve.signIn('eve@victim.example');
      const state = pendingState(eve);
      await eve.browser.open(consentReply(world, { tenant: world.tenants.victim, state }));
      return eve.outcome();
    },
  },
  {
    id: 'lesser-administrator',
    title: 'an administrator whose roles do not allow consent',
    expected: 'not-administrator',
    async run(world) {
      world.admin.consent(world.tenants.victim, world.clientId, ['Contacts.ReadWrite', 'User.Read.All']);
      const app = await createActor(world, 'app');
      await app.start();
      await app.signIn('app@victim.example');
      await app.browser.open(consentReply(world, { tenant: world.tenants.victim, state: pendingState(app) }));
      return app.outcome();
    },
  },
  {
    id: 'roles-untold',
    title: 'a sign-in that does not tell roles, without a tenant in the configuration',
    expected: 'role-unknown',
    options: { groupMembershipClaims: 'none' },
    async run(world) {
      const gus = await createActor(world, 'gus');
      await gus.start();
      await gus.signIn('gus@victim.example');
      return gus.outcome();
    },
  },
  {
    id: 'refusal-with-flag',
    title: 'a refusal that carries admin_consent=True',
    expected: 'directory AADSTS65004',
    async run(world) {
      const gus = await createActor(world, 'gus');
      await gus.start();
      await gus.signIn('gus@victim.example');
      world.admin.consent(world.tenants.victim, world.clientId, ['Contacts.ReadWrite', 'User.Read.All']);
      const refusal = { error: 'access_denied', error_description: 'AADSTS65004: declined' };
      const state = pendingState(gus);
      await gus.browser.open(consentReply(world, { tenant: world.tenants.victim, state, ...refusal }));
      return gus.outcome();
    },
  },
  {
    id: 'tenant-as-domain',
    title: 'a reply that names the tenant by its domain',
    expected: 'directory consent-reply',
    async run(world) {
      const gus = await createActor(world, 'gus');
      await gus.start();
      await gus.signIn('gus@victim.example');
      await gus.browser.open(consentReply(world, { tenant: 'victim.example', state: pendingState(gus) }));
      return gus.outcome();
    },
  },
  {
    id: 'replayed-callback',
    title: 'a callback that was used before',
    expected: '400 the state is not one that waits',
    async run(world) {
      const gus = await createActor(world, 'gus');
      await gus.connect('gus@victim.example');
      await gus.outcome();
      await world.connections.disconnect();
      const used = gus.browser.visited.findLast(({ searchParams }) => searchParams.has('admin_consent'));
      await gus.browser.open(used ?? '');
      return endOf(gus);
    },
  },
  {
    id: 'mixed-up-tabs',
    title: 'two tabs of one session, each answered with the tenant of the other',
    expected: 'tenant-mismatch, tenant-mismatch',
    async run(world) {
      const gus = await createActor(world, 'gus');
      await gus.start();
      await gus.signIn('gus@victim.example');
      const first = pendingState(gus);
      await gus.start();
      await gus.signIn('mal@mallory.example');
      const second = pendingState(gus);
      const ends: string[] = [];
      for (const [state, tenant] of [
        [first, world.tenants.mallory],
        [second, world.tenants.victim],
      ] as const) {
        await gus.browser.open(consentReply(world, { tenant, state }));
        ends.push(await gus.outcome());
      }
      return ends.join(', ');
    },
  },
  {
    id: 'consent-for-sign-in',
    title: 'a consent reply that carries the state of a sign-in',
    expected: 'directory oauth_invalid_response',
    async run(world) {
      const mal = await createActor(world, 'mal');
      await mal.start();
      const state = pendingState(mal);
      await mal.browser.open(consentReply(world, { tenant: world.tenants.victim, state }));
      return mal.outcome();
    },
  },
  {
    id: 'bound-elsewhere',
    title: 'an organisation that another account of this installation holds',
    expected: 'tenant-taken',
    async run(world) {
      const honest = await createActor(world, 'honest', 'another-account');
      await honest.connect('gus@victim.example');
      await honest.outcome();
      const pam = await createActor(world, 'pam');
      await pam.start();
      await pam.signIn('pam@victim.example');
      return pam.outcome();
    },
  },
  {
    id: 'bound-meanwhile',
    options: { inPairs: true },
    title: 'two accounts connect one organisation at the same time',
    expected: 'one CONNECTED, one tenant-taken',
    async run(world) {
      const actors = [
        await createActor(world, 'one', 'account-one'),
        await createActor(world, 'two', 'account-two'),
      ];
      for (const actor of actors) {
        await actor.start();
        await actor.signIn('gus@victim.example');
      }
      await Promise.all(actors.map((actor) => actor.decide('accept')));
      const ends = await Promise.all(actors.map((actor) => actor.outcome()));
      const words = ends.map((end) => end.split(' ')[0]).sort();
      return words.map((word) => `one ${word}`).join(', ');
    },
  },
  {
    id: 'not-the-configured-tenant',
    title: 'another organisation than the one that the configuration names',
    expected: 'tenant-not-allowed',
    options: { tenant: TENANTS.victim },
    async run(world) {
      const gus = await createActor(world, 'gus');
      const { mallory } = world.tenants;
      const claims = { tid: mallory, iss: `${world.entra}/${mallory}/v2.0` };
      world.microsoft365.faults.inject({ fault: { kind: 'named', name: 'id-token', data: { claims } } });
      await gus.start();
      await gus.signIn('gus@victim.example');
      return gus.outcome();
    },
  },
  {
    id: 'no-principal',
    title: 'a token that was issued although the app has no object in the organisation',
    expected: 'not-replicated',
    async run(world) {
      const gus = await createActor(world, 'gus');
      const claims = { oid: undefined };
      world.microsoft365.faults.inject({
        ...{ times: 100, fault: { kind: 'named', name: 'access-token', data: claims } },
      });
      await gus.connect('gus@victim.example');
      return gus.outcome();
    },
  },
  {
    id: 'no-permission',
    title: 'a consent that granted nothing',
    expected: 'not-replicated',
    async run(world) {
      const gus = await createActor(world, 'gus');
      await gus.start();
      await gus.signIn('gus@victim.example');
      world.admin.entra.setPages(world.tenants.victim, { lag: { principal: 0, roles: 1_000 } });
      await gus.decide('accept');
      return gus.outcome();
    },
  },
  {
    id: 'token-of-another-tenant',
    title: 'an app-only token of another tenant',
    expected: 'proof-tenant',
    async run(world) {
      const gus = await createActor(world, 'gus');
      const claims = { tid: world.tenants.mallory };
      world.microsoft365.faults.inject({ fault: { kind: 'named', name: 'access-token', data: claims } });
      await gus.connect('gus@victim.example');
      return gus.outcome();
    },
  },
];
