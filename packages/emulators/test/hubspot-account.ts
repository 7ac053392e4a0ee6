import { createHubSpot, type HubSpot, type HubSpotApp, type HubSpotOptions } from '../src/hubspot/index.ts';
import { createManualClock, type ManualClock } from '../src/kit/index.ts';

export const START = Date.parse('2026-08-01T06:00:00.250Z');
export const ORIGIN = 'https://api.hubapi.com';
export const CONTACTS = '/crm/v3/objects/contacts';

/** What JSON.parse gives: the tests assert its shape. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export interface TestAccount {
  readonly hubspot: HubSpot;
  readonly clock: ManualClock;
  readonly app: HubSpotApp;
  send(
    method: string,
    path: string,
    more?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  /** Creates one contact through the API; its id. */
  contact(properties: Record<string, string>): Promise<string>;
  /** Moves on until searches show everything. */
  indexed(): void;
}

/** An account with a private app that may do everything, and the unique property that keeps stamps. */
export function createTestAccount(options: Partial<HubSpotOptions> = {}): TestAccount {
  const clock = createManualClock(START);
  const hubspot = createHubSpot({ clock, seed: 7, ...options });
  const app = hubspot.admin.createPrivateApp({ name: 'Tidelock' });
  hubspot.admin.addProperty('contacts', { name: 'tidelock_key', hasUniqueValue: true });
  const account: TestAccount = {
    hubspot,
    clock,
    app,
    async send(method, path, { body, headers } = {}) {
      const init: RequestInit = { method, headers: { authorization: `Bearer ${app.token}`, ...headers } };
      if (body !== undefined) {
        init.body = typeof body === 'string' ? body : JSON.stringify(body);
        init.headers = { 'content-type': 'application/json', ...init.headers };
      }
      const response = await hubspot.fetch(new Request(ORIGIN + path, init));
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
    },
    get: (path) => account.send('GET', path),
    post: (path, body) => account.send('POST', path, { body }),
    async contact(properties) {
      const { status, body } = await account.post(CONTACTS, { properties });
      if (status !== 201) throw new Error(`the contact was refused: ${JSON.stringify(body)}`);
      return body.id;
    },
    indexed: () => clock.advance(hubspot.admin.settings.searchLagMs),
  };
  return account;
}
