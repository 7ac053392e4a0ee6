import { activeRoutes } from './documents-active.ts';
import { iso, NOW } from './documents-people.ts';
import { planRoutes } from './documents-plan.ts';
import { profileRoutes } from './documents-profiles.ts';
import { recordRoutes } from './documents-records.ts';
import { setUpRoutes } from './documents-set-up.ts';
import type { FakeRoutes } from './fake-server.ts';

const WAYS = { local: true, providers: [{ name: 'contoso', title: 'Contoso' }], setup: false };

/** Somebody with every right, on an ordinary morning. */
export const SESSION = {
  signedIn: {
    principal: { id: 'u-1', name: 'Ada Lindqvist', role: 'setup', via: 'session' },
    ...{ csrf: 'proof', endsAt: iso(NOW + 36_000_000) },
  },
  ways: WAYS,
};

export const SIGNED_OUT = { signedIn: null, ways: WAYS };

export const ROUTES: FakeRoutes = {
  'GET /session': SESSION,
  ...activeRoutes,
  ...planRoutes,
  ...profileRoutes,
  ...recordRoutes,
  ...setUpRoutes,
};
