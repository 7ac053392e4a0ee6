import { activeRoutes } from './documents-active.ts';
import { planRoutes } from './documents-plan.ts';
import { profileRoutes } from './documents-profiles.ts';
import { recordRoutes } from './documents-records.ts';
import { setUpRoutes } from './documents-set-up.ts';
import type { FakeRoutes } from './fake-server.ts';

/** Somebody with every right, on an ordinary morning. */
export const SESSION = {
  principal: { id: 'u-1', name: 'Ada Lindqvist', role: 'setup' },
  csrf: 'proof',
  ways: { local: true, oidc: { label: 'Contoso' } },
  setupOpen: false,
};

export const ROUTES: FakeRoutes = {
  'GET /session': SESSION,
  ...activeRoutes,
  ...planRoutes,
  ...profileRoutes,
  ...recordRoutes,
  ...setUpRoutes,
};
