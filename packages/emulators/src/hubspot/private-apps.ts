import type { Random } from '../kit/index.ts';

export const ALL_SCOPES = [
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.objects.owners.read',
  'crm.schemas.contacts.read',
  'crm.schemas.contacts.write',
] as const;

export interface PrivateApp {
  readonly appId: number;
  readonly name: string;
  /** What the bearer of it may do; no expiry. */
  readonly token: string;
  /** Signs webhooks. */
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

export interface PrivateApps {
  create(app: { readonly name: string; readonly scopes?: readonly string[] }): PrivateApp;
  /** Makes a new token; the old one ends at once, as when somebody rotates and expires it. */
  rotate(appId: number): PrivateApp;
  setScopes(appId: number, scopes: readonly string[]): void;
  byToken(token: string): PrivateApp | undefined;
  get(appId: number): PrivateApp | undefined;
}

export function createPrivateApps(random: Random): PrivateApps {
  const apps = new Map<number, PrivateApp>();
  const change = (appId: number, more: Partial<PrivateApp>): PrivateApp => {
    const app = apps.get(appId);
    if (app === undefined) throw new Error(`no private app ${appId}`);
    const next = { ...app, ...more };
    apps.set(appId, next);
    return next;
  };
  const newToken = (): string => `pat-eu1-${random.uuid()}`;
  return {
    create({ name, scopes = ALL_SCOPES }) {
      const appId = 100_000 + random.int(900_000);
      const app = { appId, name, token: newToken(), clientSecret: random.uuid(), scopes };
      apps.set(appId, app);
      return app;
    },
    rotate: (appId) => change(appId, { token: newToken() }),
    setScopes: (appId, scopes) => void change(appId, { scopes }),
    byToken: (token) => [...apps.values()].find((app) => app.token === token),
    get: (appId) => apps.get(appId),
  };
}
