import { type Attack, endOf, MINUTE, said } from './attack.ts';
import type { Browser } from './browser.ts';
import { type AccessWorld, addAccount, setUp, signInAs } from './world.ts';

const WRONG = 'nine purple bottles';

/** How many tries get an answer before one is turned away. */
async function triesUntilRefused(
  browser: (turn: number) => Browser,
  nameOf: (turn: number) => string,
): Promise<string> {
  for (let turn = 0; turn < 80; turn += 1) {
    const answer = await signInAs(browser(turn), nameOf(turn), WRONG);
    if (answer.status === 429)
      return `${turn} answered, then ${said(answer)}, retry-after ${answer.headers['retry-after']}`;
  }
  return 'never refused';
}

/** A program with an old token tries on and on; somebody beside it signs in. */
async function tokensOf(world: AccessWorld): Promise<string> {
  world.advance(15 * MINUTE);
  const headers = { authorization: 'Bearer old' };
  for (let turn = 0; turn < 40; turn += 1) await world.browser().ask('/api/v1/tokens', { headers });
  return String((await signInAs(world.browser(), 'nobody', WRONG)).status);
}

/** Attacks on passwords, and on whoever has one. */
export const guessAttacks: readonly Attack[] = [
  {
    ...{ id: 'unknown-name', title: 'a name that nobody has', expected: 'the same answer' },
    async run(world) {
      await setUp(world, world.browser());
      const [known, unknown] = await Promise.all(
        ['root', 'nobody'].map((name) => signInAs(world.browser(), name, WRONG)),
      );
      return known?.text === unknown?.text && known?.status === 401 ? 'the same answer' : 'another answer';
    },
  },
  {
    ...{
      id: 'disabled-account',
      title: 'the right password of a disabled account',
      expected: '401 wrong-credentials, nobody',
    },
    async run(world) {
      await setUp(world, world.browser());
      const id = await addAccount(world, 'ann', 'viewer');
      await world.access.changeUser('test', { id, disabled: true });
      const browser = world.browser();
      return endOf(await signInAs(browser, 'ann'), browser);
    },
  },
  {
    ...{
      id: 'local-off',
      title: 'a password where local accounts are switched off',
      expected: '403 local-off, nobody',
    },
    options: { section: { signIn: { local: false } } },
    async run(world) {
      const browser = world.browser();
      return endOf(await signInAs(browser, 'root'), browser);
    },
  },
  {
    ...{ id: 'one-account', title: 'tries of one account from many addresses' },
    ...{
      options: { section: { trustedProxies: 1 } },
      expected: '5 answered, then 429 too-many, retry-after 2',
    },
    async run(world) {
      await setUp(world, world.browser());
      return triesUntilRefused(
        (turn) => world.browser(`198.51.100.${turn}`),
        () => 'Root',
      );
    },
  },
  {
    ...{ id: 'one-address', title: 'tries of many names from one address' },
    expected: '30 answered, then 429 too-many, retry-after 900',
    run: (world) =>
      triesUntilRefused(
        () => world.browser(),
        (turn) => `name-${turn}`,
      ),
  },
  {
    ...{ id: 'forged-address', title: 'an invented X-Forwarded-For, where no proxy is trusted' },
    expected: '30 answered, then 429 too-many, retry-after 900',
    run: (world) =>
      triesUntilRefused(
        (turn) => world.browser(`198.51.100.${turn}`),
        (turn) => `name-${turn}`,
      ),
  },
  {
    ...{ id: 'forged-hops', title: 'an invented start of X-Forwarded-For, where one proxy is trusted' },
    options: { section: { trustedProxies: 1 } },
    expected: '30 answered, then 429 too-many, retry-after 900',
    run: (world) =>
      triesUntilRefused(
        (turn) => world.browser(`198.51.100.${turn}, 203.0.113.7`),
        (turn) => `name-${turn}`,
      ),
  },
  {
    ...{ id: 'one-network', title: 'tries from all over one IPv6 network' },
    options: { section: { trustedProxies: 1 } },
    expected: '30 answered, then 429 too-many, retry-after 900',
    run: (world) =>
      triesUntilRefused(
        (turn) => world.browser(`2001:db8:1:2::${turn + 1}`),
        (turn) => `name-${turn}`,
      ),
  },
  {
    ...{ id: 'returns-guessed', title: 'returns with invented states' },
    expected: '30 answered, then 429 too-many, and a program with a wrong token keeps nobody out: 401',
    async run(world) {
      let answered = 0;
      let last = await world.browser().ask('/auth/return?code=c&state=s0');
      while (last.status === 400 && answered < 60) {
        answered += 1;
        last = await world.browser().ask(`/auth/return?code=c&state=s${answered}`);
      }
      const neighbour = await tokensOf(world);
      return `${answered} answered, then ${said(last)}, and a program with a wrong token keeps nobody out: ${neighbour}`;
    },
  },
  {
    ...{
      id: 'owner-kept-out',
      title: 'an owner of an account that somebody else keeps trying',
      expected: '429 too-many, then 200',
    },
    ...{ options: { section: { trustedProxies: 1 } } },
    async run(world) {
      await setUp(world, world.browser());
      await triesUntilRefused(
        (turn) => world.browser(`198.51.100.${turn}`),
        () => 'root',
      );
      const refused = await signInAs(world.browser('192.0.2.1'), 'root');
      world.advance(MINUTE);
      return `${said(refused)}, then ${said(await signInAs(world.browser('192.0.2.1'), 'root'))}`;
    },
  },
  {
    ...{
      id: 'flood',
      title: 'more requests than a minute has',
      options: { section: { requestsPerMinute: 40 } },
    },
    expected: '40 answered, then 429 too-many',
    async run(world) {
      for (let turn = 0; turn < 80; turn += 1) {
        const answer = await world.browser().ask('/api/v1/session');
        if (answer.status !== 200) return `${turn} answered, then ${said(answer)}`;
      }
      return 'never refused';
    },
  },
];
