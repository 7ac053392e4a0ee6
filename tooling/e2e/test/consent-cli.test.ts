import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBrowser } from '@tidelock/emulators';
import { expect, test, vi } from 'vitest';
import { runCli } from '../src/cli.ts';
import { createConsentStage, type Login, PASSWORD, TENANTS } from '../src/consent/world.ts';

vi.setConfig({ testTimeout: 120_000 });

type Stage = Awaited<ReturnType<typeof createConsentStage>>;

const cli = (stage: Stage, ...words: string[]) =>
  runCli([...words, '--config', stage.configPath], { cwd: stage.folder });

/** Runs `tidelock connect`, and does in a browser what `person` does with the link that it prints. */
async function connect(
  stage: Stage,
  person: (link: string) => Promise<void>,
  ...flags: string[]
): ReturnType<typeof runCli> {
  const { promise: printed, resolve } = Promise.withResolvers<string>();
  const run = runCli(['connect', ...flags, '--config', stage.configPath], {
    cwd: stage.folder,
    onStart: (child) => {
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => {
          text += String(chunk);
          const link = /http:\/\/localhost:\d+\/connect\?ticket=[\w-]+/.exec(text)?.[0];
          if (link !== undefined) resolve(link);
        });
      child.on('close', () => resolve(''));
    },
  });
  const link = await printed;
  if (link !== '') await person(link);
  return run;
}

const createPerson = () => createBrowser((url, init) => fetch(url, init));

/** An administrator, or whoever it is, with the link. */
async function goThrough(link: string, login: Login): Promise<void> {
  const browser = createPerson();
  await browser.open(link);
  await browser.submit({});
  await browser.submit({ act: 'sign-in', login, password: PASSWORD });
  if (browser.page.text.includes('value="accept"')) await browser.submit({ act: 'accept' });
  for (let turn = 0; turn < 50 && browser.page.text.includes('Almost there'); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await browser.open(`${browser.page.url.origin}/connect`);
  }
}

async function textsIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  return texts.join('\n').toLowerCase();
}

test('an administrator connects by the printed link, connects again, and is let go', async () => {
  await using stage = await createConsentStage();
  const first = await connect(stage, (link) => goThrough(link, 'gus@victim.example'), '--json');
  expect([first.code, first.err]).toEqual([0, expect.stringContaining('http://localhost:')]);
  expect(JSON.parse(first.out)).toMatchObject({ connected: true, tenant: TENANTS.victim, exitCode: 0 });
  expect((await cli(stage, 'secrets', 'list')).out).toContain('tenant-id');
  const again = await connect(stage, (link) => goThrough(link, 'pam@victim.example'));
  expect(again.out).toContain(`connected  tenant ${TENANTS.victim}`);
  const gone = await cli(stage, 'disconnect', '--yes');
  expect([gone.code, gone.out]).toEqual([0, expect.stringContaining('Disconnected.')]);
  expect(gone.out).toMatch(/[1-9]\d* data keys? destroyed/);
  expect((await cli(stage, 'disconnect', '--yes')).out).toContain('Nothing was connected.');
  expect((await cli(stage, 'secrets', 'list')).out).not.toContain('tenant-id');
});

test('status says that the organisation was let go, and kept keys are destroyed later', async () => {
  await using stage = await createConsentStage();
  await connect(stage, (link) => goThrough(link, 'gus@victim.example'));
  const kept = await cli(stage, 'disconnect', '--yes', '--keep', '--json');
  expect(JSON.parse(kept.out)).toMatchObject({ disconnected: true, erased: null });
  const status = await cli(stage, 'status');
  const line = expect.stringMatching(/disconnected {2}the organisation was let go by \S+ /);
  expect([status.code, status.out]).toEqual([4, line]);
  const later = JSON.parse((await cli(stage, 'disconnect', '--yes', '--json')).out);
  expect([later.disconnected, later.erased.dataKeys > 0]).toEqual([false, true]);
});

test('an employee is told who has to do it; nothing is stored, and the exit code says so', async () => {
  await using stage = await createConsentStage();
  const { code, out } = await connect(stage, (link) => goThrough(link, 'eve@victim.example'));
  expect(code).toBe(4);
  expect(out).toContain('not connected  who signed in is no administrator');
  expect(out).toContain('A Privileged Role Administrator or Global Administrator of the organisation');
  expect((await cli(stage, 'secrets', 'list')).out).not.toContain('tenant-id');
});

test('what the directory refuses is said with its code and what to do', async () => {
  await using stage = await createConsentStage();
  stage.admin.entra.setPages(TENANTS.victim, { failures: [90094] });
  const { code, out } = await connect(stage, (link) => goThrough(link, 'gus@victim.example'), '--json');
  expect(code).toBe(4);
  expect(JSON.parse(out)).toMatchObject({
    ...{ connected: false, code: 'directory', said: 'AADSTS90094' },
    remedy: 'A Privileged Role Administrator or Global Administrator must approve.',
  });
});

test('a consent that replicates slowly is waited for', async () => {
  await using stage = await createConsentStage();
  stage.admin.entra.setPages(TENANTS.victim, { lag: { principal: 1, roles: 0 } });
  const { code, out } = await connect(stage, (link) => goThrough(link, 'gus@victim.example'));
  expect([code, out]).toEqual([0, expect.stringContaining('connected  tenant')]);
});

test('the link works once, and nobody comes in without it', async () => {
  await using stage = await createConsentStage();
  const seen: number[] = [];
  const { code } = await connect(stage, async (link) => {
    const [gus, thief] = [createPerson(), createPerson()];
    await gus.open(link);
    seen.push((await thief.open(link)).status);
    seen.push((await thief.open(link.replace(/\?.*/, ''))).status);
    await gus.submit({});
    await gus.submit({ act: 'sign-in', login: 'eve@victim.example', password: PASSWORD });
  });
  expect([code, ...seen]).toEqual([4, 401, 401]);
});

test('nobody comes: it ends at the time that was given', async () => {
  await using stage = await createConsentStage();
  const { code, out } = await connect(stage, async () => {}, '--timeout', '1');
  expect([code, out]).toEqual([4, expect.stringContaining('nobody came to an end within 1 second')]);
});

test('at rest stand neither the tenant ID nor anything of the administrator', async () => {
  await using stage = await createConsentStage();
  await connect(stage, (link) => goThrough(link, 'gus@victim.example'));
  const stored = await textsIn(join(stage.folder, 'data'));
  expect(stored).toContain('tenant.connected');
  const canaries = [TENANTS.victim, TENANTS.victim.replaceAll('-', ''), PASSWORD, 'gus@', 'eyj0exai'];
  expect(canaries.filter((canary) => stored.includes(canary.toLowerCase()))).toEqual([]);
  const tokens = stage.microsoft365.log.entries.flatMap(({ responseBody }) => {
    const body = responseBody as { access_token?: unknown; refresh_token?: unknown } | undefined;
    return [body?.access_token, body?.refresh_token].filter((text) => typeof text === 'string');
  });
  expect(tokens.length).toBeGreaterThan(1);
  expect(tokens.filter((token) => stored.includes(token.toLowerCase()))).toEqual([]);
  expect(stage.microsoft365.log.entries.some(({ url }) => url.includes('offline_access'))).toBe(false);
});
