import { type Attack, endOf, HOUR, MINUTE, said, signedIn } from './attack.ts';
import { type AccessWorld, addAccount, PASSWORD, setUp, signInWith } from './world.ts';

const ticketOf = (link: string | undefined): string => link?.split('#')[1] ?? '';
const setups: readonly Attack[] = [
  {
    ...{
      id: 'setup-twice',
      title: 'the link of the first start, used a second time',
      expected: '200, 400 ticket',
    },
    async run(world) {
      const ticket = ticketOf((await world.access.inviteFirst())?.link);
      const use = (name: string) =>
        world.browser().post('/api/v1/setup', { ticket, name, password: PASSWORD });
      const first = await use('root');
      return `${said(first)}, ${said(await use('mallory'))}`;
    },
  },
  {
    ...{
      id: 'setup-parallel',
      title: 'the link of the first start, twice at once',
      expected: '200, 400 ticket',
    },
    async run(world) {
      const ticket = ticketOf((await world.access.inviteFirst())?.link);
      const use = (name: string) =>
        world.browser().post('/api/v1/setup', { ticket, name, password: PASSWORD });
      const answers = await Promise.all([use('one'), use('two')]);
      return answers.map(said).sort().join(', ');
    },
  },
  {
    ...{
      id: 'setup-late',
      title: 'the link of the first start, after an hour',
      expected: '400 ticket, nobody',
    },
    async run(world) {
      const ticket = ticketOf((await world.access.inviteFirst())?.link);
      world.advance(HOUR + MINUTE);
      const browser = world.browser();
      return endOf(
        await browser.post('/api/v1/setup', { ticket, name: 'root', password: PASSWORD }),
        browser,
      );
    },
  },
  {
    ...{
      id: 'setup-done',
      title: 'an older link of a first start, when somebody has set it up',
      expected: '400 ticket, null',
    },
    async run(world) {
      const ticket = ticketOf((await world.access.inviteFirst())?.link);
      await setUp(world, world.browser());
      const late = await world
        .browser()
        .post('/api/v1/setup', { ticket, name: 'mallory', password: PASSWORD });
      return `${said(late)}, ${await world.access.inviteFirst()}`;
    },
  },
  {
    ...{ id: 'setup-by-rule', title: 'a link of a first start, when a rule has given the role to somebody' },
    options: { choice: { roles: [{ role: 'setup', everyone: true }] } },
    expected: '409 setup-done, 1 users',
    async run(world) {
      const ticket = ticketOf((await world.access.inviteFirst())?.link);
      await signInWith(world, world.browser(), { sub: 's1', name: 'Ann' });
      const late = await world
        .browser()
        .post('/api/v1/setup', { ticket, name: 'mallory', password: PASSWORD });
      return `${said(late)}, ${(await world.counts()).users} users`;
    },
  },
  {
    ...{ id: 'setup-guessed', title: 'an invented link', expected: '400 ticket, nobody' },
    async run(world) {
      await world.access.inviteFirst();
      const browser = world.browser();
      const first = { ticket: 'x'.repeat(43), name: 'root', password: PASSWORD };
      return endOf(await browser.post('/api/v1/setup', first), browser);
    },
  },
  {
    ...{
      id: 'setup-by-provider',
      title: 'a person of a provider with an invented link',
      expected: '400, nobody, true',
    },
    options: { choice: { roles: [{ role: 'viewer', everyone: true }] } },
    async run(world) {
      const browser = world.browser();
      const begun = await browser.post('/api/v1/session/provider', {
        provider: 'corp',
        ticket: 'x'.repeat(43),
      });
      const back = new URL(world.provider.signIn(String(begun.body?.url), { sub: 's1', name: 'Eve' }));
      const end = await endOf(await browser.ask(back.pathname + back.search), browser);
      return `${end}, ${(await world.access.ways()).setup}`;
    },
  },
];

/** Each sets a password by a link that is not for that. */
const byLink = (
  id: string,
  title: string,
  of: { expected: string; spoil(world: AccessWorld, user: string): Promise<string> },
): Attack => ({
  ...{ id, title, expected: of.expected },
  async run(world) {
    await setUp(world, world.browser());
    const { user, invitation } = await world.access.addUser('test', { name: 'ann', role: 'operator' });
    const other = await of.spoil(world, user.id);
    const ticket = other === '' ? ticketOf(invitation.link) : other;
    const browser = world.browser();
    return endOf(
      await browser.post('/api/v1/session/password-link', { ticket, password: PASSWORD }),
      browser,
    );
  },
});

const links: readonly Attack[] = [
  byLink('link-late', 'a link for a password, after a day', {
    expected: '400 ticket, nobody',
    async spoil(world) {
      world.advance(24 * HOUR + MINUTE);
      return '';
    },
  }),
  byLink('link-replaced', 'a link for a password, when a newer one was made', {
    expected: '400 ticket, nobody',
    async spoil(world, user) {
      await world.access.invite('test', user);
      return '';
    },
  }),
  byLink('link-of-disabled', 'a link for a password of somebody who is disabled', {
    expected: '403 disabled, nobody',
    async spoil(world, user) {
      await world.access.changeUser('test', { id: user, disabled: true });
      return '';
    },
  }),
  {
    ...{ id: 'weak', title: 'a password that everybody guesses', expected: '422 weak-password, then 200' },
    async run(world) {
      const ticket = ticketOf((await world.access.inviteFirst())?.link);
      const use = (password: string) =>
        world.browser().post('/api/v1/setup', { ticket, name: 'root', password });
      const weak = await use('tidelock-admin');
      return `${said(weak)}, then ${said(await use(PASSWORD))}`;
    },
  },
];

const reveals: readonly Attack[] = [
  {
    ...{ id: 'reveal', title: 'a look at the tenant id without the role setup' },
    expected: 'viewer 403 role, operator 403 role, nobody 401 signed-out',
    async run(world) {
      await setUp(world, world.browser());
      const found: string[] = [];
      for (const role of ['viewer', 'operator'] as const) {
        await addAccount(world, role, role);
        const browser = await signedIn(world, role);
        found.push(`${role} ${said(await browser.post('/api/v1/tenant/reveal'))}`);
      }
      found.push(`nobody ${said(await world.browser().post('/api/v1/tenant/reveal'))}`);
      return found.join(', ');
    },
  },
];

export const localAttacks: readonly Attack[] = [...setups, ...links, ...reveals];
