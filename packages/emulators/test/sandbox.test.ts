import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '@tidelock/emulators';
import { afterEach, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'tidelock-sandbox-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('writes a configuration whose ends are the two services it started', async () => {
  await using sandbox = await createSandbox({ folder, people: ['Ann Archer', 'Bo van Dyk'] });
  const config = JSON.parse(readFileSync(sandbox.configPath, 'utf8'));
  expect(config.mailbox.options.endpoint.url).toBe(sandbox.origins.microsoft365);
  expect(config.crm.options.loginUrl).toBe(sandbox.origins.crm);
  expect(config.mailboxes).toEqual([
    { address: 'ann.archer@contoso.example' },
    { address: 'bo.van.dyk@contoso.example' },
  ]);
  expect(sandbox.caFiles.every((file) => existsSync(file))).toBe(true);
  const users = sandbox.crm.emulator.oracle.users().map((user) => user.Email);
  expect(users).toEqual(
    expect.arrayContaining(config.mailboxes.map((one: { address: string }) => one.address)),
  );
});

it('does the same with HubSpot, whose options are a token and no key pair', async () => {
  await using sandbox = await createSandbox({ folder, crm: 'hubspot' });
  const { crm } = JSON.parse(readFileSync(sandbox.configPath, 'utf8'));
  expect(crm).toMatchObject({ adapter: '@tidelock/crm-hubspot', options: { baseUrl: sandbox.origins.crm } });
  const headers = { authorization: `Bearer ${crm.options.token}` };
  const owners = new Request(`${sandbox.origins.crm}/crm/v3/owners`, { headers });
  expect((await sandbox.crm.fetch(owners)).status).toBe(200);
  expect(sandbox.mailboxes[0]?.crmUserId).toBe(sandbox.crm.emulator.oracle.owners()[0]?.id);
});

it('ends both services when it is closed', async () => {
  const sandbox = await createSandbox({ folder });
  await sandbox.close();
  const answers = Object.values(sandbox.origins).map((origin) => fetch(origin));
  const ends = await Promise.allSettled(answers);
  expect(ends.map((end) => end.status)).toEqual(['rejected', 'rejected']);
});
