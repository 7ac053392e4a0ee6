import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdminWorld, adminWorld, type OpenAdmin } from '../src/admin/admin-world.ts';
import { ROUTES } from '../src/admin/documents.ts';
import { LIVE } from '../src/admin/documents-active.ts';
import { DESKTOP, overflow, PHONE, seriousViolations, settled } from '../src/admin/page-world.ts';
import { PAGES } from '../src/admin/pages.ts';

// Every page in a real Chromium, under the server's own content security policy, over documents with everything that can stand on it.

let world: AdminWorld;
let open: OpenAdmin;

beforeAll(async () => {
  world = await adminWorld();
  open = await world.open(ROUTES);
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

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

describe('every page', () => {
  it('is looked at here, and has its pictures in the documentation', () => {
    const routes = readFileSync(at('apps/admin/src/routes.tsx'), 'utf8');
    const paths = [...routes.matchAll(/path="([^"]+)"/g)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(15);
    const shown = Object.values(PAGES).map((address) => address.replace(/\?.*/, ''));
    const fits = (path: string, address: string): boolean =>
      new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`).test(address);
    // These two are answered before anybody is signed in.
    const inside = paths.filter((path) => path !== '/setup' && path !== '/password');
    expect(inside.filter((path) => !shown.some((address) => fits(path, address)))).toEqual([]);
    const pictures = [...Object.keys(PAGES), 'setup', 'password', 'sign-in'].flatMap((name) => [
      `docs/admin/${name}-light.jpg`,
      `docs/admin/${name}-dark.jpg`,
    ]);
    expect(pictures.filter((path) => !existsSync(at(path)))).toEqual([]);
  });

  it.each(Object.entries(PAGES))('%s is well made: light, dark, and on a phone', async (_name, address) => {
    const { page, trouble } = open;
    await page.setViewportSize(DESKTOP);
    await show(address);
    expect(await page.locator('h1').count(), 'one heading of the first level').toBe(1);
    expect(
      await page.evaluate<number>('window.tidelockShift'),
      'what moved while it was loaded',
    ).toBeLessThan(0.1);
    expect(await seriousViolations(page), 'what axe finds serious').toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
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
