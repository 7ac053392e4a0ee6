import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Emulation, startEmulation } from '../src/emulation.ts';
import { EXIT, runIn } from './fake-sides.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let emulation: Emulation;
let stranger: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-reach-'));
  emulation = await startEmulation(
    { env: {} },
    { folder: join(folder, 'out'), contacts: 1, crm: 'salesforce' },
  );
  const { admin } = emulation.microsoft365;
  const person = { mail: 'ceo@contoso.example', displayName: '=HYPERLINK("x")' };
  stranger = admin.addUser(emulation.tenantId, person).id;
});
afterEach(async () => {
  await emulation.close();
  await rm(folder, { recursive: true, force: true });
});

const reach = (words: string) => runIn(folder, `reach ${words} --config ${emulation.configPath}`);

const narrow = (mechanism: 'policy' | 'rbac'): void => {
  const { admin } = emulation.microsoft365;
  const mailboxIds = emulation.mailboxes.map(({ id }) => id);
  if (mechanism === 'rbac') admin.revoke(emulation.tenantId, emulation.clientId, ['Contacts.ReadWrite']);
  admin.setScope(emulation.tenantId, emulation.clientId, { mailboxIds, mechanism });
};

test('a mailbox that opens although no rule names it is found, and reports say so in three forms', async () => {
  const result = await reach('--json --out r.csv --out r.html --out r.json');
  expect(result.code).toBe(EXIT.partial);
  expect(result.json()).toMatchObject({ asIntended: false, counts: { open: 3, 'too-wide': 1, closed: 0 } });
  const csv = await readFile(join(folder, 'r.csv'), 'utf8');
  expect(csv).toContain(`"ceo@contoso.example","'=HYPERLINK(""x"")","no","too-wide"`);
  const html = await readFile(join(folder, 'r.html'), 'utf8');
  expect(html).toContain('=HYPERLINK(&quot;x&quot;)');
  expect(html).toContain('OPEN, though no rule names it');
  expect(JSON.parse(await readFile(join(folder, 'r.json'), 'utf8')).rows).toHaveLength(4);
});

test.each(['policy', 'rbac'] as const)(
  'narrowed by %s, the reach is as intended, and proved from both sides',
  async (mechanism) => {
    narrow(mechanism);
    const result = await reach('--json');
    expect([result.code, result.json()]).toEqual([
      EXIT.ok,
      expect.objectContaining({
        asIntended: true,
        counts: { open: 3, closed: 1, 'too-wide': 0, missing: 0, 'no-mailbox': 0, unknown: 0 },
      }),
    ]);
    const reads = emulation.microsoft365.log.entries.filter(({ path }) =>
      path.includes(`/users/${stranger}/`),
    );
    expect(reads.length).toBeGreaterThan(0);
    expect(emulation.microsoft365.oracle.writes()).toEqual([]);
  },
);

test('a mailbox that is named and closed is found, and so are permissions beyond what is needed', async () => {
  const { admin } = emulation.microsoft365;
  const [ann] = emulation.mailboxes;
  admin.setScope(emulation.tenantId, emulation.clientId, [ann?.id ?? '']);
  const missing = await reach('--json');
  expect(missing.json()).toMatchObject({ asIntended: false, counts: { open: 1, missing: 2, closed: 1 } });
  const roles = ['Contacts.ReadWrite', 'User.Read.All', 'Mail.ReadWrite'];
  admin.consent(emulation.tenantId, emulation.clientId, roles);
  admin.setScope(
    emulation.tenantId,
    emulation.clientId,
    emulation.mailboxes.map(({ id }) => id),
  );
  const broad = await reach('--json');
  expect(broad.code).toBe(EXIT.partial);
  expect(broad.json()).toMatchObject({ asIntended: false, findings: [{ code: 'broad-permissions' }] });
});

test('each proof stands in the audit trail', async () => {
  await reach('');
  const acts = (await runIn(folder, `audit --json --config ${emulation.configPath}`)).json().acts as object[];
  expect(acts).toContainEqual(
    expect.objectContaining({ act: 'reach.proved', after: expect.objectContaining({ 'too-wide': 1 }) }),
  );
});

test('setup writes the commands with the ids of this connection; a group cannot end a command', async () => {
  const plain = (
    await runIn(folder, `reach setup --group Sales --json --config ${emulation.configPath}`)
  ).json();
  const commands = (plain.steps as { commands: string[] }[]).flatMap((step) => step.commands);
  const principal = /-Identity '([0-9a-f-]{36})'/.exec(commands.join('\n'))?.[1];
  expect(commands).toContain(
    `New-ServicePrincipal -AppId '${emulation.clientId}' -ObjectId '${principal}' -DisplayName 'Tidelock'`,
  );
  expect(commands).toContain("$group = (Get-Recipient -Identity 'Sales').DistinguishedName");
  expect(commands.some((line) => line.includes("'Application Contacts.ReadWrite'"))).toBe(true);
  const odd = await runIn(folder, `reach setup --group a';Remove-Mailbox --config ${emulation.configPath}`);
  expect(odd.out).toContain("-Identity 'a'';Remove-Mailbox')");
});

test('a file of no known form is refused before anything is asked', async () => {
  const asked = emulation.microsoft365.log.count();
  const { code, err } = await reach('--out report.pdf');
  expect([code, err]).toEqual([EXIT.input, expect.stringContaining('.csv, .html, .json')]);
  expect(emulation.microsoft365.log.count()).toBe(asked);
});
