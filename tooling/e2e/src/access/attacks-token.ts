import { type Attack, HOUR, MINUTE, said } from './attack.ts';
import { type Answer, type Browser, send } from './browser.ts';
import { type AccessWorld, addAccount, setUp, signInAs } from './world.ts';

interface Minted {
  readonly token: string;
  readonly id: string;
}

const DAY = 24 * HOUR;

async function mint(browser: Browser, body: { name?: string; role: string; days?: number }): Promise<Minted> {
  const answer = await browser.post('/api/v1/tokens', { name: 'nightly', ...body });
  const info = answer.body?.info as { id: string } | undefined;
  return { token: String(answer.body?.token ?? said(answer)), id: info?.id ?? '' };
}

const use = (world: AccessWorld, token: string, path = '/api/v1/tokens'): Promise<Answer> =>
  send(world.address, path, { headers: { authorization: `Bearer ${token}` } });

/** A token of root, spoilt; and how it is answered. */
const spoilt = (
  id: string,
  title: string,
  of: {
    expected?: string;
    spoil(at: { world: AccessWorld; browser: Browser; minted: Minted }): Promise<string> | string;
  },
): Attack => ({
  ...{ id, title: `a token ${title}`, expected: of.expected ?? '200, then 401 bad-token' },
  async run(world) {
    const browser = world.browser();
    await setUp(world, browser);
    const minted = await mint(browser, { role: 'setup', days: 30 });
    const before = await use(world, minted.token);
    const token = await of.spoil({ world, browser, minted });
    return `${said(before)}, then ${said(await use(world, token))}`;
  },
});

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Another spelling of the same bytes: of the last character only four bits count. */
const respelt = (token: string): string => {
  const at = LETTERS.indexOf(token.at(-1) ?? '');
  return token.slice(0, -1) + LETTERS[at ^ 1];
};

const spoiltTokens: readonly Attack[] = [
  spoilt('other-spelling', 'that decodes to the same bytes', {
    spoil: ({ minted }) => respelt(minted.token),
  }),
  spoilt('other-id', 'with the id of another one', {
    async spoil({ browser, minted }) {
      const other = await mint(browser, { role: 'setup' });
      return minted.token.replace(minted.id, other.id);
    },
  }),
  spoilt('token-over', 'that is over', {
    spoil({ world, minted }) {
      world.advance(30 * DAY + MINUTE);
      return minted.token;
    },
  }),
  spoilt('token-revoked', 'that was revoked', {
    async spoil({ browser, minted }) {
      const headers = { 'x-tidelock-csrf': browser.csrf };
      await browser.ask(`/api/v1/tokens/${minted.id}`, { method: 'DELETE', headers });
      return minted.token;
    },
  }),
  spoilt('owner-disabled', 'of somebody who is disabled', {
    async spoil({ world, minted }) {
      await addAccount(world, 'other', 'setup');
      const owner = (await world.access.users()).find(({ name }) => name === 'root');
      await world.access.changeUser('test', { id: owner?.id ?? '', disabled: true });
      return minted.token;
    },
  }),
  spoilt('hash-as-token', 'made of what the database holds', {
    async spoil({ world, minted }) {
      const found = await world.state.access.apiToken(minted.id);
      return `tdlk_${minted.id}_${found?.token.hash}`;
    },
  }),
];

const MALFORMED = [
  '',
  'x',
  'tdlk_',
  'tdlk_0123456789abcdef_',
  `tdlk_0123456789ABCDEF_${'a'.repeat(43)}`,
  `tdlk_${'0'.repeat(16)}_${'a'.repeat(44)}`,
];

export const tokenAttacks: readonly Attack[] = [
  ...spoiltTokens,
  {
    ...{ id: 'malformed', title: 'tokens of every wrong form', expected: '401 bad-token, one body' },
    async run(world) {
      const right = `tdlk_${'0'.repeat(16)}_${'a'.repeat(43)}`;
      const headers = [...MALFORMED.map((text) => `Bearer ${text}`), `Bearer ${right}`, 'Basic eDp4', right];
      const answers: Answer[] = [];
      for (const authorization of headers)
        answers.push(await send(world.address, '/api/v1/tokens', { headers: { authorization } }));
      const bodies = new Set(answers.map(({ text }) => text));
      return `${[...new Set(answers.map(said))].join(', ')}, ${bodies.size === 1 ? 'one body' : 'several bodies'}`;
    },
  },
  {
    ...{
      id: 'tokens-guessed',
      title: 'tokens that are tried out',
      expected: '30 answered, then 429 too-many',
    },
    async run(world) {
      for (let turn = 0; turn < 60; turn += 1) {
        const answer = await use(world, `tdlk_${String(turn).padStart(16, '0')}_${'a'.repeat(43)}`);
        if (answer.status === 429) return `${turn} answered, then ${said(answer)}`;
      }
      return 'never refused';
    },
  },
  {
    ...{
      id: 'above-oneself',
      title: 'a token that may do more than its owner',
      expected: '403 role, 0 tokens',
    },
    async run(world) {
      await setUp(world, world.browser());
      await addAccount(world, 'ops', 'operator');
      const ops = world.browser();
      await signInAs(ops, 'ops');
      const answer = await ops.post('/api/v1/tokens', { name: 'x', role: 'setup' });
      return `${said(answer)}, ${(await world.counts()).tokens} tokens`;
    },
  },
  {
    ...{
      id: 'outlived-role',
      title: 'a token from before its owner lost a role',
      expected: '200, then 403 role',
    },
    async run(world) {
      await setUp(world, world.browser());
      const id = await addAccount(world, 'ops', 'setup');
      const ops = world.browser();
      await signInAs(ops, 'ops');
      const { token } = await mint(ops, { role: 'setup' });
      const before = await use(world, token, '/api/v1/users');
      await world.access.changeUser('test', { id, role: 'viewer' });
      return `${said(before)}, then ${said(await use(world, token, '/api/v1/users'))}`;
    },
  },
  {
    ...{
      id: 'beyond-scope',
      title: 'a token of a viewer where setup is needed',
      expected: '200, then 403 role',
    },
    async run(world) {
      const browser = world.browser();
      await setUp(world, browser);
      const { token } = await mint(browser, { role: 'viewer' });
      const seen = await use(world, token);
      return `${said(seen)}, then ${said(await use(world, token, '/api/v1/users'))}`;
    },
  },
  {
    ...{
      id: 'self-renewing',
      title: 'a token that makes itself a successor',
      expected: '403 session-only, 1 tokens',
    },
    async run(world) {
      const browser = world.browser();
      await setUp(world, browser);
      const { token } = await mint(browser, { role: 'setup' });
      const headers = { authorization: `Bearer ${token}` };
      const body = { name: 'heir', role: 'setup' };
      const answer = await send(world.address, '/api/v1/tokens', { method: 'POST', headers, body });
      return `${said(answer)}, ${(await world.counts()).tokens} tokens`;
    },
  },
  {
    ...{ id: 'endless', title: 'a token for longer than a year', expected: '400 malformed, 0 tokens' },
    async run(world) {
      const browser = world.browser();
      await setUp(world, browser);
      const answer = await browser.post('/api/v1/tokens', { name: 'x', role: 'viewer', days: 366 });
      return `${said(answer)}, ${(await world.counts()).tokens} tokens`;
    },
  },
  {
    ...{
      id: 'of-others',
      title: 'the tokens of somebody else, without the role setup',
      expected: '0 seen, 404 no-token',
    },
    async run(world) {
      const root = world.browser();
      await setUp(world, root);
      const { id } = await mint(root, { role: 'viewer' });
      await addAccount(world, 'ops', 'operator');
      const ops = world.browser();
      await signInAs(ops, 'ops');
      const { body } = await ops.ask('/api/v1/tokens');
      const ended = await ops.ask(`/api/v1/tokens/${id}`, {
        method: 'DELETE',
        headers: { 'x-tidelock-csrf': ops.csrf },
      });
      return `${Array.isArray(body?.tokens) && body.tokens.length} seen, ${said(ended)}`;
    },
  },
];
