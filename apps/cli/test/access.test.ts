import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, createBench, EXIT } from './fake-sides.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const named = (origin: string): Promise<void> =>
  appendFile(join(bench.path, 'tidelock.yaml'), `server: { origin: '${origin}' }\n`);

const LINK = /^https:\/\/tidelock\.example\/(\w+)#[\w-]{43}$/;

test('users: whoever sits at the machine lets people in, changes what they may do, and keeps one with the role setup', async () => {
  const homeless = await bench.tidelock('users add ann --role setup');
  expect([homeless.code, homeless.err]).toEqual([EXIT.input, expect.stringContaining('--origin')]);
  expect((await bench.tidelock('users list')).out).toContain('Nobody yet');
  await named('https://tidelock.example');
  const first = (await bench.tidelock('users first-link --json')).json().invitation as { link: string };
  expect(LINK.exec(first.link)?.[1]).toBe('setup');
  const added = (await bench.tidelock('users add ann --role setup --json')).json();
  expect(LINK.exec((added.invitation as { link: string }).link)?.[1]).toBe('password');
  expect((await bench.tidelock('users first-link')).out).toContain('Somebody has the role setup already');
  expect((await bench.tidelock('users add ANN --role viewer')).err).toContain(
    'A local account of that name exists',
  );
  expect((await bench.tidelock('users role ann viewer')).err).toContain('Nobody else has the role setup');
  await bench.tidelock('users add bob --role operator');
  expect((await bench.tidelock('users disable bob')).out).toContain('bob is disabled');
  expect((await bench.tidelock('users role bob none')).out).toContain('bob has the role none');
  expect((await bench.tidelock('users list')).out).toMatch(/bob\s+local\s+none, disabled/);
  expect((await bench.tidelock('users link eve')).err).toContain('nobody is called so');
  const { acts } = (await bench.tidelock('audit --json')).json() as {
    acts: { act: string; subject: string }[];
  };
  expect(acts.map(({ act, subject }) => `${act} ${subject}`)).toEqual([
    ...['user.role-changed bob', 'user.changed bob', 'user.invited bob', 'user.added bob'],
    ...['user.invited ann', 'user.added ann'],
  ]);
});

test('tokens: made for somebody, within what they may do, shown once, listed and revoked', async () => {
  await named('https://tidelock.example');
  await bench.tidelock('users add ann --role operator');
  expect((await bench.tidelock('tokens mint x --for ann --role setup')).code).toBe(EXIT.input);
  const minted = (
    await bench.tidelock('tokens mint nightly --for ann --role viewer --days 999 --json')
  ).json();
  const { token, info } = minted as {
    token: string;
    info: { id: string; createdAt: number; endsAt: number };
  };
  expect(token).toMatch(/^tdlk_[0-9a-f]{16}_[\w-]{43}$/);
  expect(Math.round((info.endsAt - info.createdAt) / 86_400_000)).toBe(365);
  const listed = await bench.tidelock('tokens list');
  expect(listed.out).toMatch(/nightly\s+ann\s+viewer.*valid/);
  expect(listed.out).not.toContain(token.slice(-20));
  expect((await bench.tidelock(`tokens revoke ${info.id}`)).out).toContain('is revoked');
  expect((await bench.tidelock('tokens list')).out).toContain('revoked');
  expect((await bench.tidelock(`tokens revoke ${info.id}`)).code).toBe(EXIT.input);
});
