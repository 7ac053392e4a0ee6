import type { Browser } from 'playwright-core';
import { startChromium } from './chromium.ts';
import { NOW } from './documents-people.ts';
import { type FakeRoutes, type FakeServer, startFakeServer } from './fake-server.ts';
import { type BuiltPage, buildPage } from './page-build.ts';
import { DESKTOP, type Look, type OpenPage, openPage } from './page-world.ts';

export interface AdminWorld extends AsyncDisposable {
  /** The page with these documents behind it, in a browser of its own, on the morning of the documents. */
  open(routes: FakeRoutes, look?: Look): Promise<OpenAdmin>;
}

export interface OpenAdmin extends OpenPage, AsyncDisposable {
  readonly server: FakeServer;
}

/** The page as it would be published, and a Chromium to look at it. */
export async function adminWorld(): Promise<AdminWorld> {
  const built: BuiltPage = await buildPage();
  const browser: Browser = await startChromium();
  return {
    async open(routes, look = DESKTOP) {
      const server = await startFakeServer(built.folder, routes);
      const opened = await openPage(browser, server.origin, look);
      await opened.page.clock.setFixedTime(NOW);
      return {
        ...opened,
        server,
        async [Symbol.asyncDispose]() {
          await opened.context.close();
          await server[Symbol.asyncDispose]();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await built[Symbol.asyncDispose]();
    },
  };
}
