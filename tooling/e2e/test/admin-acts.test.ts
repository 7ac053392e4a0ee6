import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdminWorld, adminWorld } from '../src/admin/admin-world.ts';
import { ROUTES, SIGNED_OUT } from '../src/admin/documents.ts';
import { FakeRefusal } from '../src/admin/fake-server.ts';
import { overflow, PHONE, seriousViolations, settled } from '../src/admin/page-world.ts';

// What people do on the page, with the mouse and with the keyboard alone, and what the page says where there is nothing, or
// where it fails.

let world: AdminWorld;

beforeAll(async () => {
  world = await adminWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** What has the focus, by its name; empty: the document itself, between the last thing and the first. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    "document.activeElement === document.body ? '' : (document.activeElement.getAttribute('aria-label') || document.activeElement.textContent || '').trim()",
  );

describe('somebody at the page', () => {
  it('answers a question after reading what it leads to', async () => {
    await using open = await world.open(ROUTES);
    await open.page.goto('/reviews');
    await open.page.getByRole('button', { name: 'Same person' }).click();
    await open.page.getByRole('dialog').getByText('The next sync links them.').waitFor();
    await open.page.getByRole('dialog').getByRole('button', { name: 'Same person' }).click();
    await open.page.getByText('Recorded: Same person').waitFor();
    expect(open.server.acts).toEqual([
      { method: 'POST', path: '/reviews/ccc87f36/decide', body: { answer: 'link' } },
    ]);
  });

  it('assigns a profile to several mailboxes at once', async () => {
    await using open = await world.open(ROUTES);
    await open.page.goto('/mailboxes');
    for (const name of ['ann.archer', 'ben.brown']) {
      await open.page.getByRole('checkbox', { name: `Choose ${name}@contoso.example` }).focus();
      await open.page.keyboard.press('Space');
    }
    const bulk = open.page.getByRole('region', { name: 'With the chosen mailboxes' });
    await bulk.getByRole('button', { name: 'Profile' }).click();
    await open.page.getByRole('option', { name: 'board' }).click();
    await bulk.getByRole('button', { name: 'Assign' }).click();
    await open.page.getByText('2 mailboxes follow board').waitFor();
    expect(open.server.acts).toEqual([
      {
        ...{ method: 'POST', path: '/mailboxes/assign' },
        body: { addresses: ['ann.archer@contoso.example', 'ben.brown@contoso.example'], profile: 'board' },
      },
    ]);
  });

  it('approves a plan by its hash, and follows the work to its end', async () => {
    await using open = await world.open(ROUTES);
    await open.page.goto('/plan/p-1');
    await open.page.getByRole('button', { name: 'Approve and carry out' }).click();
    await open.page.getByRole('dialog').getByRole('button', { name: 'Carry out' }).click();
    await open.page.getByText('The plan was carried out.').waitFor();
    expect(open.server.acts[0]).toMatchObject({
      path: '/plans/p-1/apply',
      body: { hash: `6c9e82197062${'0'.repeat(52)}` },
    });
  });

  it('undoes a run exactly as it was previewed', async () => {
    await using open = await world.open(ROUTES);
    await open.page.goto('/history');
    await open.page.getByRole('button', { name: 'Undo' }).nth(1).click();
    await open.page.getByRole('dialog').getByText('1 change is taken back; 1 stays as it is.').waitFor();
    await open.page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
    await open.page.getByText('Taken back.').waitFor();
    expect(open.server.acts.find(({ path }) => path === '/undo')).toMatchObject({
      path: '/undo',
      body: { mode: 'hold', preview: 'a'.repeat(64) },
    });
  });

  it('lets the organisation go, and keeps what was remembered where asked to', async () => {
    await using open = await world.open({ ...ROUTES, 'POST /connections/disconnect': {} });
    await open.page.goto('/connections');
    await open.page.getByRole('button', { name: 'Disconnect' }).click();
    const dialog = open.page.getByRole('dialog');
    await dialog.getByText('Keep history and undo').click();
    await dialog.getByText('goes on where it stood').waitFor();
    await dialog.getByRole('button', { name: 'Disconnect' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(open.server.acts.find(({ path }) => path === '/connections/disconnect')).toMatchObject({
      body: { confirm: 'disconnect', keep: true },
    });
  });

  it('cannot save fields that lose values, and can once they are mended', async () => {
    await using open = await world.open(ROUTES);
    await open.page.goto('/profiles/sales?tab=contact');
    const pick = async (name: string): Promise<void> => {
      await open.page.getByRole('button', { name: 'First name: property of the CRM' }).click();
      await open.page.getByRole('option', { name }).click();
    };
    await pick('OwnerId');
    await open.page.getByText('firstName: what is written to OwnerId is not kept').waitFor();
    expect(await open.page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await pick('Birthdate');
    await open.page.getByText('Values survive the round trip.').waitFor();
    await open.page.getByRole('button', { name: 'Save' }).click();
    await open.page.getByText('The fields are saved').waitFor();
    const saved = open.server.acts.find(({ method }) => method === 'PUT');
    expect(saved).toMatchObject({
      path: '/mapping/sales',
      body: { rows: [{ field: 'firstName', crm: 'Birthdate' }] },
    });
  });

  it('sees what happens the moment it happens', async () => {
    await using open = await world.open(ROUTES);
    await open.page.goto('/activity');
    await open.page.getByText('Live', { exact: true }).waitFor();
    open.server.tell({
      type: 'run.progress',
      label: 'ann@contoso.example',
      phase: 'write',
      done: 3,
      total: 9,
    } as never);
    await open.page.getByText('3 of 9').waitFor();
    open.server.tell({
      type: 'item',
      at: 1,
      title: 'Maria',
      op: 'create',
      side: 'b',
      linkId: 'l-1',
      fields: [],
    } as never);
    await open.page.getByRole('link', { name: 'Maria created in the CRM' }).waitFor();
    expect(open.trouble).toEqual({ errors: [], refused: [] });
  });
});

describe('the way in', () => {
  it('takes a name and a password, and says what was wrong with them', async () => {
    let isIn = false;
    const refusal = new FakeRefusal(401, { detail: 'Name or password is wrong.', remedy: 'Try again.' });
    const session = () => (isIn ? ROUTES['GET /session'] : SIGNED_OUT);
    const enter = ({ body }: { readonly body: unknown }): unknown => {
      isIn = (body as { readonly password: string }).password === 'the tide comes in';
      return isIn ? {} : refusal;
    };
    await using open = await world.open({ ...ROUTES, 'GET /session': session, 'POST /session': enter });
    await open.page.goto('/');
    expect(await seriousViolations(open.page)).toEqual([]);
    await open.page.getByLabel('Name').fill('Ada');
    await open.page.getByLabel('Password').fill('wrong');
    await open.page.keyboard.press('Enter');
    await open.page.getByRole('alert').getByText('Name or password is wrong.').waitFor();
    await open.page.getByLabel('Password').fill('the tide comes in');
    await open.page.keyboard.press('Enter');
    await open.page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  it('makes the first account by the ticket of the printed link, and takes no password that is easy to guess', async () => {
    const first = { signedIn: null, ways: { local: true, providers: [], setup: true } };
    await using open = await world.open({ ...ROUTES, 'GET /session': first, 'POST /setup': {} });
    const ticket = 'q'.repeat(43);
    await open.page.goto(`/setup#${ticket}`);
    expect(await seriousViolations(open.page)).toEqual([]);
    await open.page.getByLabel('Your name').fill('Ada');
    await open.page.getByLabel('Password').fill('short');
    await open.page.keyboard.press('Enter');
    await open.page.getByText('It needs at least 12 characters and has 5.').waitFor();
    expect(open.server.acts).toEqual([]);
    await open.page.getByLabel('Password').fill('the tide comes in at nine');
    await open.page.keyboard.press('Enter');
    await expect
      .poll(() => open.server.acts)
      .toEqual([
        {
          method: 'POST',
          path: '/setup',
          body: { ticket, name: 'Ada', password: 'the tide comes in at nine' },
        },
      ]);
  });
});

describe('with the keyboard alone', () => {
  it('one skips to the page, walks the pages, opens and leaves menus and dialogs', async () => {
    await using open = await world.open(ROUTES);
    const { page } = open;
    await page.goto('/mailboxes');
    await settled(page);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the page');
    await page.keyboard.press('Enter');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('main');
    const menu = page.getByRole('button', { name: 'What to do with ann.archer@contoso.example' });
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Pause' }).waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe('Pause');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Pause ann.archer@contoso.example' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(open.server.acts).toEqual([]);
    await page.getByRole('link', { name: 'Health' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor();
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('main');
  });

  it('every thing that can be pressed can be reached and is seen to be', async () => {
    await using open = await world.open(ROUTES);
    const { page } = open;
    await page.goto('/history');
    await settled(page);
    const reached = new Set<string>();
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab');
      const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
      const name = await focused(page);
      if (name !== '') expect(outline, `focus is seen on ${name}`).not.toBe('none');
      reached.add(name);
    }
    const named = ['Overview', 'Settings', 'Sign out', 'Undo'];
    expect(named.filter((name) => ![...reached].some((one) => one.startsWith(name)))).toEqual([]);
  });
});

describe('on a phone', () => {
  it('the pages are behind a button, and a table is a list', async () => {
    await using open = await world.open(ROUTES, PHONE);
    const { page } = open;
    await page.goto('/mailboxes');
    await settled(page);
    expect(await overflow(page)).toBe(0);
    await page.getByRole('button', { name: 'Pages' }).click();
    const drawer = page.getByRole('dialog', { name: 'Pages' });
    await drawer.getByRole('link', { name: 'Review' }).click();
    await page.getByRole('heading', { level: 1, name: 'Review' }).waitFor();
    await drawer.waitFor({ state: 'detached' });
    expect(await seriousViolations(page)).toEqual([]);
  });
});

describe('where there is nothing, or where it fails', () => {
  it.each([
    [
      '/reviews',
      'GET /reviews',
      { items: [], total: 0, next: null, counts: {}, unread: null },
      'Nothing to decide',
    ],
    ['/history', 'GET /runs', { items: [] }, 'Nothing has been changed yet'],
    ['/plan', 'GET /plans', { items: [], total: 0, next: null }, 'No plan yet'],
    ['/reach', 'GET /jobs', { items: [], total: 0, next: null }, 'Not proved yet'],
    ['/items?q=nobody', 'GET /items', { items: [], more: false, unasked: null }, 'Nothing is called that'],
  ] as const)('%s says what will be there', async (...[address, route, document, words]) => {
    await using open = await world.open({ ...ROUTES, [route]: document });
    await open.page.goto(address);
    await open.page.getByRole('heading', { name: words }).waitFor();
    expect(await seriousViolations(open.page)).toEqual([]);
  });

  it('the server’s words and remedy are shown, and one can try again', async () => {
    let fails = true;
    const refusal = new FakeRefusal(409, {
      detail: 'Mailboxes and CRM are not connected.',
      remedy: 'Finish the connections first.',
    });
    const runs = () => (fails ? refusal : ROUTES['GET /runs']);
    await using open = await world.open({ ...ROUTES, 'GET /runs': runs });
    await open.page.goto('/history');
    const alert = open.page.getByRole('alert');
    await alert.getByText('Mailboxes and CRM are not connected.').waitFor();
    await alert.getByText('Finish the connections first.').waitFor();
    expect(await seriousViolations(open.page)).toEqual([]);
    fails = false;
    await alert.getByRole('button', { name: 'Try again' }).click();
    await open.page.getByRole('table', { name: 'Runs, latest first' }).waitFor();
  });

  it('a session that ended leads to the way in', async () => {
    let isIn = true;
    const session = () => (isIn ? ROUTES['GET /session'] : SIGNED_OUT);
    const runs = () =>
      isIn ? ROUTES['GET /runs'] : new FakeRefusal(401, { detail: 'Nobody is signed in.' });
    await using open = await world.open({ ...ROUTES, 'GET /session': session, 'GET /runs': runs });
    await open.page.goto('/');
    await settled(open.page);
    isIn = false;
    await open.page.getByRole('link', { name: 'History' }).click();
    await open.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
