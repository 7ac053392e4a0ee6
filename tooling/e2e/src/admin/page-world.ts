import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** A page of this machine's own server is there long before; a test that waits for longer waits for nothing. */
const PATIENCE_MS = 20_000;

export type Scheme = 'light' | 'dark';
export interface Look {
  readonly scheme: Scheme;
  readonly width: number;
  readonly height: number;
}

export const DESKTOP: Look = { scheme: 'light', width: 1280, height: 860 };
export const PHONE: Look = { scheme: 'light', width: 390, height: 844 };

/** What a page must not do: noted while it is open. */
export interface Trouble {
  /** Uncaught errors and lines of the console that are errors. */
  readonly errors: string[];
  /** What the content security policy refused. */
  readonly refused: string[];
}

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly trouble: Trouble;
}

const NOTE_REFUSALS = `document.addEventListener('securitypolicyviolation', (event) => {
  console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + (event.sourceFile || ''));
});`;

/** What moved on the screen without anybody's doing: the browser's own measure, summed up. */
const SUM_SHIFTS = `window.tidelockShift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.tidelockShift += entry.value;
}).observe({ type: 'layout-shift', buffered: true });`;

/** The page has its heading and nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}

export async function openPage(browser: Browser, origin: string, look: Look): Promise<OpenPage> {
  const { scheme, width, height } = look;
  const context = await browser.newContext({
    baseURL: origin,
    colorScheme: scheme,
    reducedMotion: 'reduce',
    viewport: { width, height },
    locale: 'en-GB',
    timezoneId: 'Europe/London',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.addInitScript(NOTE_REFUSALS);
  await page.addInitScript(SUM_SHIFTS);
  const trouble: Trouble = { errors: [], refused: [] };
  page.on('pageerror', (error) => trouble.errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const text = message.text();
    if (/content security policy|^policy: /i.test(text)) trouble.refused.push(text);
    else trouble.errors.push(text);
  });
  return { page, context, trouble };
}

export interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly where: readonly string[];
}

/** What axe finds serious or critical, with where. Its script goes in through the debugger, which no policy concerns. */
export async function seriousViolations(page: Page, only?: string): Promise<readonly Violation[]> {
  const isThere = await page.evaluate<boolean>("typeof axe === 'object'");
  if (!isThere) await page.evaluate(axe.source);
  const options = { resultTypes: ['violations'], ...(only === undefined ? {} : { runOnly: [only] }) };
  const found = await page.evaluate<axe.AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => ({
      id,
      impact: impact ?? '',
      where: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
    }));
}

/** Pixels by which the page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>(
    'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
  );
