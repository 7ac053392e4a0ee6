import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate, Secrets, TokenProvider } from '@tidelock/core';
import { expect, test } from 'vitest';
import type { Config } from '../src/config.ts';
import { keyChecks } from '../src/key-checks.ts';
import { writeKeyNames } from '../src/keys/config-keys.ts';
import { countdownOf } from '../src/keys/countdown.ts';
import { nextKeyName } from '../src/open-signing.ts';

const DAY = 86_400_000;

test.each([
  [180, 'ok'],
  [61, 'ok'],
  [60, 'notice'],
  [31, 'notice'],
  [30, 'soon'],
  [8, 'soon'],
  [7, 'urgent'],
  [1, 'urgent'],
  [0, 'expired'],
  [-3, 'expired'],
] as const)('with %i days left a certificate is %s', (days, stage) => {
  const now = Date.UTC(2026, 10, 29);
  const certificate = { notBefore: now - DAY, notAfter: now + days * DAY };
  expect(countdownOf(certificate, now)).toEqual({ days, stage });
});

test('a certificate that is not valid yet says so', () => {
  expect(countdownOf({ notBefore: 10, notAfter: 200 * DAY }, 0).stage).toBe('early');
});

test('the next name counts on, and passes over those that are taken', () => {
  expect(nextKeyName('mailbox-1', new Set())).toBe('mailbox-2');
  expect(nextKeyName('mailbox-9', new Set(['mailbox-10']))).toBe('mailbox-11');
  expect(nextKeyName('entra/main', new Set())).toBe('entra/main-2');
});

test('names are written where they stand, and nothing else of the file changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidelock-keys-'));
  try {
    const file = join(folder, 'tidelock.yaml');
    const text = `# ours
token:
  adapter: '@tidelock/token-entra' # the one
  options:
    clientId: aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee
    keys: [mailbox-1] # newest first
log: { level: info }
`;
    await writeFile(file, text);
    const config = { file } as Config;
    const change = { before: ['mailbox-1'], after: ['mailbox-2', 'mailbox-1'] };
    expect(await writeKeyNames(config, change)).toBe(true);
    const written = await readFile(file, 'utf8');
    expect(written).toBe(text.replace('[mailbox-1]', '[ mailbox-2, mailbox-1 ]'));
    expect(await writeKeyNames(config, change)).toBe(false);
    expect(await readFile(file, 'utf8')).toBe(written);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.skipIf(process.platform !== 'linux')(
  'a file that may not be written leaves the list to a person [skipped: needs the file system of a kernel]',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidelock-keys-'));
    try {
      const file = join(folder, 'tidelock.yaml');
      const text = 'token: { options: { keys: [mailbox-1] } }\n';
      await writeFile(file, text);
      // Not even root makes a file in there.
      await symlink('/sys/tidelock-draft', `${file}.new`);
      const change = { before: ['mailbox-1'], after: ['mailbox-2', 'mailbox-1'] };
      expect(await writeKeyNames({ file } as Config, change)).toBe(false);
      expect(await readFile(file, 'utf8')).toBe(text);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test('what doctor advises depends on who signs with a key', async () => {
  const now = Date.UTC(2026, 10, 29);
  const certificate = (keyName: string) =>
    ({ keyName, notBefore: now - DAY, notAfter: now + 5 * DAY }) as Certificate;
  const list = async () => ['mailbox-1', 'crm-1', 'crm-0'].map(certificate);
  const secrets = { abilities: { keys: true }, keys: { list } } as unknown as Secrets;
  const config = {
    ...{ adapters: { crm: { options: { auth: { key: 'crm-1' } } } }, crms: {}, secretStores: {}, server: {} },
  } as unknown as Config;
  const checks = await keyChecks(secrets, now, {
    config,
    token: { keyNames: ['mailbox-1'] } as unknown as TokenProvider,
  });
  expect(checks.map(({ status, remedy }) => [status, remedy])).toEqual([
    ['fail', expect.stringContaining('keys rotate')],
    ['fail', expect.stringContaining('keys create <name>')],
    ['warn', 'Let it go: tidelock keys retire crm-0'],
  ]);
  expect(checks[1]?.remedy).toContain('crm.options.auth.key');
});
