import { request } from 'node:http';
import { type Attack, endOf, HOUR, MINUTE, said, signedIn } from './attack.ts';
import type { Answer, Ask, Browser } from './browser.ts';
import { type AccessWorld, addAccount, setUp, signInAs, whoIs } from './world.ts';

const SID = '__Host-sid';

/** Somebody signed in as root, and the id of that account. */
async function root(world: AccessWorld): Promise<{ browser: Browser; id: string }> {
  const browser = world.browser();
  await setUp(world, browser);
  const [user] = await world.access.users();
  return { browser, id: user?.id ?? '' };
}

/** A browser with a copy of another one's cookie. */
function thief(world: AccessWorld, of: Browser): Browser {
  const browser = world.browser();
  browser.jar.set(SID, of.jar.get(SID) ?? '');
  return browser;
}

/** Begins to listen to what goes on, and leaves. Answers with the status. */
const openStream = ({ address }: AccessWorld, browser: Browser): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { cookie: `${SID}=${browser.jar.get(SID)}` };
    const asked = request(`${address}/api/v1/events`, { headers }, (answer) => {
      asked.destroy();
      resolve(String(answer.statusCode));
    });
    asked.on('error', reject);
    asked.end();
  });

const sessions: readonly Attack[] = [
  {
    ...{
      id: 'fixation',
      title: 'a session id that was planted before the sign-in',
      expected: 'nobody, nobody',
    },
    async run(world) {
      const { browser } = await root(world);
      const planted = thief(world, browser);
      // The victim's browser holds what the attacker knows, and signs in.
      const victim = thief(world, browser);
      await signInAs(victim, 'root');
      const stranger = world.browser();
      stranger.jar.set(SID, 'p'.repeat(43));
      await signInAs(stranger, 'root');
      const invented = world.browser();
      invented.jar.set(SID, 'p'.repeat(43));
      return `${await whoIs(planted)}, ${await whoIs(invented)}`;
    },
  },
  {
    ...{
      id: 'idle',
      title: 'a session that nobody used for 31 minutes',
      expected: 'root as setup, then nobody',
    },
    async run(world) {
      const { browser } = await root(world);
      world.advance(29 * MINUTE);
      const before = await whoIs(browser);
      world.advance(31 * MINUTE);
      return `${before}, then ${await whoIs(browser)}`;
    },
  },
  {
    ...{ id: 'left-open', title: 'a page that somebody left open, and that looks after itself' },
    expected: 'root as setup, then nobody, stream 401',
    async run(world) {
      const { browser } = await root(world);
      const looks = { headers: { 'x-tidelock-background': '1' } };
      world.advance(20 * MINUTE);
      await browser.ask('/api/v1/session', looks);
      await openStream(world, browser);
      const before = await whoIs(browser, looks);
      world.advance(11 * MINUTE);
      return `${before}, then ${await whoIs(browser, looks)}, stream ${await openStream(world, browser)}`;
    },
  },
  {
    ...{
      id: 'absolute',
      title: 'a session that is in use for twelve hours',
      expected: 'root as setup, then nobody',
    },
    async run(world) {
      const { browser } = await root(world);
      let before = '';
      for (let turn = 0; turn < 35; turn += 1) {
        world.advance(20 * MINUTE);
        before = await whoIs(browser);
      }
      world.advance(HOUR / 3 + MINUTE);
      return `${before}, then ${await whoIs(browser)}`;
    },
  },
  {
    ...{
      id: 'after-logout',
      title: 'a cookie that was copied before the sign-out',
      expected: '204, 401 signed-out',
    },
    async run(world) {
      const { browser } = await root(world);
      const copy = thief(world, browser);
      const left = await browser.post('/api/v1/session/logout');
      return `${said(left)}, ${said(await copy.ask('/api/v1/users'))}`;
    },
  },
  {
    ...{ id: 'everywhere', title: 'another browser, after a sign-out everywhere', expected: '204, nobody' },
    async run(world) {
      const { browser } = await root(world);
      const other = await signedIn(world, 'root');
      const left = await browser.post('/api/v1/session/logout', { everywhere: true });
      return `${said(left)}, ${await whoIs(other)}`;
    },
  },
  {
    ...{
      id: 'disabled',
      title: 'the session of somebody who is disabled',
      expected: 'ops as operator, then nobody',
    },
    async run(world) {
      const { browser } = await root(world);
      const id = await addAccount(world, 'ops', 'operator');
      const ops = await signedIn(world, 'ops');
      const before = await whoIs(ops);
      await browser.ask(`/api/v1/users/${id}`, patch(browser, { disabled: true }));
      return `${before}, then ${await whoIs(ops)}`;
    },
  },
  {
    ...{
      id: 'demoted',
      title: 'the session of somebody whose role changed',
      expected: 'ops as operator, then nobody',
    },
    async run(world) {
      const { browser } = await root(world);
      const id = await addAccount(world, 'ops', 'operator');
      const ops = await signedIn(world, 'ops');
      const before = await whoIs(ops);
      await browser.ask(`/api/v1/users/${id}`, patch(browser, { role: 'viewer' }));
      return `${before}, then ${await whoIs(ops)}`;
    },
  },
  {
    ...{
      id: 'old-password',
      title: 'another session, after the password was changed',
      expected: '200, nobody',
    },
    async run(world) {
      const { browser } = await root(world);
      const other = await signedIn(world, 'root');
      const next = { present: 'seven green bottles', next: 'eight green bottles' };
      return `${said(await browser.post('/api/v1/session/password', next))}, ${await whoIs(other)}`;
    },
  },
  {
    ...{
      id: 'two-cookies',
      title: 'a second cookie of the same name, planted by a neighbour',
      expected: 'nobody',
    },
    async run(world) {
      const { browser } = await root(world);
      const cookie = `${SID}=${'p'.repeat(43)}; ${SID}=${browser.jar.get(SID)}`;
      const { body } = await browser.ask('/api/v1/session', { headers: { cookie } });
      return body?.signedIn === null ? 'nobody' : 'somebody';
    },
  },
  {
    ...{ id: 'last-setup', title: 'the last one with the role setup takes it from themselves' },
    expected: '409 last-setup, root as setup',
    async run(world) {
      const { browser, id } = await root(world);
      return endOf(await browser.ask(`/api/v1/users/${id}`, patch(browser, { role: 'viewer' })), browser);
    },
  },
];

function patch(browser: Browser, body: unknown): Ask {
  return { method: 'PATCH', body, headers: { 'x-tidelock-csrf': browser.csrf } };
}

/** A request that changes something, made as another site would make it; and whether it changed something. */
const crossing = (
  id: string,
  title: string,
  of: { expected: string; headers(browser: Browser, other: Browser): Ask['headers']; raw?: string },
): Attack => ({
  ...{ id, title, expected: of.expected },
  async run(world) {
    const { browser } = await root(world);
    const other = await signedIn(world, 'root');
    const body = { name: 'mallory', role: 'setup' };
    const content = of.raw === undefined ? { body } : { raw: of.raw };
    const answer: Answer = await browser.ask('/api/v1/users', {
      method: 'POST',
      ...content,
      headers: of.headers(browser, other),
    });
    return `${said(answer)}, ${(await world.counts()).users} users`;
  },
});

const token = (browser: Browser) => ({ 'x-tidelock-csrf': browser.csrf });
const FORM = JSON.stringify({ name: 'mallory', role: 'setup' });

const crossings: readonly Attack[] = [
  crossing('cross-site', 'a request of another site', {
    expected: '403 foreign-request, 1 users',
    headers: (browser) => ({ ...token(browser), 'sec-fetch-site': 'cross-site' }),
  }),
  crossing('same-site', 'a request of a neighbour under the same domain', {
    expected: '403 foreign-request, 1 users',
    headers: (browser) => ({ ...token(browser), 'sec-fetch-site': 'same-site' }),
  }),
  crossing('foreign-origin', 'a request of another origin, by an old browser', {
    expected: '403 foreign-request, 1 users',
    headers: (browser) => ({
      ...token(browser),
      'sec-fetch-site': undefined,
      origin: 'https://evil.example',
    }),
  }),
  crossing('no-origin', 'a request that says nothing of where it comes from', {
    expected: '403 foreign-request, 1 users',
    headers: (browser) => ({ ...token(browser), 'sec-fetch-site': undefined }),
  }),
  crossing('no-csrf', 'a request without the token of its session', {
    ...{ expected: '403 csrf-token, 1 users', headers: () => ({}) },
  }),
  crossing('other-csrf', 'a request with the token of another session', {
    ...{ expected: '403 csrf-token, 1 users', headers: (_, other) => token(other) },
  }),
  crossing('text-plain', 'JSON in a form of another site', {
    ...{ expected: '415 not-json, 1 users', raw: FORM },
    headers: (browser) => ({ ...token(browser), 'content-type': 'text/plain' }),
  }),
  crossing('no-type', 'a body of no type', {
    ...{ expected: '415 not-json, 1 users', raw: FORM, headers: token },
  }),
];

/** Somebody is made to sign in as the attacker. */
const planted = (id: string, title: string, of: { expected: string; ask: Ask }): Attack => ({
  ...{ id, title, expected: of.expected },
  async run(world) {
    await root(world);
    const victim = world.browser();
    const answer = await victim.ask('/api/v1/session', { method: 'POST', ...of.ask });
    return endOf(answer, victim);
  },
});

const mallory = { name: 'root', password: 'seven green bottles' };

const logins: readonly Attack[] = [
  planted('login-cross-site', 'a sign-in that another site submits', {
    expected: '403 foreign-request, nobody',
    ask: { body: mallory, headers: { 'sec-fetch-site': 'cross-site' } },
  }),
  planted('login-text-plain', 'a sign-in by a form of another site', {
    expected: '415 not-json, nobody',
    ask: { raw: JSON.stringify(mallory), headers: { 'content-type': 'text/plain' } },
  }),
];

export const sessionAttacks: readonly Attack[] = [...sessions, ...crossings, ...logins];
