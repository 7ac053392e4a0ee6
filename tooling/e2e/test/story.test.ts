import { mkdirSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startChromium } from '../src/admin/chromium.ts';
import { DESKTOP, type OpenPage, openPage, seriousViolations, settled } from '../src/admin/page-world.ts';
import { type Demo, openDemo } from '../src/demo/demo-process.ts';
import { openServicePages, type ServicePages } from '../src/demo/service-pages.ts';

// What a newcomer sees: `npm run demo`, its printed link, and from there on nothing but pages. SCREENS=write keeps pictures of the
// real pages for docs/admin.md; SCREENS=<folder> puts them there, as PNG.

vi.setConfig({ testTimeout: 600_000, hookTimeout: 240_000 });

const PASSWORD = 'seven green bottles';
const ADMINISTRATOR = 'anna@tidelock.example';
/** In Anna's mailbox and in the CRM, without any doubt. */
const PERSON = 'Adelita Grijalva';
/** In both as well, and doubtful. */
const DOUBTFUL = 'Russell Fry';
/** From a click on Save in one service to the sight of it in the other. */
const BOUND_MS = 2_000;

/** Here a whole first sync runs beside the page, on a machine that may do other things as well. */
const PATIENCE_MS = 180_000;

const { SCREENS = '' } = process.env;
const folder =
  SCREENS === 'write' ? fileURLToPath(new URL('../../../docs/admin/', import.meta.url)) : SCREENS;

let demo: Demo;
let browser: Browser;
let open: OpenPage;
let services: ServicePages;

beforeAll(async () => {
  if (folder !== '') mkdirSync(folder, { recursive: true });
  [demo, browser] = await Promise.all([openDemo({ page: true }), startChromium()]);
  open = await openPage(browser, demo.link.origin, DESKTOP);
  open.context.setDefaultTimeout(PATIENCE_MS);
});
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

const go = (name: string): Promise<void> =>
  open.page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
const heading = (name: string): Promise<void> =>
  open.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
const press = (name: string): Promise<void> => open.page.getByRole('button', { name, exact: true }).click();
const answerDialog = (name: string): Promise<void> =>
  open.page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

async function picture(name: string, page: Page): Promise<void> {
  const path = `${folder}/${name}`;
  if (SCREENS === 'write') await page.screenshot({ path: `${path}.jpg`, type: 'jpeg', quality: 84 });
  else if (folder !== '') await page.screenshot({ path: `${path}.png` });
}

/** Well made in light and in the dark, with what really stands on it. */
async function judge(name: string, page: Page = open.page): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => true)');
  await picture(`${name}-light`, page);
  expect(await seriousViolations(page), `${name}: what axe finds serious`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await picture(`${name}-dark`, page);
  const dark = await seriousViolations(page, 'color-contrast');
  expect(dark, `${name}: what cannot be read in the dark`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

/** What a figure of the overview says. */
async function figure(label: string): Promise<number> {
  const text = (await open.page.locator('main').textContent()) ?? '';
  return Number(new RegExp(`${label}\\s*([\\d,]+)`).exec(text)?.[1]?.replaceAll(',', '') ?? Number.NaN);
}

/** One chapter after the other, in one browser: each goes on where the one before it ended. */
describe('a newcomer', () => {
  it('makes the first account by the printed link', async () => {
    const { page } = open;
    await page.goto(demo.link.href);
    await heading('Welcome');
    await judge('setup');
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Password').fill(PASSWORD);
    await press('Make the first account');
    await page.getByRole('heading', { name: 'Not connected yet' }).waitFor();
  });

  it('connects: an administrator signs in at the directory’s own pages, consents, and comes back', async () => {
    const { page } = open;
    await go('Connections');
    await page.getByRole('link', { name: 'Connect Microsoft 365', exact: true }).click();
    await heading('Connect Tidelock');
    await judge('consent');
    await press('Connect');
    await page.getByLabel('Account').fill(ADMINISTRATOR);
    await press('Sign in');
    await heading('Permissions requested');
    await press('Accept');
    await heading('Connected');
    await judge('consented');
    await page.getByRole('link', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: 'Microsoft 365 done' }).waitFor();
    await press('Try it');
    await page.getByRole('heading', { name: 'CRM done' }).waitFor();
  });

  it('chooses mailboxes', async () => {
    const { page } = open;
    await go('Mailboxes');
    await press('Show the whole directory');
    for (const name of ['anna', 'ben']) {
      await page.getByRole('checkbox', { name: `Choose ${name}@tidelock.example` }).focus();
      await page.keyboard.press('Space');
    }
    const bulk = page.getByRole('region', { name: 'With the chosen mailboxes' });
    await bulk.getByRole('button', { name: 'Profile' }).click();
    await page.getByRole('option', { name: 'demo' }).click();
    await bulk.getByRole('button', { name: 'Assign' }).click();
    await page.getByText('2 mailboxes follow demo').waitFor();
    await go('Overview');
    await page.getByText('4 mailboxes wait for the first plan').waitFor();
    await page.getByRole('link', { name: 'Open plan' }).click();
  });

  it('looks at the plan, approves it, and watches it flow, without a reload', async () => {
    const { page } = open;
    await press('Make a plan');
    await heading('Plan preview');
    await page.getByText('No e-mail would leave.').waitFor();
    await page.getByRole('heading', { name: 'Link, as one person on both sides' }).waitFor();
    await press('Approve and carry out');
    await answerDialog('Carry out');
    await page.getByRole('heading', { name: 'It is being carried out' }).waitFor();
    await page.evaluate('window.tidelockSamePage = true');
    await go('Activity');
    await page.getByText('Live', { exact: true }).waitFor();
    await page
      .getByRole('link', { name: /created in the CRM$/ })
      .first()
      .waitFor();
    await page.getByText('Carrying out the plan: done').waitFor();
    expect(await page.evaluate('window.tidelockSamePage')).toBe(true);
  });

  it(`sees in the CRM what somebody writes in Outlook, within ${BOUND_MS / 1000} seconds`, async () => {
    const { page, context } = open;
    await go('Overview');
    // The first sync is over once nothing waits but what only a person can answer.
    await expect.poll(() => figure('Waiting'), { timeout: PATIENCE_MS, interval: 200 }).toBeLessThan(5);
    services = await openServicePages(context, demo, PERSON);
    const took: number[] = [];
    for (const title of ['Ranking Member', 'Vice Chair', 'Committee Chair'])
      took.push(await services.retitle(title));
    writeSync(1, `from Save in Outlook to the sight of it in the CRM: ${took.join(', ')} ms\n`);
    expect(took.toSorted((x, y) => x - y)[1], `the middle one of ${took.join(', ')} ms`).toBeLessThan(
      BOUND_MS,
    );
    await page.bringToFront();
  });

  it('answers a question after seeing both records', async () => {
    const { page } = open;
    await go('Review');
    const question = page.getByRole('listitem').filter({ hasText: DOUBTFUL }).first();
    await question.getByRole('button', { name: 'Show side by side' }).click();
    await question.getByRole('table', { name: 'The records side by side' }).waitFor();
    await judge('review');
    await question.getByRole('button', { name: 'Same person' }).click();
    await answerDialog('Same person');
    await page.getByText('Recorded: Same person').waitFor();
    await go('History');
    await page.getByRole('row').filter({ hasText: '1 linked' }).waitFor();
  });

  it('takes a run back, and resumes the mailbox that rests after it', async () => {
    const { page } = open;
    const runs = page.getByRole('row').filter({ hasText: ADMINISTRATOR }).filter({ hasText: '1 changed' });
    // The newest is the answer's; the one before it was the last edit in Outlook.
    await runs.filter({ hasNotText: 'linked' }).first().getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('dialog').getByText('1 change is taken back').waitFor();
    await answerDialog('Take it back');
    await page.getByText('Taken back.').waitFor();
    await services.shown('Vice Chair');
    await go('Overview');
    await page.getByText('1 mailbox is paused').waitFor();
    await page.getByRole('link', { name: 'Open mailboxes' }).click();
    await page.getByRole('button', { name: `What to do with ${ADMINISTRATOR}` }).click();
    await page.getByRole('menuitem', { name: 'Resume' }).click();
    await answerDialog('Resume');
    await page.getByText(`${ADMINISTRATOR} resumed`).waitFor();
  });

  it('changes the key, and both work', async () => {
    const { page } = open;
    await go('Health');
    await press('Change the key');
    await answerDialog('Make a new key');
    await page.getByText('What is to be done now').waitFor();
    await page.getByText('tried after it').waitFor();
  });

  it('invites a colleague, who chooses a password by a link of their own, once, and may only look', async () => {
    const { page } = open;
    await go('Users');
    await press('Add a user');
    await page.getByRole('dialog').getByLabel('Name').fill('Grace');
    await answerDialog('Add');
    const link = (await page.getByRole('dialog').locator('code').textContent()) ?? '';
    await answerDialog('I have it');
    const colleague = await openPage(browser, demo.link.origin, DESKTOP);
    colleague.context.setDefaultTimeout(PATIENCE_MS);
    await colleague.page.goto(link);
    await colleague.page.getByRole('heading', { level: 1, name: 'Choose a password' }).waitFor();
    await judge('password', colleague.page);
    await colleague.page.getByLabel('Password').fill('nine purple bottles');
    await colleague.page.getByRole('button', { name: 'Choose this password' }).click();
    await colleague.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await colleague.page.goto('/mailboxes');
    await settled(colleague.page);
    expect(await colleague.page.getByText('Show the whole directory').count()).toBe(0);
    expect(colleague.trouble).toEqual({ errors: [], refused: [] });
    await colleague.context.close();
    const late = await openPage(browser, demo.link.origin, DESKTOP);
    await late.page.goto(link);
    await late.page.getByLabel('Password').fill('nine orange bottles');
    await late.page.keyboard.press('Enter');
    await late.page.getByRole('alert').waitFor();
    await late.context.close();
  });

  it('finds every page well made, with what has really happened on it', async () => {
    const { page } = open;
    await proveReach(page);
    for (const [name, address] of Object.entries(await realPages(page))) {
      await page.goto(address);
      await settled(page);
      await judge(name);
    }
  });

  it('runs no script that was written into the page, and stands in nobody’s frame', async () => {
    const page = await open.context.newPage();
    await page.goto(demo.link.origin);
    await page.evaluate(`document.body.append(Object.assign(document.createElement('script'), {
      textContent: 'window.tidelockWritten = true',
    }))`);
    expect(await page.evaluate('window.tidelockWritten')).toBeUndefined();
    await page.close();
    const { crm } = services;
    await crm.evaluate(`new Promise((resolve) => document.body.append(Object.assign(document.createElement('iframe'), {
      src: ${JSON.stringify(demo.link.origin)},
      onload: resolve,
    })))`);
    expect(crm.frames().map((frame) => frame.url())).toContain('chrome-error://chromewebdata/');
  });

  it('signs out, and the page tripped over nothing on the way', async () => {
    const { page, trouble } = open;
    await page.goto('/');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading('Sign in');
    await judge('sign-in');
    expect(trouble).toEqual({ errors: [], refused: [] });
    await browser.close();
    expect(await demo.stop()).toBe(0);
  });
});

async function proveReach(page: Page): Promise<void> {
  await go('Reach');
  await press('Prove it now');
  await page.getByRole('table', { name: 'Which mailboxes the app reaches' }).waitFor();
}

const firstLink = async (page: Page, address: string, prefix: string): Promise<string> => {
  await page.goto(address);
  const href = await page.locator(`main a[href^="${prefix}"]`).first().getAttribute('href');
  return href ?? address;
};

/** Every page but those before the sign-in and the one of a question, by the name of its picture. */
async function realPages(page: Page): Promise<Readonly<Record<string, string>>> {
  return {
    ...{ overview: '/', activity: '/activity', health: '/health', connections: '/connections' },
    ...{ reach: '/reach', mailboxes: '/mailboxes', profiles: '/profiles', profile: '/profiles/demo' },
    ...{ mapping: '/profiles/demo?tab=contact', plans: '/plan', history: '/history', audit: '/audit' },
    ...{ users: '/users', settings: '/settings', 'no-such-page': '/nowhere' },
    'find-a-record': '/items?q=Grijalva',
    record: await firstLink(page, '/items?q=Grijalva', '/items/'),
    run: await firstLink(page, '/history', '/history/'),
    plan: await firstLink(page, '/plan', '/plan/'),
  };
}
