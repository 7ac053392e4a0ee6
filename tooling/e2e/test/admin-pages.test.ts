import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdminWorld, adminWorld, type OpenAdmin } from '../src/admin/admin-world.ts';
import { ROUTES } from '../src/admin/documents.ts';
import { LIVE } from '../src/admin/documents-active.ts';
import { DESKTOP, overflow, PHONE, seriousViolations, settled } from '../src/admin/page-world.ts';
import { PAGES } from '../src/admin/pages.ts';

// Every page in a real Chromium, under the server's own content security policy. SCREENS=write keeps pictures for docs/admin.md.

const pictures = fileURLToPath(new URL('../../../docs/admin/', import.meta.url));
const writes = process.env.SCREENS === 'write';

let world: AdminWorld;
let open: OpenAdmin;

beforeAll(async () => {
  world = await adminWorld();
  open = await world.open(ROUTES);
  if (writes) mkdirSync(pictures, { recursive: true });
});

afterAll(async () => {
  await open?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

async function show(address: string): Promise<void> {
  await open.page.goto(address);
  await settled(open.page);
  for (const event of LIVE) open.server.tell(event);
  // Events are gathered for a moment before they are shown.
  await open.page.waitForTimeout(300);
  await open.page.evaluate('document.fonts.ready.then(() => true)');
}

async function picture(name: string, scheme: string): Promise<void> {
  if (writes)
    await open.page.screenshot({ path: `${pictures}${name}-${scheme}.jpg`, type: 'jpeg', quality: 84 });
}

describe('every page', () => {
  it.each(Object.entries(PAGES))('%s is well made: light, dark, and on a phone', async (name, address) => {
    const { page, trouble } = open;
    await page.setViewportSize(DESKTOP);
    await show(address);
    expect(await page.locator('h1').count(), 'one heading of the first level').toBe(1);
    expect(
      await page.evaluate<number>('window.tidelockShift'),
      'what moved while it was loaded',
    ).toBeLessThan(0.1);
    await picture(name, 'light');
    expect(await seriousViolations(page), 'what axe finds serious').toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await picture(name, 'dark');
    expect(await seriousViolations(page, 'color-contrast'), 'what cannot be read in the dark').toEqual([]);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    expect(await overflow(page), 'wider than 1280 px').toBe(0);
    await page.setViewportSize(PHONE);
    expect(await overflow(page), 'wider than a phone').toBe(0);
    expect(trouble, 'errors of the page, and what the policy refused').toEqual({ errors: [], refused: [] });
    expect(open.server.unknown, 'addresses of the API that there are not').toEqual([]);
  });

  it('is looked at by an axe that finds something where there is something', async () => {
    await open.page.setViewportSize(DESKTOP);
    await show('/settings');
    await open.page.evaluate(
      "document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=\"/assets/none.png\">')",
    );
    expect((await seriousViolations(open.page)).map(({ id }) => id)).toContain('image-alt');
  });
});
