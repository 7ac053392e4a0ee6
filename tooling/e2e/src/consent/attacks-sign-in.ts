import { request } from 'node:http';
import type { Forgery } from '@tidelock/emulators/microsoft365';
import { type Attack, endOf, holdReturn, pendingState } from './attack.ts';
import { BASE, type ConsentWorld, createActor, type Outcome, TENANTS } from './world.ts';

/** An administrator signs in, and Entra's token endpoint answers with a forged ID token. */
async function withIdToken(world: ConsentWorld, data: Forgery): Promise<Outcome> {
  const mal = await createActor(world, 'mal');
  await mal.start();
  world.microsoft365.faults.inject({ fault: { kind: 'named', name: 'id-token', data } });
  await mal.signIn('mal@mallory.example');
  return mal.outcome();
}

const seconds = (): number => Math.floor(Date.now() / 1000);

const forged = (
  id: string,
  title: string,
  of: { expected: string; data(world: ConsentWorld): Forgery },
): Attack => ({
  ...{ id, title, expected: of.expected },
  run: (world) => withIdToken(world, of.data(world)),
});

const victimClaims = (world: ConsentWorld) => ({
  tid: TENANTS.victim,
  iss: `${world.entra}/${TENANTS.victim}/v2.0`,
});

/** Status of a request that calls this installation by another name. */
const getAs = (world: ConsentWorld, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { host, cookie: 'sid=mal' };
    request(`${world.origin}${BASE}`, { headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(String(answer.statusCode)));
    })
      .on('error', reject)
      .end();
  });

/** Attacks on the session, the button, the sign-in and its token. */
export const signInAttacks: readonly Attack[] = [
  forged('changed-tenant', 'an ID token whose tenant was changed after signing', {
    expected: 'directory oauth_invalid_response',
    data: (world) => ({ claims: victimClaims(world), signature: 'broken' }),
  }),
  forged('foreign-key', 'an ID token signed by a foreign key', {
    expected: 'directory oauth_invalid_response',
    data: (world) => ({ claims: victimClaims(world), signature: 'foreign' }),
  }),
  forged('unsigned', 'an ID token without a signature', {
    expected: 'directory oauth_invalid_response',
    data: (world) => ({ claims: victimClaims(world), signature: 'none' }),
  }),
  forged('other-app', 'an ID token that was issued to another app', {
    expected: 'directory claim-aud',
    data: () => ({ claims: { aud: '77777777-7777-4777-8777-777777777777' } }),
  }),
  forged('replayed-token', 'an ID token of another sign-in', {
    expected: 'directory claim-nonce',
    data: () => ({ claims: { nonce: 'of-another-sign-in' } }),
  }),
  forged('old-token', 'an ID token that has expired', {
    expected: 'directory claim-exp',
    data: () => ({ claims: { iat: seconds() - 7200, exp: seconds() - 3600 } }),
  }),
  forged('issuer-of-another', 'an ID token whose issuer and tenant differ', {
    expected: 'directory claim-iss',
    data: () => ({ claims: { tid: TENANTS.victim } }),
  }),
  forged('no-tenant-id', 'an ID token whose tenant is no id', {
    expected: 'directory claim-tid',
    data: (world) => ({ claims: { tid: 'x', iss: `${world.entra}/x/v2.0` } }),
  }),
  {
    id: 'stolen-code',
    title: "an administrator's code in the attacker's own attempt",
    expected: 'directory AADSTS501481',
    async run(world) {
      const gus = await createActor(world, 'gus');
      holdReturn(world, gus);
      await gus.start();
      await gus.signIn('gus@victim.example');
      const code = gus.browser.page.url.searchParams.get('code') ?? '';
      const mal = await createActor(world, 'mal');
      await mal.start();
      const reply = new URLSearchParams({ code, state: pendingState(mal) });
      await mal.browser.open(`${world.origin}/connect/return?${reply}`);
      return mal.outcome();
    },
  },
  {
    id: 'fed-callback',
    title: "the victim's browser is fed the attacker's callback",
    expected: '400 the attempt was started in another browser session',
    async run(world) {
      const mal = await createActor(world, 'mal');
      holdReturn(world, mal);
      await mal.start();
      await mal.signIn('mal@mallory.example');
      const gus = await createActor(world, 'gus');
      await gus.browser.open(mal.browser.page.url);
      return endOf(gus);
    },
  },
  {
    id: 'changed-account',
    title: 'a session that changes its account in the middle',
    expected: '400 the attempt was started for another account',
    async run(world) {
      const mal = await createActor(world, 'mal');
      await mal.start();
      world.accounts.set('mal', 'another-account');
      await mal.signIn('mal@mallory.example');
      return endOf(mal);
    },
  },
  {
    id: 'late-callback',
    title: 'a callback after eleven minutes',
    expected: '400 the attempt is over',
    async run(world) {
      const gus = await createActor(world, 'gus');
      await gus.start();
      world.clock.advance(11 * 60_000);
      await gus.signIn('gus@victim.example');
      return endOf(gus);
    },
  },
  {
    id: 'parallel-callbacks',
    title: 'one callback twice at the same time',
    expected: '303, 400',
    async run(world) {
      const gus = await createActor(world, 'gus');
      holdReturn(world, gus);
      await gus.start();
      await gus.signIn('gus@victim.example');
      const { href } = gus.browser.page.url;
      const init: RequestInit = { headers: { cookie: 'sid=gus' }, redirect: 'manual' };
      const answers = await Promise.all([fetch(href, init), fetch(href, init)]);
      return answers
        .map(({ status }) => status)
        .sort()
        .join(', ');
    },
  },
  {
    id: 'nobody',
    title: 'somebody without a session, at every address',
    expected: '401, 401, 401',
    async run(world) {
      const own = { 'sec-fetch-site': 'same-origin' };
      const answers = await Promise.all([
        fetch(`${world.origin}${BASE}`),
        fetch(`${world.origin}${BASE}/return?state=x`),
        fetch(`${world.origin}${BASE}/start`, { method: 'POST', headers: own, body: '' }),
      ]);
      return answers.map(({ status }) => status).join(', ');
    },
  },
  {
    id: 'foreign-form',
    title: 'a form of another site presses the button',
    expected: '403, 403',
    async run(world) {
      const gus = await createActor(world, 'gus');
      const page = await gus.browser.open(`${world.origin}${BASE}`);
      const token = /name="token" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
      const post = (headers: Record<string, string>): Promise<Response> =>
        fetch(`${world.origin}${BASE}/start`, {
          ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams({ token }) },
          headers: { cookie: 'sid=gus', ...headers },
        });
      const answers = [
        await post({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }),
        await post({ origin: 'https://evil.example' }),
      ];
      return answers.map(({ status }) => status).join(', ');
    },
  },
  {
    id: 'form-of-another-session',
    title: "the button with the form of another session's page",
    expected: '403',
    async run(world) {
      const mal = await createActor(world, 'mal');
      const page = await mal.browser.open(`${world.origin}${BASE}`);
      const token = /name="token" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
      await createActor(world, 'gus');
      const answer = await fetch(`${world.origin}${BASE}/start`, {
        ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams({ token }) },
        headers: { cookie: 'sid=gus', 'sec-fetch-site': 'same-origin' },
      });
      return String(answer.status);
    },
  },
  {
    id: 'another-name',
    title: 'a request that calls this machine by another name',
    expected: '421',
    async run(world) {
      await createActor(world, 'mal');
      return getAs(world, 'evil.example');
    },
  },
  {
    id: 'forwarded-name',
    title: 'a request that claims to be forwarded for another host',
    expected: 'http://localhost/connect/return',
    async run(world) {
      const gus = await createActor(world, 'gus');
      const page = await gus.browser.open(`${world.origin}${BASE}`);
      const token = /name="token" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
      const answer = await fetch(`${world.origin}${BASE}/start`, {
        ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams({ token }) },
        headers: {
          ...{ cookie: 'sid=gus', 'sec-fetch-site': 'same-origin' },
          ...{ 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
        },
      });
      const asked = new URL(answer.headers.get('location') ?? '').searchParams.get('redirect_uri') ?? '';
      return asked.replace(/:\d+/, '');
    },
  },
  {
    id: 'flood',
    title: 'a session that starts without an end',
    expected: '429 too many attempts are under way',
    async run(world) {
      const mal = await createActor(world, 'mal');
      for (let turn = 0; turn < 21; turn += 1) await mal.start();
      return endOf(mal);
    },
  },
];
