import { createHash, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../src/cli.ts';
import { createConsentStage, TENANTS } from '../src/consent/world.ts';
import { createKeyFolder, KEY_NAME } from '../src/key-folder.ts';

vi.setConfig({ testTimeout: 180_000 });

async function createConnected() {
  const stage = await createConsentStage();
  const run = (words: string, input?: string) =>
    runCli([...words.split(' '), '--config', stage.configPath], {
      cwd: stage.folder,
      ...(input === undefined ? {} : { input }),
    });
  const json = async (words: string) => {
    const { code, out } = await run(`${words} --json`);
    return { code, document: JSON.parse(out) };
  };
  stage.admin.consent(TENANTS.victim, stage.clientId, ['Contacts.ReadWrite', 'User.Read.All']);
  await run('secrets put tenant-id', TENANTS.victim);
  const names = async (): Promise<string[]> =>
    parse(await readFile(stage.configPath, 'utf8')).token.options.keys;
  return { stage, run, json, names, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

test('a rotation: the old key works until the new one is registered, and nobody consents again', async () => {
  await using world = await createConnected();
  const { stage, run, json, names } = world;
  expect((await json('keys check')).document.keys).toEqual([{ keyName: KEY_NAME, state: 'accepted' }]);
  const rotated = await json('keys rotate --bits 2048');
  expect(rotated).toMatchObject({ code: 0, document: { keyName: 'tidelock-2', written: true } });
  expect(await names()).toEqual(['tidelock-2', KEY_NAME]);
  const between = await json('keys check');
  expect(between).toMatchObject({
    code: 5,
    document: {
      keys: [
        { keyName: 'tidelock-2', state: 'refused', code: 'AADSTS700027' },
        { keyName: KEY_NAME, state: 'accepted' },
      ],
    },
  });
  const twice = await run('keys rotate');
  expect([twice.code, twice.err]).toEqual([2, expect.stringContaining('tidelock-2 is not registered yet')]);
  const early = await run(`keys retire ${KEY_NAME}`);
  expect([early.code, early.err]).toEqual([2, expect.stringContaining('No other key is accepted')]);
  const cer = await readFile(rotated.document.file, 'utf8');
  const { x5t } = stage.admin.addCertificate(stage.clientId, cer);
  const sha256 = createHash('sha256').update(new X509Certificate(cer).raw).digest();
  expect([x5t, rotated.document.sha256]).toEqual([sha256.toString('base64url'), sha256.toString('hex')]);
  expect((await json('keys check')).code).toBe(0);
  const text = await readFile(stage.configPath, 'utf8');
  const auth = { flow: 'jwt', consumerKey: 'k', username: 'u', key: KEY_NAME };
  const other = { adapter: '@tidelock/crm-salesforce', options: { loginUrl: 'https://x.example', auth } };
  await writeFile(stage.configPath, JSON.stringify({ ...parse(text), crms: { other } }));
  const shared = await run(`keys retire ${KEY_NAME}`);
  expect([shared.code, shared.err]).toEqual([
    ...[2, expect.stringContaining('signs elsewhere too: crms.other.options.auth.key')],
  ]);
  await writeFile(stage.configPath, text);
  expect((await run(`keys retire ${KEY_NAME}`)).code).toBe(0);
  expect(await names()).toEqual(['tidelock-2']);
  const listed = (await json('keys list')).document.keys;
  expect(listed).toMatchObject([{ keyName: 'tidelock-2', place: 0, stage: 'ok', days: 179 }]);
  expect((await json('keys check')).document.keys).toEqual([{ keyName: 'tidelock-2', state: 'accepted' }]);
  const last = await run('keys revoke tidelock-2');
  expect([last.code, last.err]).toEqual([2, expect.stringContaining('is the only key that signs')]);
  const pages = stage.microsoft365.log.entries.filter(({ path }) => /authorize|adminconsent/.test(path));
  expect(pages).toEqual([]);
});

test('a key of the CRM is told, and destroyed once nothing signs with it', async () => {
  await using world = await createConnected();
  const { stage, run, json, names } = world;
  await json('keys create crm-1 --bits 2048');
  const text = await readFile(stage.configPath, 'utf8');
  const auth = { flow: 'jwt', consumerKey: 'k', username: 'u', key: 'crm-1' };
  const other = { adapter: '@tidelock/crm-salesforce', options: { loginUrl: 'https://x.example', auth } };
  await writeFile(stage.configPath, JSON.stringify({ ...parse(text), crms: { other } }));
  expect((await json('keys list')).document.keys).toMatchObject([
    { keyName: 'crm-1', place: null, elsewhere: ['crms.other.options.auth.key'] },
    { keyName: KEY_NAME, place: 0, elsewhere: [] },
  ]);
  expect((await run('keys list')).out).toMatch(/crm-1 +crms\.other\.options\.auth\.key /);
  const used = await run('keys retire crm-1');
  expect([used.code, used.err]).toEqual([2, expect.stringContaining('crm-1 signs elsewhere too')]);
  await writeFile(stage.configPath, text);
  expect((await run('keys retire crm-1')).code).toBe(0);
  expect((await json('keys list')).document.keys).toMatchObject([{ keyName: KEY_NAME }]);
  expect(await names()).toEqual([KEY_NAME]);
  expect((await run('keys retire crm-1')).err).toContain('There is no key crm-1');
});

test('a pair made elsewhere is taken in and exported again, its public half only', async () => {
  await using world = await createConnected();
  const { stage, run, json } = world;
  const made = await json('keys create spare --bits 2048 --out spare.cer');
  expect(made).toMatchObject({ code: 0, document: { keyName: 'spare' } });
  const exported = await json('keys export spare --out again.cer');
  expect(await readFile(join(stage.folder, 'again.cer'), 'utf8')).toBe(
    await readFile(join(stage.folder, 'spare.cer'), 'utf8'),
  );
  expect(exported.document.sha256).toBe(made.document.sha256);
  const other = await createKeyFolder(Date.now() - 86_400_000);
  await writeFile(join(stage.folder, 'other.cer'), other.pem);
  await writeFile(join(stage.folder, 'other.key'), 'no key');
  const wrong = await run('keys import other --key other.key --certificate other.cer');
  expect(wrong.code).toBe(2);
  const missing = await run('keys import other --key nowhere.key --certificate other.cer');
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('nowhere.key')]);
});

test('a key that may be known is revoked at once, and the connection says what is missing', async () => {
  await using world = await createConnected();
  const { run, json, names } = world;
  await json('keys rotate --bits 2048');
  expect((await run(`keys revoke ${KEY_NAME}`)).code).toBe(0);
  expect(await names()).toEqual(['tidelock-2']);
  const cut = await json('keys check');
  expect(cut).toMatchObject({ code: 4, document: { keys: [{ state: 'refused', code: 'AADSTS700027' }] } });
  expect(cut.document.keys[0].remedy).toContain('Upload the certificate');
});
