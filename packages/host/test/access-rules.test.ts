import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { addressGroup, clientAddress } from '../src/access/caller.ts';
import { createCookies, isSafeOrigin } from '../src/access/cookies.ts';
import { createPasswords, isWeak } from '../src/access/passwords.ts';
import { plainName } from '../src/access/principal.ts';
import { roleOf } from '../src/access/role-rules.ts';
import { ConfigSchema } from '../src/config-schema.ts';

const SECRET = 'a'.repeat(43);

describe('the address of a client', () => {
  it.each([
    ['no proxy: the header is not read', '10.0.0.9', '1.1.1.1', 0, '10.0.0.9'],
    ['one proxy: what it appended', '10.0.0.9', '6.6.6.6, 1.1.1.1', 1, '1.1.1.1'],
    ['two proxies', '10.0.0.9', '6.6.6.6, 1.1.1.1, 10.0.0.8', 2, '1.1.1.1'],
    ['fewer entries than proxies', '10.0.0.9', '1.1.1.1', 3, '1.1.1.1'],
    ['no header behind a proxy', '10.0.0.9', undefined, 1, '10.0.0.9'],
    ['no address in the header', '10.0.0.9', 'unknown', 1, '10.0.0.9'],
    ['with a port', '10.0.0.9', '1.1.1.1:5000', 1, '1.1.1.1'],
    ['IPv6 with a port', '10.0.0.9', '[2001:db8::1]:5000', 1, '2001:db8::1'],
    ['IPv4 in IPv6', '::ffff:10.0.0.9', undefined, 0, '10.0.0.9'],
  ])('%s', (...[, socket, forwarded, hops, found]) => {
    expect(clientAddress(socket, forwarded, hops)).toBe(found);
  });

  it.each([
    ['1.1.1.1', '1.1.1.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s is counted as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

describe('cookies', () => {
  it('are of this host, over TLS, out of reach of scripts and of other sites', () => {
    const line = createCookies('https://t.example').write('session', SECRET);
    expect(line).toBe(`__Host-sid=${SECRET}; Path=/; HttpOnly; SameSite=Lax; Secure`);
  });

  it('lack prefix and Secure on this machine only, and another plain address is refused', () => {
    expect(createCookies('http://localhost:8080').write('session', SECRET)).toBe(
      `tidelock-sid=${SECRET}; Path=/; HttpOnly; SameSite=Lax`,
    );
    const safe = ['https://t.example', 'http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1'];
    const unsafe = [
      'http://t.example',
      'https://t.example/',
      'https://t.example/path',
      'http://localhost.evil.example',
    ];
    expect([safe, unsafe].map((list) => list.map(isSafeOrigin))).toEqual([
      safe.map(() => true),
      unsafe.map(() => false),
    ]);
  });

  it('of one name that come twice are none, and neither is something that we did not make', () => {
    const cookies = createCookies('https://t.example');
    expect(cookies.read(`a=b; __Host-sid=${SECRET}`, 'session')).toBe(SECRET);
    for (const header of [
      `__Host-sid=${SECRET}; __Host-sid=${'b'.repeat(43)}`,
      `__Host-sid=${SECRET}x`,
      `tidelock-sid=${SECRET}`,
      `x__Host-sid=${SECRET}`,
      undefined,
    ])
      expect(cookies.read(header, 'session')).toBeNull();
  });
});

describe('passwords', () => {
  const passwords = createPasswords();

  it('are kept as argon2id with a salt each, and compared exactly', async () => {
    const [one, other] = await Promise.all([
      passwords.hash('correct horse'),
      passwords.hash('correct horse'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    const tries = ['correct horse', 'correct hors', 'Correct horse', ''];
    const right = await Promise.all(tries.map((text) => passwords.verify(text, one)));
    expect(right).toEqual([true, false, false, false]);
    const none = await Promise.all(
      [null, '', 'plain', `${one}x`].map((stored) => passwords.verify('x', stored)),
    );
    expect(none).toEqual([false, false, false, false]);
  });

  it.each([
    ['short', true],
    ['aaaaaaaaaaaaaaaa', true],
    ['my tidelock password', true],
    ['ann.example is my name', true],
    [`${'long '.repeat(60)}`, true],
    ['seven green bottles', false],
  ])('"%s" is too easy: %s', (password, weak) => {
    expect(isWeak(password, 'ann.example')).toBe(weak);
  });
});

describe('roles by rules', () => {
  const claims = {
    sub: 's1',
    groups: ['g1', 7],
    realm: { roles: ['Ops'] },
    'a.b': 'flat',
    email: 'ann@x.example',
  };
  const person = { claims, subject: 's1' };
  it.each([
    ['nobody named', [], null],
    ['by id', [{ role: 'setup', users: ['s1'] }], 'setup'],
    ['by another’s id', [{ role: 'setup', users: ['S1', 'ann@x.example'] }], null],
    ['by group', [{ role: 'operator', groups: ['g1'] }], 'operator'],
    ['by a number that looks like a group', [{ role: 'operator', groups: ['7'] }], null],
    ['by a claim inside another', [{ role: 'viewer', claim: 'realm.roles', values: ['Ops'] }], 'viewer'],
    ['by a claim with a dot in its name', [{ role: 'viewer', claim: 'a.b', values: ['flat'] }], 'viewer'],
    ['by what every object has', [{ role: 'setup', claim: 'constructor.name', values: ['Object'] }], null],
    [
      'everyone, and the highest counts',
      [
        { role: 'viewer', everyone: true },
        { role: 'operator', groups: ['g1'] },
      ],
      'operator',
    ],
  ] as const)('%s', (_name, rules, role) => {
    expect(roleOf(structuredClone(rules) as Parameters<typeof roleOf>[0], person)).toBe(role);
  });
});

it('names of people make no second line', () => {
  expect(plainName(' Eve\r\nroot signed in\u2028x\u0000\u202e ')).toBe('Eve root signed in x');
  expect([plainName('\n'), plainName('x'.repeat(999)).length]).toEqual(['nameless', 200]);
});

describe('the section "server"', () => {
  const server = ConfigSchema.shape.server;

  it('is in the documentation as it is here', async () => {
    const page = await readFile(new URL('../../../docs/sign-in.md', import.meta.url), 'utf8');
    const example: unknown = parse(/```yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? '');
    const { signIn } = server.parse((example as { server: unknown }).server);
    expect(signIn.providers[0]?.roles.map(({ role }) => role)).toEqual(['setup', 'operator', 'viewer']);
  });

  const provider = { name: 'corp', issuer: 'https://id.example', clientId: 'c' };
  const problems = (value: unknown): string[] =>
    server.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

  it('asks for TLS, one kind of person per rule, and one provider of a name', () => {
    expect(problems({ origin: 'http://t.example' })[0]).toContain('origin: https://host');
    expect(problems({ origin: 'https://t.example/x' })[0]).toContain('origin: https://host');
    const of = (more: object) => problems({ signIn: { providers: [{ ...provider, ...more }] } });
    expect(of({ issuer: 'http://id.example' })[0]).toContain('issuer: https is needed');
    expect(of({ roles: [{ role: 'setup' }] })[0]).toContain('only one');
    expect(of({ roles: [{ role: 'setup', users: ['a'], everyone: true }] })[0]).toContain('only one');
    expect(of({ roles: [{ role: 'setup', claim: 'a' }] })[0]).toContain('values: belongs to a claim');
    expect(of({ name: 'local' })[0]).toContain('without a provider');
    expect(of({ clientSecret: 'in clear' }).length).toBe(1);
    expect(of({ scopes: ['profile'] })[0]).toContain('openid is needed');
    expect(problems({ signIn: { providers: [provider, provider] } })[0]).toContain('"corp" is there twice');
    expect(of({ roles: [{ role: 'viewer', everyone: true }] })).toEqual([]);
  });
});
