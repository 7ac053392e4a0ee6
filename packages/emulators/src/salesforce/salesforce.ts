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
import { type Admin, createAdmin, putSystemRow } from './admin.ts';
import { createApiServer } from './api-server.ts';
import { createApiUsage } from './api-usage.ts';
import { createConnectedApps } from './connected-apps.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { createOrg, type OrgSettings } from './org.ts';
import { createPageServer } from './page.ts';
import { createQueryCursors } from './query-cursors.ts';
import { createSessions } from './sessions.ts';

export interface SalesforceOptions {
  readonly clock: EmulatorClock;
  readonly seed: number;
  /** Start values of the switches in `admin.settings`. */
  readonly settings?: Partial<OrgSettings>;
  /** Accepted `aud` of JWT assertions besides the origin called. Default: login host and instance. */
  readonly audiences?: readonly string[];
  readonly loginOrigin?: string;
  /** `instance_url` of token replies in process; over a socket it is the socket's origin. */
  readonly instanceOrigin?: string;
  /** Tolerance on `exp` of assertions, in ms. Default 30 s. */
  readonly clockSkewMs?: number;
  readonly orgName?: string;
}

export interface Salesforce {
  /** Answers in process what the sockets answer. Rejects with LostAnswer when the connection must drop. */
  fetch(request: Request): Promise<Response>;
  listen(options?: ListenOptions): Promise<ServedOverTls>;
  readonly faults: Faults;
  readonly log: ExchangeLog;
  readonly oracle: Oracle;
  readonly admin: Admin;
  readonly clock: EmulatorClock;
}

/** The e-mail actions, messages, and whatever posts to people's feeds, which mails them. */
const SENDS_MAIL =
  /\/(actions\/(standard\/(email\w*|chatterPost)|custom\/emailAlert)|sobjects\/(EmailMessage|FeedItem|FeedComment|CaseComment)|chatter)(\/|\?|$)/i;

const DEFAULTS: OrgSettings = {
  duplicateRule: 'off',
  multiDayEvents: true,
  commitLagMs: 0,
  apiCommitLagMs: 0,
  dailyApiRequests: 15_000,
  concurrentLongCalls: 25,
  sessionTimeoutMs: 2 * 60 * 60 * 1000,
  sessionMaxCalls: undefined,
};

/**
 * One Salesforce org with contacts, leads, accounts, users and their events at wire level.
 * Named faults: `expired-session` (data: message), `unable-to-lock-row` and `record-error` (data: {errorCode, message};
 * path rule against `Contact/<id>` or `Contact/new`, one hit per record), `empty-query` (200 without rows), `endless-pages`, `expired-locator`.
 */
export function createSalesforce(options: SalesforceOptions): Salesforce {
  const { clock } = options;
  const faults = createFaults();
  const log = createExchangeLog();
  const settings: OrgSettings = { ...DEFAULTS, ...options.settings };
  const org = createOrg({ clock, random: createRandom(options.seed), faults, settings });
  const name = options.orgName ?? 'Emulated Org';
  putSystemRow(org, 'Organization', {
    Name: name,
    Country: 'GB',
    TimeZoneSidKey: 'Europe/London',
    DefaultLocaleSidKey: 'en_GB',
    LanguageLocaleKey: 'en_US',
    OrganizationType: 'Developer Edition',
    InstanceName: 'EMU1',
    IsSandbox: false,
  });
  const apps = createConnectedApps();
  const sessions = createSessions(org);
  const usage = createApiUsage(settings);
  const admin = createAdmin({ org, apps, sessions });
  const oracle: Oracle = { ...createOracle(org, usage), mailRequests: watchMail(log, SENDS_MAIL) };
  const loginOrigin = options.loginOrigin ?? 'https://login.salesforce.com';
  const instanceOrigin = options.instanceOrigin ?? 'https://emulated.my.salesforce.com';
  const audiences = options.audiences ?? [loginOrigin, instanceOrigin];
  const oauth = {
    org,
    apps,
    sessions,
    audiences,
    loginOrigin,
    instanceOrigin,
    clockSkewMs: options.clockSkewMs ?? 30_000,
  };
  const api = createApiServer({ org, oauth, usage, cursors: createQueryCursors(org), faults, log });
  const page = createPageServer({ org, admin, title: name });

  const fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    return pathname === '/' || pathname.startsWith('/_emulator/') ? await page(request) : await api(request);
  };
  return {
    fetch,
    listen: (options) => listen(fetch, options),
    faults,
    log,
    oracle,
    admin,
    clock,
  };
}
