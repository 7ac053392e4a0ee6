import {
  createExchangeLog,
  createFaults,
  createRandom,
  type EmulatorClock,
  type ExchangeLog,
  type Faults,
  type ListenOptions,
  listen,
  type ServedOverTls,
  watchMail,
} from '../kit/index.ts';
import { type Admin, createAdmin } from './admin.ts';
import { createApiServer } from './api-server.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { createPageServer } from './page.ts';
import { createPortal, type PortalSettings } from './portal.ts';
import { createPrivateApps } from './private-apps.ts';
import { createRateLimits } from './rate-limits.ts';
import { createWebhooks, type Webhooks } from './webhooks.ts';

export interface HubSpotOptions {
  readonly clock: EmulatorClock;
  readonly seed: number;
  /** Start values of the switches in `admin.settings`. */
  readonly settings?: Partial<PortalSettings>;
  readonly accountName?: string;
  /** Carries webhooks to their receiver. Default: the machine's `fetch`. */
  readonly send?: (request: Request) => Promise<Response>;
}

export interface HubSpot {
  /** Answers in process what the sockets answer. Rejects with LostAnswer when the connection must drop. */
  fetch(request: Request): Promise<Response>;
  listen(options?: ListenOptions): Promise<ServedOverTls>;
  readonly faults: Faults;
  readonly log: ExchangeLog;
  readonly oracle: Oracle;
  readonly admin: Admin;
  readonly webhooks: Webhooks;
  readonly clock: EmulatorClock;
}

const DEFAULTS: PortalSettings = {
  searchLagMs: 3_000,
  requestsPerTenSeconds: 190,
  searchesPerSecond: 5,
  requestsPerDay: 625_000,
  mergeId: 'new',
  uniqueRefusal: 'conflict',
};

/** Marketing and transactional mail, and conversations. */
const SENDS_MAIL =
  /\/(marketing|transactional|conversations|automation)(\/|$)|objects\/(emails|communications)(\/|$)/i;

/**
 * One HubSpot account with contacts, meetings, properties, owners and associations at wire level.
 * Named faults: `expired-token`; `record-error` (data: {status, category, message}; path rule against `contacts/<id>`
 * or `contacts/new`, one hit per record); `locked` (a batch answers 423); `missing-result` (a batch leaves one result
 * out without an error); `endless-pages` (a search names its own page as the next).
 */
export function createHubSpot(options: HubSpotOptions): HubSpot {
  const { clock } = options;
  const random = createRandom(options.seed);
  const faults = createFaults();
  const log = createExchangeLog();
  const settings: PortalSettings = { ...DEFAULTS, ...options.settings };
  const portal = createPortal({ clock, random, faults, settings });
  const apps = createPrivateApps(random);
  const limits = createRateLimits(settings);
  const webhooks = createWebhooks({ portal, apps, send: options.send ?? ((request) => fetch(request)) });
  const admin = createAdmin({ portal, apps, webhooks });
  const api = createApiServer({ portal, apps, limits, faults, log });
  const mailRequests = watchMail(log, SENDS_MAIL);
  const page = createPageServer({ portal, admin, title: options.accountName ?? 'Emulated account' });

  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    return pathname === '/' || pathname.startsWith('/_emulator/') ? await page(request) : await api(request);
  };
  return {
    fetch: answer,
    listen: (options) => listen(answer, options),
    faults,
    log,
    oracle: { ...createOracle(portal, limits), mailRequests },
    admin,
    webhooks,
    clock,
  };
}
