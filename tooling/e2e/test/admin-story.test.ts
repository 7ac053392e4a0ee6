import { createSystemClock } from '@tidelock/emulators';
import { type Serving, serve } from '@tidelock/server';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../src/admin/chromium.ts';
import { type BuiltPage, buildPage } from '../src/admin/page-build.ts';
import { DESKTOP, type OpenPage, openPage } from '../src/admin/page-world.ts';
import { createKeyFolder } from '../src/key-folder.ts';
import { range, toOutlook } from '../src/people.ts';
import { createStage, type Stage } from '../src/stage.ts';

// A first day in a real Chromium: the real server, its page, and two emulated services on their own sockets.

const PEOPLE = 5;
const PASSWORD = 'seven green bottles';

let stage: Stage;
let serving: Serving;
let built: BuiltPage;
let browser: Browser;
let open: OpenPage;

beforeAll(async () => {
  stage = await createStage(createSystemClock(), await createKeyFolder(Date.now() - 86_400_000), {
    stateFile: 'tidelock.db',
  });
  stage.writeConfig({
    ...stage.config,
    server: { firstSync: 'approved' },
    schedule: {
      mailbox: { floorSeconds: 1, ceilingSeconds: 2 },
      crm: { floorSeconds: 1, ceilingSeconds: 2 },
    },
  });
  stage.graph.admin.seedContacts(
    stage.people.ann?.mailboxId ?? '',
    range(PEOPLE).map((n) => toOutlook(n)),
  );
  built = await buildPage();
  serving = await serve({
    ...{ configPath: stage.configPath, resolveFrom: import.meta.url, env: {} },
    ...{ role: 'all', host: '127.0.0.1', port: 0, page: built.folder },
  });
  browser = await startChromium();
  open = await openPage(browser, serving.origin, DESKTOP);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await serving?.close();
  await stage?.close();
  await built?.[Symbol.asyncDispose]();
});

const go = (name: string): Promise<void> =>
  open.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();
const heading = (name: string): Promise<void> => open.page.getByRole('heading', { level: 1, name }).waitFor();

/** One chapter after the other, in one browser: each goes on where the one before it ended. */
describe('an administrator', { timeout: 90_000 }, () => {
  it('makes the first account by the printed link', async () => {
    const { page } = open;
    await page.goto(serving.invitation?.link ?? '');
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Make the first account' }).click();
    await heading('Overview');
  });

  it('tries the connection to the CRM', async () => {
    await go('Connections');
    await open.page.getByRole('button', { name: 'Try it' }).click();
    await open.page.getByRole('heading', { name: 'CRM done' }).waitFor();
  });

  it('proves what the app reaches, and sees who takes part', async () => {
    await go('Reach');
    await open.page.getByRole('button', { name: 'Prove it now' }).click();
    await open.page.getByRole('table', { name: 'Which mailboxes the app reaches' }).waitFor();
    await go('Mailboxes');
    await open.page
      .getByRole('rowheader')
      .getByText(stage.people.ann?.address ?? '')
      .waitFor();
  });

  it('looks at the plan before anything is written, approves it, and watches it', async () => {
    const { page } = open;
    await go('Plan');
    await page.getByRole('button', { name: 'Make a plan' }).click();
    await heading('Plan preview');
    await page.getByText('No e-mail would leave.').waitFor();
    await page.getByRole('heading', { name: 'Create in the CRM' }).waitFor();
    expect(stage.crm.records(), 'nothing is written before').toEqual([]);
    await page.getByRole('button', { name: 'Approve and carry out' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Carry out' }).click();
    await page.getByText('The plan was carried out.').waitFor();
    expect(stage.crm.records()).toHaveLength(PEOPLE);
  });

  it('changes the key, and both work', async () => {
    const { page } = open;
    await go('Health');
    await page.getByRole('button', { name: 'Change the key' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make a new key' }).click();
    await page.getByText('What is to be done now').waitFor();
    await page.getByText('tried after it').waitFor();
  });

  it('finds all of it in the audit trail, and nothing that the page tripped over', async () => {
    const { page, trouble } = open;
    await go('Audit trail');
    await page.getByRole('table', { name: 'Acts of administrators, latest first' }).waitFor();
    expect(await page.getByRole('cell', { name: 'Ada', exact: true }).count()).toBeGreaterThan(2);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading('Sign in');
    expect(trouble).toEqual({ errors: [], refused: [] });
  });
});
