import { type Attack, endOf, MINUTE, said } from './attack.ts';
import type { ForgedReturn, Forgery } from './provider.ts';
import { type AccessWorld, begin, comeBack, signInWith, TENANTS, whoIs } from './world.ts';

const ANN = { sub: 's1', oid: 'o1', tid: TENANTS.ours, name: 'Ann', email: 'ann@x.example' };
const everyone = { roles: [{ role: 'viewer', everyone: true }] };
const ours = { ...everyone, tenants: [TENANTS.ours] };

const forged = (
  id: string,
  title: string,
  of: { forgery: Forgery; expected?: string; options?: Attack['options']; person?: object },
): Attack => ({
  ...{ id, title: `an ID token ${title}`, expected: of.expected ?? '401, nobody, 0 users' },
  options: of.options ?? { choice: everyone },
  async run(world) {
    world.provider.forge(of.forgery);
    const browser = world.browser();
    const end = await endOf(await signInWith(world, browser, { ...ANN, ...of.person }), browser);
    return `${end}, ${(await world.counts()).users} users`;
  },
});

const old = Math.floor(Date.now() / 1000) - 3_600;

const tokens: readonly Attack[] = [
  forged('foreign-key', 'signed by a foreign key', { forgery: { signature: 'foreign' } }),
  forged('unsigned', 'without a signature (alg none)', { forgery: { signature: 'none' } }),
  forged('changed', 'that was changed after signing', { forgery: { signature: 'broken' } }),
  forged('absent', 'that is not there', { forgery: { signature: 'absent' } }),
  forged('issuer', 'of another issuer', { forgery: { claims: { iss: 'https://evil.example' } } }),
  forged('audience', 'that was issued to another client', { forgery: { claims: { aud: 'another-client' } } }),
  forged('nonce', 'of another sign-in', { forgery: { claims: { nonce: 'n'.repeat(43) } } }),
  forged('no-nonce', 'of no sign-in at all', { forgery: { claims: { nonce: undefined } } }),
  forged('expired', 'that is over', { forgery: { age: 3_600 } }),
  forged('old-sign-in', 'of somebody who gave a password an hour ago', {
    forgery: { claims: { auth_time: old } },
    options: { choice: { ...everyone, maxAgeMinutes: 5 } },
  }),
  forged('other-tenant', 'of a tenant that is not listed', {
    ...{ forgery: {}, person: { tid: TENANTS.theirs }, expected: '403, nobody, 0 users' },
    options: { many: true, choice: ours },
  }),
  forged('tenant-changed', 'of one tenant in the name of another', {
    forgery: { claims: { iss: `https://login.microsoftonline.com/${TENANTS.theirs}/v2.0` } },
    options: { many: true, choice: ours },
  }),
  forged('no-tenant', 'of no tenant, where tenants are listed', {
    ...{ forgery: { claims: { tid: undefined } }, expected: '403, nobody, 0 users' },
    options: { choice: ours },
  }),
  forged('no-object', 'of nobody, where tenants are listed', {
    forgery: { claims: { oid: undefined } },
    options: { choice: ours },
  }),
  forged('no-role', 'of somebody whom no rule names', {
    ...{ forgery: {}, expected: '403, nobody, 1 users' },
    options: { choice: { roles: [{ role: 'setup', users: ['s2', 'ann@x.example', 'Ann'] }] } },
  }),
];

const returned = (id: string, title: string, of: { back: ForgedReturn; expected: string }): Attack => ({
  ...{ id, title, expected: of.expected, options: { choice: everyone } },
  async run(world) {
    const browser = world.browser();
    const href = world.provider.signIn(await begin(browser), ANN, of.back);
    const end = await endOf(await comeBack(browser, href), browser);
    return `${end}, redeemed ${world.provider.redeemed}`;
  },
});

const returns: readonly Attack[] = [
  returned('unknown-state', 'a state that nobody was given', {
    ...{ back: { state: 's'.repeat(43) }, expected: '400, nobody, redeemed 0' },
  }),
  returned('no-state', 'no state', { back: { state: null }, expected: '400, nobody, redeemed 0' }),
  returned('mix-up', 'an answer in the name of another provider', {
    ...{ back: { iss: 'https://evil.example' }, expected: '401, nobody, redeemed 0' },
  }),
  returned('declined', 'somebody who declined', {
    ...{ back: { error: 'access_denied' }, expected: '401, nobody, redeemed 0' },
  }),
];

async function parallel(world: AccessWorld): Promise<string> {
  const browser = world.browser();
  const href = world.provider.signIn(await begin(browser), ANN);
  const answers = await Promise.all([1, 2, 3].map(() => comeBack(browser, href)));
  return `${answers
    .map(({ status }) => status)
    .sort()
    .join(', ')}, redeemed ${world.provider.redeemed}`;
}

const states: readonly Attack[] = [
  {
    ...{ id: 'replayed-return', title: 'a return that was used before', options: { choice: everyone } },
    expected: '303, then 400',
    async run(world) {
      const browser = world.browser();
      const href = world.provider.signIn(await begin(browser), ANN);
      const first = await comeBack(browser, href);
      browser.jar.set('__Host-visit', browser.jar.get('__Host-visit') ?? 'v'.repeat(43));
      return `${said(first)}, then ${said(await comeBack(browser, href))}`;
    },
  },
  {
    ...{ id: 'parallel-returns', title: 'one return three times at once', options: { choice: everyone } },
    expected: '303, 400, 400, redeemed 1',
    run: parallel,
  },
  {
    ...{ id: 'late-return', title: 'a return after eleven minutes', options: { choice: everyone } },
    expected: '400, nobody',
    async run(world) {
      const browser = world.browser();
      const href = world.provider.signIn(await begin(browser), ANN);
      world.advance(11 * MINUTE);
      return endOf(await comeBack(browser, href), browser);
    },
  },
  {
    ...{
      id: 'fed-return',
      title: 'a victim who is fed the return of the attacker',
      options: { choice: everyone },
    },
    expected: '400, nobody',
    async run(world) {
      const [mallory, victim] = [world.browser(), world.browser()];
      await begin(victim);
      const href = world.provider.signIn(await begin(mallory), { ...ANN, name: 'Mallory' });
      return endOf(await comeBack(victim, href), victim);
    },
  },
  {
    ...{
      id: 'bare-return',
      title: 'a return to a browser that began nothing',
      options: { choice: everyone },
    },
    expected: '400, nobody',
    async run(world) {
      const victim = world.browser();
      const href = world.provider.signIn(await begin(world.browser()), ANN);
      return endOf(await comeBack(victim, href), victim);
    },
  },
  {
    ...{ id: 'many-begun', title: 'a browser that begins and never ends', options: { choice: everyone } },
    expected: '20 begun, then 429 too-many',
    async run(world) {
      const browser = world.browser();
      const post = () => browser.post('/api/v1/session/provider', { provider: 'corp' });
      let begun = 0;
      let last = await post();
      while (last.status === 200 && begun < 40) {
        begun += 1;
        last = await post();
      }
      return `${begun} begun, then ${said(last)}`;
    },
  },
];

const people: readonly Attack[] = [
  {
    ...{ id: 'equal-mail', title: 'somebody else with the same name and e-mail address' },
    options: { choice: { roles: [{ role: 'setup', users: ['s1'] }] } },
    expected: 'Ann (corp) as setup; 403, nobody',
    async run(world) {
      const [ann, eve] = [world.browser(), world.browser()];
      await signInWith(world, ann, ANN);
      const end = await endOf(await signInWith(world, eve, { ...ANN, sub: 's2', oid: 'o2' }), eve);
      return `${await whoIs(ann)}; ${end}`;
    },
  },
  {
    ...{ id: 'case-of-subject', title: 'somebody whose subject differs in case only' },
    options: { choice: { roles: [{ role: 'setup', users: ['Abc'] }] } },
    expected: '403, nobody, 2 users',
    async run(world) {
      const eve = world.browser();
      await signInWith(world, world.browser(), { ...ANN, sub: 'Abc' });
      const end = await endOf(await signInWith(world, eve, { ...ANN, sub: 'aBC' }), eve);
      return `${end}, ${(await world.counts()).users} users`;
    },
  },
  {
    ...{ id: 'same-object', title: 'the same object id in another listed tenant' },
    options: {
      many: true,
      choice: { tenants: [TENANTS.ours, TENANTS.theirs], roles: [{ role: 'viewer', everyone: true }] },
    },
    expected: 'two people',
    async run(world) {
      await signInWith(world, world.browser(), ANN);
      await signInWith(world, world.browser(), { ...ANN, tid: TENANTS.theirs });
      return (await world.counts()).users === 2 ? 'two people' : 'one person';
    },
  },
  {
    ...{ id: 'many-unlisted', title: 'an issuer of many tenants of which none is listed' },
    ...{ options: { many: true, choice: everyone }, expected: '502 provider' },
    run: async (world) => said(await world.browser().post('/api/v1/session/provider', { provider: 'corp' })),
  },
  {
    ...{ id: 'disabled-person', title: 'somebody who is disabled', options: { choice: everyone } },
    expected: '403, nobody',
    async run(world) {
      const browser = world.browser();
      await signInWith(world, browser, ANN);
      const [user] = await world.access.users();
      await world.access.changeUser('test', { id: user?.id ?? '', disabled: true });
      return endOf(await signInWith(world, browser, ANN), browser);
    },
  },
  {
    ...{ id: 'left-group', title: 'somebody who is in the group no more, in an older session' },
    options: { choice: { roles: [{ role: 'operator', groups: ['g1'] }] } },
    expected: 'Ann (corp) as operator; 403, nobody; nobody',
    async run(world) {
      const [older, newer] = [world.browser(), world.browser()];
      await signInWith(world, older, { ...ANN, groups: ['g1'] });
      const before = await whoIs(older);
      const end = await endOf(await signInWith(world, newer, { ...ANN, groups: ['g2'] }), newer);
      return `${before}; ${end}; ${await whoIs(older)}`;
    },
  },
];

export const providerAttacks: readonly Attack[] = [...tokens, ...returns, ...states, ...people];
